// Where the boxes and lines of a part of the picture lie. Knows no element of the page.
const layout = (function () {
  'use strict';

  // Too many parts can be asked for to be laid out before; `picture.rs` has the numbers.
  // Ranks by longest path: a line that closes a circle leads back.
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

  return { arranged, closed, framed, short, size };
})();
