// Filters lists, and draws parts of the estate's picture. The page is complete without it.
(function () {
  'use strict';
  document.documentElement.classList.add('with-script');
  const $ = (id) => document.getElementById(id);
  const SVG = 'http://www.w3.org/2000/svg';
  const estate = JSON.parse($('estate').textContent);
  const KINDS = { w: 'world', s: 'service', d: 'database', i: 'infrastructure', c: 'channel' };
  const nodes = estate.nodes.map((one, at) => ({ at, id: one[0], kind: KINDS[one[0][0]], name: one[1], groups: one[2], detail: one[3] || '', out: [], into: [] }));
  const edges = estate.edges.map((one) => ({ from: nodes[one[0]], to: nodes[one[1]], kind: ['call', 'message', 'use'][one[2]], label: one.length > 3 ? estate.labels[one[3]] : '' }));
  for (const edge of edges) {
    edge.from.out.push(edge);
    edge.to.into.push(edge);
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));

  function make(parent, name, attributes, text) {
    const element = document.createElementNS(SVG, name);
    for (const key of Object.keys(attributes)) element.setAttribute(key, attributes[key]);
    if (text !== undefined) element.textContent = text;
    parent.appendChild(element);
    return element;
  }

  // Lists -------------------------------------------------------------------------------

  function listFilter(input, items, count, extra) {
    if (!input) return;
    const texts = new Map();
    const run = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const item of items) {
        if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
        const text = texts.get(item);
        item.hidden = !(words.every((word) => text.includes(word)) && (!extra || extra(item)));
        if (!item.hidden) shown += 1;
      }
      const filtered = shown < items.length;
      count.textContent = filtered ? shown + ' of ' + items.length : '';
      return filtered;
    };
    input.form.addEventListener('submit', (event) => event.preventDefault());
    input.addEventListener('input', run);
    return run;
  }

  listFilter($('service-filter'), Array.from(document.querySelectorAll('details.service')), $('service-count'));
  if ($('finding-filter')) {
    const form = $('finding-tools');
    const boxes = Array.from(form.querySelectorAll('input[type=checkbox]'));
    const rules = Array.from(document.querySelectorAll('details.rule'));
    const wanted = (item) => boxes.some((box) => box.checked && box.value === item.closest('.rule').dataset.severity);
    const run = listFilter($('finding-filter'), Array.from(document.querySelectorAll('.rule .finding')), $('finding-count'), wanted);
    const rest = () => {
      for (const rule of rules) rule.hidden = !rule.querySelector('.finding:not([hidden])');
    };
    $('finding-filter').addEventListener('input', rest);
    for (const box of boxes) box.addEventListener('change', () => { run(); rest(); });
  }

  // What each service would repeat: a button, and the words of reasons that stand by number.
  for (const one of document.querySelectorAll('details.service')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'show';
    button.dataset.focus = one.id;
    button.textContent = 'Show in the picture';
    one.append(button);
  }
  for (const link of document.querySelectorAll('.service a[href^="#w"]')) link.textContent = $(link.hash.slice(1)).firstChild.textContent;

  // A link leads into what is folded.
  function unfold() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    const folded = target.querySelector(':scope > details');
    if (folded) folded.open = true;
    target.hidden = false;
    target.scrollIntoView();
  }
  window.addEventListener('hashchange', unfold);
  unfold();
  window.addEventListener('beforeprint', () => {
    for (const one of document.querySelectorAll('details.rule')) one.open = true;
  });

  // Picture -----------------------------------------------------------------------------

  const views = Array.from(document.querySelectorAll('.view'));
  if (!$('part')) return;
  const overview = views[0].dataset.view;
  const past = [];
  let current = { view: overview };
  let scale = 1;

  function figure() {
    return views.find((one) => !one.hidden);
  }

  function zoom(to) {
    scale = Math.min(4, Math.max(0.1, to));
    const svg = figure().querySelector('.canvas svg');
    const box = svg.viewBox.baseVal;
    svg.setAttribute('width', Math.round(box.width * scale));
    svg.setAttribute('height', Math.round(box.height * scale));
  }

  // Letters stay readable at first; what does not fit is reached by scrolling.
  const SMALLEST = 0.6;

  function fit(least) {
    const canvas = figure().querySelector('.canvas');
    const box = canvas.querySelector('svg').viewBox.baseVal;
    const room = Math.min((canvas.clientWidth - 4) / box.width, (innerHeight * 0.8 - 4) / box.height);
    zoom(Math.max(least, Math.min(1, room)));
  }

  // Parts are laid out here, since too many can be asked for to be laid out before: numbers
  // stand in the file that writes the pictures. Ranks by longest path: a line that closes a circle leads back.
  function ranked(chosen, lines) {
    const state = new Map();
    const rank = new Map();
    const kept = [];
    const next = new Map(chosen.map((node) => [node, []]));
    for (const line of lines) next.get(line.from).push(line);
    const visit = (start) => {
      const stack = [[start, 0]];
      const done = [];
      state.set(start, 1);
      while (stack.length) {
        const top = stack[stack.length - 1];
        const line = next.get(top[0])[top[1]];
        if (!line) {
          state.set(top[0], 2);
          done.push(top[0]);
          stack.pop();
          continue;
        }
        top[1] += 1;
        if (state.get(line.to) === 1) continue;
        kept.push(line);
        if (!state.has(line.to)) {
          state.set(line.to, 1);
          stack.push([line.to, 0]);
        }
      }
      return done;
    };
    const called = new Set(lines.map((line) => line.to));
    let order = [];
    for (const node of chosen.filter((one) => !called.has(one)).concat(chosen)) if (!state.has(node)) order = order.concat(visit(node));
    for (const node of order) rank.set(node, 0);
    const after = new Map(chosen.map((node) => [node, []]));
    for (const line of kept) after.get(line.from).push(line.to);
    // What a line leads to was done before it, so ranks are counted from the ends.
    for (const node of order) for (const to of after.get(node)) rank.set(node, Math.max(rank.get(node), rank.get(to) + 1));
    const most = Math.max(...rank.values());
    for (const node of order) rank.set(node, most - rank.get(node));
    // What leads nowhere stands beside the last of those that lead to it.
    for (const node of order) if (!next.get(node).length) rank.set(node, Math.max(0, ...lines.filter((line) => line.to === node).map((line) => rank.get(line.from) + 1)));
    return rank;
  }

  // Width of a letter beside a line, and of the room in which a line with words bends.
  const SMALL = 5.6, BEND = 44;
  const short = (text) => (text.length > 30 ? text.slice(0, 29) + '…' : text);

  // Boxes in columns, and lines that are level in a column and bend between two. Boxes without
  // lines stand in rows below.
  function arranged(chosen, lines, labeled) {
    const linked = new Set(lines.flatMap((line) => [line.from, line.to]));
    const rank = linked.size ? ranked(chosen.filter((node) => linked.has(node)), lines) : new Map();
    const columns = Array.from({ length: linked.size ? Math.max(...rank.values()) + 1 : 0 }, () => []);
    const items = new Map();
    for (const node of chosen) {
      const item = { at: node.at, w: node.width, h: node.height, near: [], y: 0 };
      items.set(node, item);
      if (linked.has(node)) columns[rank.get(node)].push(item);
    }
    const ways = lines.map((line) => {
      const first = rank.get(line.from), last = rank.get(line.to), step = Math.sign(last - first);
      const way = [items.get(line.from)];
      for (let at = first + step; step && at !== last; at += step) {
        const pass = { at: line.from.at, w: 0, h: 4, near: [], y: 0 };
        columns[at].push(pass);
        way.push(pass);
      }
      way.push(items.get(line.to));
      for (let at = 1; at < way.length; at += 1) {
        way[at].near.push(way[at - 1]);
        way[at - 1].near.push(way[at]);
      }
      return way;
    });
    const full = columns.filter((column) => column.length);
    const middle = (item) => (item.near.length ? item.near.reduce((sum, one) => sum + one.y, 0) / item.near.length : item.y);
    const apart = (a, b) => (a.h + b.h) / 2 + (a.w && b.w ? 14 : 8);
    const stack = (column) => {
      let y = 0;
      column.forEach((item, at) => { y += at ? apart(column[at - 1], item) : 0; item.y = y; });
      for (const item of column) item.y -= y / 2;
    };
    full.forEach(stack);
    for (let sweep = 0; sweep < 8; sweep += 1) {
      for (const column of sweep % 2 ? full.slice().reverse() : full) {
        const wanted = new Map(column.map((item) => [item, middle(item)]));
        column.sort((a, b) => wanted.get(a) - wanted.get(b) || a.at - b.at);
        stack(column);
      }
    }
    // Toward their neighbors, as far as the order has room: from above and from below, and between.
    for (let sweep = 0; sweep < 6; sweep += 1) {
      for (const column of sweep % 2 ? full.slice().reverse() : full) {
        const down = column.map(middle), up = down.slice();
        for (let at = 1; at < column.length; at += 1) down[at] = Math.max(down[at], down[at - 1] + apart(column[at - 1], column[at]));
        for (let at = column.length - 2; at >= 0; at -= 1) up[at] = Math.min(up[at], up[at + 1] - apart(column[at], column[at + 1]));
        column.forEach((item, at) => { item.y = (down[at] + up[at]) / 2; });
      }
    }
    const all = full.flat();
    const top = all.length ? Math.min(...all.map((item) => item.y - item.h / 2)) - 12 : 0;
    let width = 0, height = 0, left = 12;
    for (const item of all) {
      item.y -= top;
      height = Math.max(height, item.y + item.h / 2 + 12);
    }
    const gap = labeled ? Math.max(60, Math.max(0, ...lines.map((line) => short(line.label).length)) * SMALL + 20 + BEND) : 70;
    for (const column of full) {
      const wide = Math.max(...column.map((item) => item.w));
      for (const item of column) Object.assign(item, { x: left + wide / 2, left, right: left + wide });
      width = left + wide + 12;
      left += wide + gap;
    }
    // Ends at one side of a box, in the order in which their lines come.
    const sides = new Map();
    const end = (item, right, other, way, at) => {
      const side = sides.get(item) || [[], []];
      sides.set(item, side);
      side[right ? 1 : 0].push({ y: other.y, way, at });
    };
    for (const way of ways) {
      const last = way.length - 1, forth = way[0].x <= way[last].x;
      way.y = way.map((item) => item.y);
      end(way[0], forth, way[1], way, 0);
      end(way[last], !forth || way[0].x === way[last].x, way[last - 1], way, last);
    }
    for (const [item, both] of sides) for (const side of both) {
      side.sort((a, b) => a.y - b.y);
      const step = Math.min(9, (item.h - 14) / Math.max(1, side.length - 1));
      side.forEach((one, at) => { one.way.y[one.at] = item.y + step * (at - (side.length - 1) / 2); });
    }
    const count = (item, right) => sides.get(item)[right ? 1 : 0].length;
    const lead = (way) => count(way[0], way[0].x <= way[way.length - 1].x);
    const tail = (way) => count(way[way.length - 1], way[0].x > way[way.length - 1].x);
    const drawn = ways.map((way) => {
      const last = way.length - 1, forth = way[0].x <= way[last].x, same = way[0].x === way[last].x;
      const enter = (item) => (forth && !same ? item.left : item.right), leave = (item) => (forth ? item.right : item.left);
      const side = (item, right) => item.x + (right ? item.w : -item.w) / 2;
      const r = Math.round;
      let d = 'M' + r(side(way[0], forth)) + ' ' + r(way.y[0]) + 'H' + r(leave(way[0]));
      // Words stand on a level piece of the first gap, at the end to which fewer lines come.
      const along = (forth ? 1 : -1) * BEND, late = labeled && !same && lead(way) < tail(way);
      for (let at = 1; at <= last; at += 1) {
        const x = leave(way[at - 1]), to = enter(way[at]), level = labeled && !same;
        const from = level && late && at === 1 ? to - along : x, end = level && !(late && at === 1) ? x + along : to;
        const bend = same ? x + 60 : (from + end) / 2;
        d += 'H' + r(from) + 'C' + r(bend) + ' ' + r(way.y[at - 1]) + ' ' + r(bend) + ' ' + r(way.y[at]) + ' ' + r(end) + ' ' + r(way.y[at]) + 'H' + r(to);
        if (at < last) d += 'H' + r(leave(way[at]));
      }
      d += 'H' + r(side(way[last], !forth || same));
      const middle = (leave(way[0]) + enter(way[1]) + (late ? -along : along)) / 2;
      return { d, x: same ? leave(way[0]) + 60 : middle, y: (same ? (way.y[0] + way.y[1]) / 2 + 7 : way.y[late ? 0 : 1]) - 4 };
    });
    const alone = chosen.filter((node) => !linked.has(node));
    let words = null;
    if (alone.length) {
      const wide = Math.max(...alone.map((node) => node.width)) + 18;
      const across = Math.max(1, Math.floor(Math.max(width, 900) / wide));
      const above = height + (all.length ? 44 : 34);
      words = above - 14;
      alone.forEach((node, at) => Object.assign(items.get(node), { x: 12 + wide * ((at % across) + 0.5) - 9, y: above + 22 + Math.floor(at / across) * 62 }));
      width = Math.max(width, 6 + wide * Math.min(across, alone.length));
      height = above + Math.ceil(alone.length / across) * 62 - 6;
    }
    return { places: items, drawn, words, width, height };
  }

  function outline(kind, p) {
    const l = p.x - p.w / 2, r = p.x + p.w / 2, t = p.y - p.h / 2, b = p.y + p.h / 2;
    switch (kind) {
      case 'database':
        return 'M' + l + ' ' + (t + 4) + 'A' + p.w / 2 + ' 5 0 0 1 ' + r + ' ' + (t + 4) + 'V' + (b - 4) + 'A' + p.w / 2 + ' 5 0 0 1 ' + l + ' ' + (b - 4) + 'zM' + l + ' ' + (t + 4) + 'A' + p.w / 2 + ' 5 0 0 0 ' + r + ' ' + (t + 4);
      case 'channel':
        return 'M' + l + ' ' + p.y + 'L' + (l + 9) + ' ' + t + 'H' + (r - 9) + 'L' + r + ' ' + p.y + 'L' + (r - 9) + ' ' + b + 'H' + (l + 9) + 'z';
      case 'infrastructure':
        return 'M' + l + ' ' + t + 'H' + r + 'V' + b + 'H' + l + 'zM' + (l + 5) + ' ' + t + 'V' + b + 'M' + (r - 5) + ' ' + t + 'V' + b;
      case 'world':
        return 'M' + l + ' ' + p.y + 'A' + p.w / 2 + ' ' + p.h / 2 + ' 0 0 1 ' + r + ' ' + p.y + 'A' + p.w / 2 + ' ' + p.h / 2 + ' 0 0 1 ' + l + ' ' + p.y + 'z';
      case 'group':
        return 'M' + (l + 4) + ' ' + (t + 4) + 'H' + (r + 4) + 'V' + (b + 4) + 'H' + (l + 4) + 'zM' + l + ' ' + t + 'H' + r + 'V' + b + 'H' + l + 'z';
      default:
        return 'M' + (l + 7) + ' ' + t + 'H' + (r - 7) + 'Q' + r + ' ' + t + ' ' + r + ' ' + (t + 7) + 'V' + (b - 7) + 'Q' + r + ' ' + b + ' ' + (r - 7) + ' ' + b + 'H' + (l + 7) + 'Q' + l + ' ' + b + ' ' + l + ' ' + (b - 7) + 'V' + (t + 7) + 'Q' + l + ' ' + t + ' ' + (l + 7) + ' ' + t + 'z';
    }
  }

  // Words stand beside at most this many lines.
  const LABELED = 30;
  // More lines from the world hide all others: what it reaches says so instead.
  const DOORS = 4;
  // Fewer boxes with the same lines stay a column; around those in a frame, and between them.
  const TWINS = 6, INSIDE = 12;

  const size = (node) => ({ width: Math.max(6, Math.min(30, Math.max(node.name.length, node.detail.length))) * 7.2 + (node.kind === 'channel' ? 46 : 28), height: node.detail ? 44 : 30 });

  // Boxes without the world where it has many lines, and these boxes marked.
  function closed(chosen, lines, center) {
    const doors = lines.filter((line) => line.from.kind === 'world' && !center.has(line.from));
    if (doors.length <= DOORS) return { chosen, lines, open: 0 };
    const words = new Map();
    for (const line of doors) if (words.get(line.to) !== 'public') words.set(line.to, line.label.endsWith('perhaps public') ? 'perhaps public' : 'public');
    const marked = new Map(chosen.map((node) => [node, words.has(node) ? Object.assign({}, node, { detail: [words.get(node), node.detail].filter(Boolean).join(', ') }) : node]));
    return {
      chosen: chosen.filter((node) => node.kind !== 'world').map((node) => marked.get(node)),
      lines: lines.filter((line) => line.from.kind !== 'world').map((line) => Object.assign({}, line, { from: marked.get(line.from), to: marked.get(line.to) })),
      open: words.size,
    };
  }

  // Boxes of one kind with the same lines as one box, which holds them in rows.
  function framed(chosen, lines, center) {
    const ties = new Map(chosen.map((node) => [node, new Set()]));
    for (const line of lines) {
      ties.get(line.from).add('>' + line.kind + line.to.id);
      ties.get(line.to).add('<' + line.kind + line.from.id);
    }
    const alike = new Map();
    for (const [node, tie] of ties) {
      if (!tie.size || center.has(node.id) || node.kind === 'world') continue;
      const key = node.kind + ' ' + Array.from(tie).sort().join(' ');
      alike.set(key, (alike.get(key) || []).concat(node));
    }
    const stand = new Map();
    for (const inside of alike.values()) {
      if (inside.length < TWINS) continue;
      const sizes = inside.map(size);
      const wide = Math.max(...sizes.map((one) => one.width)) + INSIDE, high = Math.max(...sizes.map((one) => one.height)) + INSIDE;
      const columns = Math.max(1, Math.round(Math.sqrt((inside.length * high * 1.3) / wide)));
      const rows = Math.ceil(inside.length / columns);
      const frame = { at: inside[0].at, id: inside[0].id, kind: inside[0].kind, name: inside.length + ' boxes', detail: '', inside, wide, high, columns, rows, width: columns * wide + INSIDE, height: rows * high + INSIDE };
      for (const node of inside) stand.set(node, frame);
    }
    const of = (node) => stand.get(node) || node;
    const merged = new Map();
    for (const line of lines) {
      const from = of(line.from), to = of(line.to);
      const key = from.inside || to.inside ? from.id + ' ' + to.id + ' ' + line.kind : line;
      const known = merged.get(key);
      if (!known) merged.set(key, Object.assign({}, line, { from, to, number: 1 }));
      else {
        known.number += 1;
        if (known.label !== line.label) known.label = '';
      }
    }
    for (const line of merged.values()) if (line.number > 1) line.label = line.label ? line.number + ' × ' + line.label : line.kind === 'call' ? line.number + ' calls' : '';
    return { boxes: Array.from(new Set(chosen.map(of))), lines: Array.from(merged.values()) };
  }

  function draw(nodes, between, middle) {
    const svg = $('part');
    svg.textContent = '';
    const center = new Set(Array.from(middle || [], (node) => node.id));
    const shut = closed(nodes, between, middle || new Set());
    const { boxes, lines } = framed(shut.chosen, shut.lines, center);
    for (const box of boxes) if (!box.inside) Object.assign(box, size(box));
    const labeled = lines.length <= LABELED;
    const all = arranged(boxes, lines, labeled);
    svg.setAttribute('viewBox', '0 0 ' + Math.round(all.width) + ' ' + Math.round(all.height));
    const defs = make(svg, 'defs', {});
    for (const kind of ['call', 'message']) {
      const marker = make(defs, 'marker', { id: 'part-' + kind, viewBox: '0 0 8 8', refX: 8, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto-start-reverse' });
      make(marker, 'path', kind === 'call' ? { class: 'head', d: 'M0 0 8 4 0 8z' } : { class: 'open', d: 'M0 0 8 4 0 8' });
    }
    const lower = make(svg, 'g', { class: 'edges' });
    const places = new Map();
    for (const box of boxes) {
      const p = all.places.get(box);
      if (!box.inside) places.set(box, p);
      else {
        make(lower, 'rect', { class: 'frame k-' + box.kind, x: Math.round(p.x - p.w / 2), y: Math.round(p.y - p.h / 2), width: Math.round(p.w), height: Math.round(p.h), rx: 9 });
        box.inside.forEach((node, at) => {
          const own = size(node), column = at % box.columns, row = Math.floor(at / box.columns);
          places.set(node, { x: p.x + (column + 0.5 - box.columns / 2) * box.wide, y: p.y + (row + 0.5 - box.rows / 2) * box.high, w: own.width, h: own.height });
        });
      }
    }
    lines.forEach((line, at) => {
      const way = all.drawn[at];
      const many = Math.max(line.number || 1, line.count || 1);
      const path = { class: 'edge ' + line.kind + (many >= 20 ? ' thickest' : many >= 5 ? ' thick' : '') + ' k-' + line.from.kind + ' k-' + line.to.kind, d: way.d, 'data-from': line.from.id, 'data-to': line.to.id };
      if (line.kind !== 'use') path['marker-end'] = 'url(#part-' + line.kind + ')';
      const drawnPath = make(lower, 'path', path);
      make(drawnPath, 'title', {}, line.from.name + ' → ' + line.to.name + (line.label ? ': ' + line.label : ''));
    });
    if (labeled) lines.forEach((line, at) => {
      if (line.label) make(lower, 'text', { class: 'label k-' + line.from.kind + ' k-' + line.to.kind, x: Math.round(all.drawn[at].x), y: Math.round(all.drawn[at].y) }, short(line.label));
    });
    if (all.words !== null) make(lower, 'text', { class: 'note', x: 12, y: Math.round(all.words) }, 'No call, message or database of these is known here:');
    const upper = make(svg, 'g', { class: 'nodes' });
    for (const node of shut.chosen) {
      const p = places.get(node);
      const group = make(upper, 'g', { class: 'node ' + node.kind + ' k-' + node.kind + (center.has(node.id) ? ' chosen' : ''), 'data-id': node.id, tabindex: 0, role: 'button', 'aria-label': node.kind + ' ' + node.name + ' ' + node.detail });
      make(group, 'path', { class: 'body', d: outline(node.kind, p) });
      const lid = node.kind === 'database' ? 3 : 0;
      make(group, 'text', { class: 'name', x: p.x, y: p.y + lid + (node.detail ? -4 : 4) }, short(node.name));
      group.append(' ');
      if (node.detail) make(group, 'text', { class: 'detail', x: p.x, y: p.y + lid + 12 }, short(node.detail));
    }
    return shut.open;
  }

  function between(chosen) {
    const set = new Set(chosen);
    const seen = new Map();
    for (const node of chosen) for (const edge of node.out || []) {
      if (!set.has(edge.to) || edge.from === edge.to) continue;
      const key = edge.from.at + ' ' + edge.to.at + ' ' + edge.kind;
      if (!seen.has(key)) seen.set(key, edge);
    }
    return Array.from(seen.values());
  }

  const best = (list) => list.sort((a, b) => b.out.length + b.into.length - a.out.length - a.into.length || a.at - b.at);

  // Boxes around one that is looked at closely.
  const FOCUS = 40;

  // What is within some hops of nodes; nothing is reached through the world.
  function around(start, hops) {
    const found = new Set(start);
    const distance = new Map(start.map((node) => [node, 0]));
    let edge = start;
    let hidden = 0;
    for (let hop = 0; hop < hops; hop += 1) {
      const next = new Set();
      for (const node of edge) {
        if (node.kind === 'world') continue;
        for (const one of node.out) if (!found.has(one.to)) next.add(one.to);
        for (const one of node.into) if (!found.has(one.from)) next.add(one.from);
      }
      const ranked = best(Array.from(next));
      const room = Math.max(0, FOCUS - found.size);
      hidden += Math.max(0, ranked.length - room);
      edge = ranked.slice(0, room);
      for (const node of edge) {
        found.add(node);
        distance.set(node, hop + 1);
      }
    }
    return { nodes: Array.from(found).sort((a, b) => a.at - b.at), hidden, distance };
  }

  // The members of a group as they are, all other groups that they touch as one box each.
  function opened(by, number) {
    const kind = estate.groups.findIndex((one) => one[0] === by);
    const all = nodes.filter((node) => node.groups[kind] === number);
    // Of many, without what one service uses alone, and servers.
    const alone = (node) => node.kind === 'infrastructure' || (node.kind === 'database' && new Set(node.into.map((edge) => edge.from)).size < 2);
    const inside = all.length > 30 ? all.filter((node) => !alone(node)) : all;
    const shown = new Set(best(inside.slice()).slice(0, estate.most - 15));
    const boxes = new Map();
    const stand = (node) => {
      if (shown.has(node)) return node;
      const group = node.groups[kind];
      if (group === number) return null;
      const key = group === null || group === undefined ? node.id : 'g' + group;
      if (!boxes.has(key)) {
        boxes.set(key, key === node.id ? node : { at: 1e6 + group, id: key, kind: 'group', name: estate.groups[kind][1][group], detail: '', by, weight: 0 });
      }
      return boxes.get(key);
    };
    const lines = new Map();
    for (const edge of edges) {
      if (!shown.has(edge.from) && !shown.has(edge.to)) continue;
      const from = stand(edge.from), to = stand(edge.to);
      if (!from || !to || from === to) continue;
      const key = from.id + ' ' + to.id + ' ' + edge.kind;
      const known = lines.get(key);
      if (known) known.count += 1;
      else lines.set(key, { from, to, kind: edge.kind, label: edge.label, count: 1 });
    }
    const weight = (box) => Array.from(lines.values()).reduce((sum, line) => sum + (line.from === box || line.to === box ? line.count : 0), 0);
    const ranked = Array.from(boxes.values()).sort((a, b) => weight(b) - weight(a) || a.at - b.at);
    const outside = new Set(ranked.slice(0, 15));
    const chosen = Array.from(shown).concat(Array.from(outside)).sort((a, b) => a.at - b.at);
    const here = new Set(chosen);
    return {
      nodes: chosen,
      lines: Array.from(lines.values()).filter((line) => here.has(line.from) && here.has(line.to)),
      hidden: inside.length - shown.size + boxes.size - outside.size,
      without: all.length - inside.length,
      name: estate.groups[kind][1][number],
    };
  }

  function caption(text, hidden, open) {
    const are = (number, one, many) => (number > 0 ? ' ' + number + ' ' + (number === 1 ? one : many) + '.' : '');
    $('part-caption').textContent = text + '.' + are(hidden, 'less connected box is not drawn', 'less connected boxes are not drawn') + are(open, 'box is marked as public or perhaps public instead of a line from outside', 'boxes are marked as public or perhaps public instead of lines from outside');
  }

  function show(next, keep) {
    if (!keep) past.push(current);
    current = next;
    const part = next.view === 'part';
    for (const one of views) one.hidden = one.dataset.view !== (part ? 'part' : next.view);
    if (!part) $('view').value = next.view;
    $('selected').textContent = '';
    if (next.focus) {
      const near = around([next.focus], Number(next.hops));
      let lines = between(near.nodes);
      const all = lines.length;
      // Among many, only those that lead to the focus and away from it.
      if (all > 60) lines = lines.filter((line) => near.distance.get(line.from) !== near.distance.get(line.to));
      const open = draw(near.nodes, lines, new Set([next.focus]));
      const left = all - lines.length;
      caption(next.focus.kind + ' ' + next.focus.name + ' and what is within ' + next.hops + (next.hops === '1' ? ' hop' : ' hops') + (left ? '. ' + left + ' lines between neighbors at the same distance are not drawn' : ''), near.hidden, open);
      describe(next.focus);
    } else if (next.chain) {
      const set = new Set(next.chain);
      const near = around(next.chain.slice(0, estate.most), 0);
      const open = draw(near.nodes, between(near.nodes), set);
      caption('Chain ' + next.chain.map((node) => node.name).join(' → '), set.size - near.nodes.length, open);
      const steps = new Set(next.chain.slice(1).map((node, at) => next.chain[at].id + ' ' + node.id));
      for (const path of $('part').querySelectorAll('.edge')) path.classList.add(steps.has(path.dataset.from + ' ' + path.dataset.to) ? 'hit' : 'dim');
    } else if (next.group !== undefined) {
      const inner = opened(next.by, next.group);
      const open = draw(inner.nodes, inner.lines);
      const without = inner.without ? '. Without ' + inner.without + ' databases of one service alone and servers' : '';
      caption('Inside ' + inner.name + ', with its neighbors' + without, inner.hidden, open);
    }
    fit(SMALLEST);
    const canvas = figure().querySelector('.canvas');
    const center = part && canvas.querySelector('.chosen');
    if (center) {
      const at = center.getBoundingClientRect(), frame = canvas.getBoundingClientRect();
      canvas.scrollTop += at.top - frame.top - frame.height / 2;
      canvas.scrollLeft += at.left - frame.left - frame.width / 2;
    } else canvas.scrollTo(0, 0);
  }

  function describe(node) {
    const box = $('selected');
    const line = (title, list) => {
      if (!list.length) return;
      const p = document.createElement('p');
      const names = Array.from(new Set(list.map((one) => one.name)));
      p.textContent = title + ' ' + names.slice(0, 20).join(', ') + (names.length > 20 ? ' and ' + (names.length - 20) + ' more' : '');
      box.appendChild(p);
    };
    const title = document.createElement('p');
    const name = document.createElement(node.kind === 'service' ? 'a' : 'b');
    if (node.kind === 'service') name.href = '#' + node.id;
    name.textContent = node.name;
    title.append(node.kind + ' ', name, node.detail ? ' (' + node.detail + ')' : '');
    box.appendChild(title);
    line('Calls', node.out.filter((edge) => edge.kind === 'call').map((edge) => edge.to));
    line('Called by', node.into.filter((edge) => edge.kind === 'call').map((edge) => edge.from));
    line('Uses', node.out.filter((edge) => edge.kind === 'use').map((edge) => edge.to));
    line('Used by', node.into.filter((edge) => edge.kind === 'use').map((edge) => edge.from));
    line('Sends to', node.out.filter((edge) => edge.kind === 'message').map((edge) => edge.to));
    line('Receives from', node.into.filter((edge) => edge.kind === 'message').map((edge) => edge.from));
  }

  const focus = (node) => show({ view: 'part', focus: node, hops: $('hops').value });

  function choose(target) {
    const id = target.dataset.id;
    if (id[0] === 'g') {
      const by = current.view === 'part' ? current.by : current.view;
      show({ view: 'part', by, group: Number(id.slice(1)) });
    } else if (byId.has(id)) focus(byId.get(id));
  }

  function back() {
    if (past.length) show(past.pop(), true);
  }

  for (const one of views) {
    one.addEventListener('click', (event) => {
      const target = event.target.closest('.node');
      if (target) choose(target);
    });
    one.addEventListener('keydown', (event) => {
      const target = event.target.closest('.node');
      if (target && (event.key === 'Enter' || event.key === ' ')) {
        event.preventDefault();
        choose(target);
        const canvas = figure().querySelector('.canvas');
        canvas.focus();
      } else if (event.key === 'Escape') back();
      else if (event.key === '+') zoom(scale * 1.25);
      else if (event.key === '-') zoom(scale / 1.25);
    });
    one.querySelector('.canvas').addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom(scale * (event.deltaY < 0 ? 1.15 : 1 / 1.15));
    }, { passive: false });
  }
  $('picture-tools').addEventListener('submit', (event) => event.preventDefault());
  $('view').addEventListener('change', () => show({ view: $('view').value }));
  $('larger').addEventListener('click', () => zoom(scale * 1.25));
  $('smaller').addEventListener('click', () => zoom(scale / 1.25));
  $('fit').addEventListener('click', () => fit(0));
  $('back').addEventListener('click', back);
  $('hops').addEventListener('change', () => {
    if (current.focus) show({ view: 'part', focus: current.focus, hops: $('hops').value });
  });
  const list = $('names');
  for (const node of nodes) {
    const option = document.createElement('option');
    option.value = node.name;
    option.label = node.kind + ' ' + node.name;
    list.appendChild(option);
  }
  $('find').addEventListener('change', () => {
    const wanted = $('find').value.trim().toLowerCase();
    const found = wanted && (nodes.find((node) => node.name.toLowerCase() === wanted) || nodes.find((node) => node.name.toLowerCase().includes(wanted)));
    if (found) focus(found);
    else if (wanted) $('selected').textContent = 'Nothing is called ' + $('find').value + '.';
  });
  for (const box of document.querySelectorAll('.hide')) {
    box.addEventListener('change', () => $('picture').classList.toggle('hide-' + box.value, box.checked));
  }
  document.addEventListener('click', (event) => {
    const button = event.target.closest('button.show');
    if (!button) return;
    if (button.dataset.focus) focus(byId.get(button.dataset.focus));
    else show({ view: 'part', chain: button.dataset.chain.split(' ').map((id) => byId.get(id)) });
    $('picture').scrollIntoView();
    const canvas = figure().querySelector('.canvas');
    canvas.focus({ preventScroll: true });
  });
  fit(SMALLEST);
})();
