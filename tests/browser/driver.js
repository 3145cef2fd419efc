// Exercises every link and control of the report's page and writes down what does not work.
window.addEventListener('load', () => {
  const failures = [];
  let checks = 0;
  const expect = (holds, what) => {
    checks += 1;
    if (!holds) failures.push(what);
  };
  const $ = (id) => document.getElementById(id);
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const visible = (element) => Boolean(element.getClientRects().length);
  const change = (element, value) => {
    element.value = value;
    element.dispatchEvent(new Event('input', { bubbles: true }));
    element.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const shown = () => all('.view').find((one) => !one.hidden);
  const nodes = () => Array.from(shown().querySelectorAll('.node'));
  // Boxes of the view that is shown lie apart, and their words inside them.
  const laidOut = (what) => {
    const bodies = nodes().map((node) => ({ node, box: node.querySelector('.body').getBBox() }));
    for (const [at, one] of bodies.entries()) {
      const name = what + ': ' + one.node.getAttribute('aria-label');
      const words = Math.max(...Array.from(one.node.querySelectorAll('text'), (text) => text.getBBox().width));
      expect(words <= one.box.width - (one.node.classList.contains('channel') ? 12 : 0), name + ' is wider than its box');
      const a = one.box;
      for (const other of bodies.slice(at + 1)) {
        const b = other.box;
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        if (!apart) expect(false, name + ' lies over ' + other.node.getAttribute('aria-label'));
      }
    }
  };
  try {
    for (const link of all('a[href]')) {
      const target = $(decodeURIComponent(link.getAttribute('href').slice(1)));
      expect(target, link.getAttribute('href') + ' leads nowhere');
    }
    // A link into a folded service opens it.
    const service = all('details.service')[0];
    expect(!service.open, 'services are folded at first');
    location.hash = service.id;
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    expect(service.open, 'a link opens the service');

    // What the script adds to each service, and words for the numbers of reasons.
    expect(all('details.service').every((one) => one.querySelectorAll('button.show').length === 1), 'each service has its button');
    for (const link of all('.service a[href^="#w"]')) {
      expect(!/^\d*$/.test(link.textContent), 'the reason ' + link.hash + ' stands in words');
    }
    // Links within the page, as a reader follows them: one to each place, and no more than a
    // hundred, since Chromium takes no more than 200 in ten seconds.
    const places = new Map(all('a[href^="#"]').map((link) => [link.hash, link]));
    for (const link of Array.from(places.values()).slice(0, 100)) {
      link.click();
      const target = $(decodeURIComponent(link.hash.slice(1)));
      expect(location.hash === link.hash, link.hash + ' is followed');
      window.dispatchEvent(new HashChangeEvent('hashchange'));
      expect(target && visible(target), link.hash + ' is seen where it leads');
    }

    // A finding that is folded opens where a link leads to it.
    const folded = all('article.finding > details')[0];
    if (folded) {
      // Links that were followed above may have opened it.
      folded.open = false;
      location.hash = folded.parentElement.id;
      window.dispatchEvent(new HashChangeEvent('hashchange'));
      expect(folded.open, 'a link opens a finding');
    }

    // Filters.
    const name = service.querySelector('h3').textContent;
    change($('service-filter'), 'nothing is called like this');
    expect(all('details.service').every((one) => one.hidden), 'services are filtered');
    expect(/^0 of /.test($('service-count').textContent), 'how many are shown is told');
    change($('service-filter'), name);
    expect(!service.hidden, 'a service is found by its name');
    change($('service-filter'), '');
    expect(all('details.service').every((one) => !one.hidden), 'the filter is taken back');
    change($('finding-filter'), 'nothing is called like this');
    expect(all('.rule .finding').every((one) => one.hidden), 'findings are filtered');
    change($('finding-filter'), '');
    for (const box of all('#finding-tools input[type=checkbox]')) {
      box.click();
      expect(all('.rule[data-severity=' + box.value + '] .finding').every((one) => one.hidden), box.value + ' is hidden');
      box.click();
    }
    expect(all('.rule .finding').every((one) => !one.hidden), 'all findings are back');

    // Views.
    const first = shown().dataset.view;
    for (const option of Array.from($('view').options)) {
      change($('view'), option.value);
      expect(shown().dataset.view === option.value, 'the view ' + option.value + ' is shown');
      expect(nodes().length > 0, 'the view ' + option.value + ' has boxes');
      laidOut('the view ' + option.value);
    }
    change($('view'), first);

    // A group opens, by keyboard.
    const group = all('.view .node.group')[0];
    if (group) {
      change($('view'), group.closest('.view').dataset.view);
      group.focus();
      expect(document.activeElement === group, 'a box takes the focus');
      group.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
      expect(shown().dataset.view === 'part', 'a group opens');
      expect(nodes().some((node) => !node.classList.contains('group')), 'its members are drawn');
      laidOut('a group');
      const inner = nodes().find((node) => node.classList.contains('group'));
      if (inner) {
        const before = $('part-caption').textContent;
        inner.dispatchEvent(new MouseEvent('click', { bubbles: true }));
        expect($('part-caption').textContent !== before, 'a group beside it opens');
        $('back').click();
        expect($('part-caption').textContent === before, 'back leads back');
      }
    }

    // Search, hops, the description.
    change($('find'), name);
    expect($('part-caption').textContent.includes(name), 'the search finds ' + name);
    expect($('selected').textContent.includes(name), 'what was found is described');
    const near = nodes().length;
    change($('hops'), '2');
    expect(nodes().length >= near, 'more hops show no less');
    expect(nodes().length <= 60, 'a part stays readable');
    change($('find'), 'nothing is called like this');
    expect(/Nothing is called/.test($('selected').textContent), 'a search without result says so');

    // Zoom.
    const svg = () => shown().querySelector('.canvas svg');
    const width = Number(svg().getAttribute('width'));
    $('larger').click();
    expect(Number(svg().getAttribute('width')) > width, 'zoom in');
    $('smaller').click();
    $('smaller').click();
    expect(Number(svg().getAttribute('width')) < width, 'zoom out');
    $('fit').click();
    expect(Number(svg().getAttribute('width')) <= shown().querySelector('.canvas').clientWidth, 'fit');
    shown().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));

    // The same by keyboard and wheel, on whatever has the focus.
    const key = (on, name) => on.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
    change($('view'), first);
    const size = () => Number(svg().getAttribute('width'));
    let now = size();
    key(shown(), '+');
    expect(size() > now, '+ zooms in');
    now = size();
    key(shown(), '-');
    expect(size() < now, '- zooms out');
    now = size();
    shown().querySelector('.canvas').dispatchEvent(new WheelEvent('wheel', { deltaY: -1, ctrlKey: true, bubbles: true, cancelable: true }));
    expect(size() > now, 'the wheel zooms with Ctrl');
    now = size();
    shown().querySelector('.canvas').dispatchEvent(new WheelEvent('wheel', { deltaY: -1, bubbles: true, cancelable: true }));
    expect(size() === now, 'and scrolls without');
    key(nodes()[0], ' ');
    expect(shown().dataset.view === 'part', 'the space bar chooses a box');
    key(shown(), 'Escape');
    expect(shown().dataset.view === first, 'Escape leads back');

    // Kinds.
    change($('view'), first);
    for (const box of all('.hide')) {
      box.click();
      const hidden = all('.view:not([hidden]) .k-' + box.value + ', .view:not([hidden]) .edge.' + box.value);
      expect(hidden.every((one) => !visible(one)), box.value + ' is hidden');
      box.click();
    }

    // Every button that shows a part.
    for (const button of all('button.show').slice(0, 200)) {
      button.click();
      expect(shown().dataset.view === 'part' && nodes().length > 0, 'a button shows ' + (button.dataset.focus || button.dataset.chain));
      laidOut('a part');
      if (button.dataset.chain) expect(shown().querySelector('.edge.hit'), 'the chain is highlighted');
    }

    // Who cannot see or use a mouse: everything that acts has a name and takes the focus.
    const named = (one) => one.getAttribute('aria-label') || (one.labels && one.labels.length && one.labels[0].textContent) || one.textContent;
    for (const one of all('button, select, input, summary, a[href], [role=button]')) {
      expect(named(one).trim(), 'a control without a name: ' + one.outerHTML.slice(0, 120));
      expect(one.tabIndex >= 0, 'out of the keyboard\'s reach: ' + one.outerHTML.slice(0, 120));
    }
    for (const one of all('svg')) {
      expect(one.getAttribute('aria-hidden') || one.getAttribute('aria-label'), 'a picture without words');
    }
    for (const one of all('[role=region], nav, section')) {
      expect(one.getAttribute('aria-label') || $(one.getAttribute('aria-labelledby')), 'a region without a name');
    }
    const ids = all('[id]').map((one) => one.id);
    expect(new Set(ids).size === ids.length, 'an id stands twice');
    expect(all('th').every((one) => one.scope), 'each heading of a table says what it heads');

    // Letters stand out from what is behind them: WCAG 2.2, 1.4.3, level AA.
    const color = (text) => text.match(/[\d.]+/g).map(Number);
    const light = (rgb) => {
      const [r, g, b] = rgb.slice(0, 3).map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const own = color(getComputedStyle(at).backgroundColor);
        if (own.length < 4 || own[3] > 0) return own;
      }
      return dark ? [0, 0, 0] : [255, 255, 255];
    };
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const looks = new Set();
    for (const one of all('body *')) {
      if (one.closest('svg') || !visible(one) || !Array.from(one.childNodes).some((node) => node.nodeType === 3 && node.data.trim())) continue;
      const front = getComputedStyle(one).color, back = behind(one);
      const look = front + ' on ' + back;
      if (looks.has(look)) continue;
      looks.add(look);
      const pair = [light(color(front)), light(back)].sort((a, b) => b - a);
      const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
      expect(ratio >= 4.5, look + ' has a contrast of ' + ratio.toFixed(2) + (dark ? ' in the dark' : ''));
    }
    expect(looks.size > 3, 'letters were looked at');

    // In the picture, letters stand out from their box and lines from the paper: 1.4.3, 1.4.11.
    const ratio = (a, b) => {
      const pair = [light(color(a)), light(color(b))].sort((one, other) => other - one);
      return (pair[0] + 0.05) / (pair[1] + 0.05);
    };
    for (const view of all('.view')) {
      const paper = getComputedStyle(view.querySelector('svg.estate')).backgroundColor;
      for (const node of Array.from(view.querySelectorAll('.node')).slice(0, 60)) {
        const body = getComputedStyle(node.querySelector('.body'));
        for (const words of node.querySelectorAll('text')) expect(ratio(getComputedStyle(words).fill, body.fill) >= 4.5, 'letters in ' + node.dataset.id);
        expect(ratio(body.stroke, paper) >= 3, 'the outline of ' + node.dataset.id);
      }
      for (const line of Array.from(view.querySelectorAll('.edge')).slice(0, 5)) expect(ratio(getComputedStyle(line).stroke, paper) >= 3, 'a line');
      // Messages and uses are told from calls by dashes, whatever the colors.
      const dashes = (kind) => Array.from(view.querySelectorAll('.edge.' + kind)).slice(0, 3).map((one) => getComputedStyle(one).strokeDasharray);
      expect(dashes('call').every((one) => one === 'none'), 'calls are solid');
      expect(dashes('message').concat(dashes('use')).every((one) => one !== 'none'), 'messages and uses are dashed');
    }

    // Nothing that can be operated is missing above.
    const exercised = '#view, #find, #hops, .hide, #smaller, #larger, #fit, #back, button.show, #service-filter, #finding-filter, #finding-tools input[type=checkbox]';
    for (const one of all('button, select, input, textarea')) expect(one.matches(exercised), 'nothing exercises ' + one.outerHTML.slice(0, 120));
    window.dispatchEvent(new Event('beforeprint'));
    expect(all('details.rule, details.rule .about details').every((one) => one.open), 'rules are open on paper');
    const services = all('details.service');
    expect(services.length > 30 || services.every((one) => one.open), 'few services are open on paper');
    window.dispatchEvent(new Event('afterprint'));
    expect(all('details.rule .about details').every((one) => !one.open), 'what was folded is folded again');
    // Tables and excerpts scroll by themselves on a narrow screen.
    for (const table of all('table')) expect(table.closest('.scroll'), 'a table that cannot be scrolled');

    // Headings go down one step at a time.
    let level = 0;
    for (const heading of all('h1, h2, h3, h4, h5')) {
      const next = Number(heading.tagName[1]);
      expect(next <= level + 1, 'the heading ' + heading.textContent + ' skips a level');
      level = next;
    }
    expect(document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1, 'the page is not wider than the window');
  } catch (error) {
    failures.push('threw ' + error + ' ' + error.stack);
  }
  const out = document.createElement('output');
  out.id = 'driver';
  out.textContent = JSON.stringify({ checks, failures, dark: matchMedia('(prefers-color-scheme: dark)').matches });
  document.body.appendChild(out);
});
