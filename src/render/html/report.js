// Filters lists, and draws parts of the estate's picture. The page is complete without it.
(function () {
  'use strict';
  document.documentElement.classList.add('with-script');
  const { arranged, closed, framed, short, size } = layout;
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
  // On paper nothing can be unfolded; pages of services are many in a large estate.
  const PRINTED = 30;
  let folded = [];
  window.addEventListener('beforeprint', () => {
    const services = Array.from(document.querySelectorAll('details.service'));
    const wanted = Array.from(document.querySelectorAll('details.rule, details.rule .about details')).concat(services.length > PRINTED ? [] : services);
    folded = wanted.filter((one) => !one.open);
    for (const one of folded) one.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const one of folded) one.open = false;
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
