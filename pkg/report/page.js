'use strict';
(() => {
  const at = id => document.getElementById(id);
  const page = document.documentElement;
  window.addEventListener('error', e => { page.dataset.error = e.message; });
  window.addEventListener('securitypolicyviolation', e => { page.dataset.refused = e.effectiveDirective; });

  // Rows and groups are in chunks, of which a browser lays out only those on the screen.
  const chunks = [];
  const chunkOf = (element, height, kind) => {
    const chunk = { element, height, items: [] };
    chunks.push(chunk);
    for (const own of element.querySelectorAll(kind)) chunk.items.push({ element: own, shown: true, wanted: true, text: null });
    return chunk.items;
  };
  const rows = [...document.querySelectorAll('#rows tbody')].flatMap(body => chunkOf(body, 25, 'tr'));
  for (const row of rows) {
    const { line, group, cause, took, wave, course } = row.element.dataset;
    Object.assign(row, { line: +line, group: +group, cause, took, wave, kind: row.element.className, course: course.split(' ').map(Number) });
    row.name = row.element.cells[1].textContent || row.element.cells[0].textContent;
  }
  const groups = [...document.querySelectorAll('#groups .chunk')].flatMap(chunk => chunkOf(chunk, 100, 'article'));
  const byLine = [];
  for (const row of rows) byLine[row.line] = row;

  // The fragment of the address selects what is shown: #q=disk&cause=exit&took=3&wave=2. A fragment without = is an anchor.
  const wanted = { q: '', cause: '', took: '', wave: '' };
  const readHash = () => {
    const hash = location.hash.slice(1);
    if (hash && !hash.includes('=')) return false;
    const given = new URLSearchParams(hash);
    for (const key in wanted) wanted[key] = given.get(key) || '';
    return true;
  };
  const writeHash = () => {
    const given = new URLSearchParams();
    for (const key in wanted) if (wanted[key]) given.set(key, wanted[key]);
    const text = given.toString();
    try { history.replaceState(null, '', '#' + text); } catch { location.hash = text; }
  };

  // index stores the texts to search, in lower case, as long as more returns true. It returns whether all are stored.
  let indexed = 0;
  function index(more) {
    for (; indexed < rows.length + groups.length && more(); indexed++) {
      if (indexed >= rows.length) {
        const group = groups[indexed - rows.length];
        group.text = (group.element.querySelector('pre')?.textContent || '').toLowerCase();
        continue;
      }
      const texts = [];
      for (let cell = rows[indexed].element.firstElementChild; cell; cell = cell.nextElementSibling) texts.push(cell.textContent);
      rows[indexed].text = texts.join('\n').toLowerCase();
    }
    return indexed === rows.length + groups.length;
  }
  const idle = window.requestIdleCallback || (work => setTimeout(work, 20));
  const prepare = () => {
    const end = performance.now() + 8;
    if (!index(() => performance.now() < end)) idle(prepare);
  };
  const count = (n, all, noun) => n.toLocaleString('en') + (n === all ? '' : ' of ' + all.toLocaleString('en')) + ' ' + noun + (all === 1 ? '' : 's');

  // reveal shows the wanted items and no others. It only writes to the page; a chunk off the screen is about as high as its items.
  function reveal() {
    for (const chunk of chunks) {
      let n = 0, changed = false;
      for (const item of chunk.items) if (item.wanted) n++;
      if ((n === 0) !== chunk.element.hidden) changed = true;
      for (const item of chunk.items) {
        if (n === 0 || item.wanted === item.shown) continue; // items in a hidden chunk may stay unchanged
        item.element.hidden = !(item.shown = item.wanted);
        changed = true;
      }
      if (!changed) continue;
      chunk.element.hidden = n === 0;
      chunk.element.style.containIntrinsicHeight = n * chunk.height + 'px';
    }
  }

  function show() {
    const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length) index(() => true);
    const inGroups = words.map(word => groups.map(group => group.text.includes(word)));
    for (const group of groups) group.wanted = false;
    let n = 0, g = 0;
    for (const row of rows) {
      row.wanted = (!wanted.cause || row.cause === wanted.cause) && (!wanted.took || row.took === wanted.took) &&
        (!wanted.wave || row.wave === wanted.wave) &&
        words.every((word, i) => (row.group && inGroups[i][row.group - 1]) || row.text.includes(word));
      if (!row.wanted) continue;
      n++;
      const group = groups[row.group - 1];
      if (group && !group.wanted) { group.wanted = true; g++; }
    }
    reveal();
    at('found').textContent = count(n, rows.length, 'instance') + ', ' + count(g, groups.length, 'output');
    if (at('q').value !== wanted.q) at('q').value = wanted.q;
    const chosen = ['cause', 'took', 'wave'].filter(key => wanted[key]).map(key => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = (key === 'took' ? 'duration' : key + ' ' + wanted[key]) + ' ✕';
      button.setAttribute('aria-label', 'Remove the filter: ' + (key === 'took' ? 'duration' : key + ' ' + wanted[key]));
      button.addEventListener('click', () => { wanted[key] = ''; writeHash(); show(); at('q').focus(); });
      return button;
    });
    at('chosen').replaceChildren(...chosen);
    for (const a of document.querySelectorAll('.counts a')) {
      if (a.hash === (wanted.cause ? '#cause=' + encodeURIComponent(wanted.cause) : '')) a.setAttribute('aria-current', 'true'); else a.removeAttribute('aria-current');
    }
    picked = n < rows.length;
    drawHits();
  }

  // The timeline: the lines are one picture, of which a part is shown.
  const svg = 'http://www.w3.org/2000/svg';
  const make = (name, attributes, text, title) => {
    const element = document.createElementNS(svg, name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (text) element.textContent = text;
    if (title) element.append(make('title', {}, title));
    return element;
  };
  const short = name => name.length > 22 ? '…' + name.slice(-21) : name;
  const view = at('view'), height = +at('lines').getAttribute('height');
  const [, , span, all] = view.getAttribute('viewBox').split(' ').map(Number);
  const still = {};
  for (const id of ['names', 'axis', 'grid', 'gates', 'all']) still[id] = [...at(id).childNodes];
  const own = [...at('gates').querySelectorAll('line')].map(line => parseFloat(line.getAttribute('x1')) / 100 * span);
  const stroke = +at('all').getAttribute('stroke-width');
  let part = { x: 0, width: span, y: 0, height: all };

  // visibleRows returns the rows of the shown part with their positions: all of them, or one per row of pixels if there are
  // more, like the initial page. A cause that would have none takes one from a neighbour.
  function visibleRows() {
    const first = Math.max(0, Math.floor(part.y)), n = Math.min(byLine.length, Math.ceil(part.y + part.height)) - first;
    if (n <= height) return byLine.slice(first, first + n).filter(Boolean).map(row => [row, row.line + .5]);
    const picked = [], seen = new Map();
    const key = row => row.wave + ' ' + row.kind;
    for (let i = 0; i < height; i++) {
      const row = byLine[first + Math.floor((i + .5) * n / height)];
      picked.push(row);
      seen.set(key(row), (seen.get(key(row)) || 0) + 1);
    }
    for (let line = first; line < first + n; line++) {
      const row = byLine[line];
      if (seen.has(key(row))) continue;
      const middle = Math.floor((line - first) * height / n);
      for (const i of [middle, middle - 1, middle + 1, middle - 2, middle + 2, middle - 3, middle + 3]) {
        const others = picked[i] && seen.get(key(picked[i]));
        if (!(others > 1)) continue;
        seen.set(key(picked[i]), others - 1);
        picked[i] = row;
        break;
      }
      seen.set(key(row), 1);
    }
    return picked.map((row, i) => [row, first + (i + .5) * n / height]);
  }

  // linesOf draws rows as one path for each kind.
  function linesOf(placed) {
    const d = new Map(), least = span / 300;
    const line = (kind, y, a, b) => { if (b > a) d.set(kind, (d.get(kind) || '') + `M${a} ${y}H${b}`); };
    for (const [row, y] of placed) {
      const [sent, accepted, started, ended] = row.course;
      if (sent < 0 && accepted < 0 && started < 0) continue;
      const from = Math.max(sent, accepted), end = ended < 0 ? span : ended;
      if (sent >= 0 && accepted >= 0) line('call', y, sent, accepted);
      if (from >= 0) line('wait', y, from, started < 0 ? end : started);
      if (started < 0) line(row.kind, y, Math.max(0, end - least), end); else line(row.kind, y, started, Math.max(end, started + least));
    }
    const order = ['call', 'wait'];
    return [...d.keys()].sort((a, b) => order.includes(b) - order.includes(a)).map(kind => make('path', { class: kind, d: d.get(kind) }));
  }

  let picked = false;
  function drawHits() {
    at('all').classList.toggle('dim', picked);
    if (!picked) { at('hits').replaceChildren(); return; }
    const placed = [], pitch = Math.max(1, part.height / height);
    let last = -1;
    for (let line = Math.max(0, Math.floor(part.y)); line < Math.min(byLine.length, part.y + part.height); line++) {
      const row = byLine[line], place = Math.floor((line - part.y) / pitch);
      if (!row?.wanted || place === last) continue;
      last = place;
      placed.push([row, pitch > 1 ? part.y + (place + .5) * pitch : line + .5]);
    }
    at('hits').replaceChildren(...linesOf(placed));
  }

  const clock = ms => {
    if (ms < 60000) return '+' + +(ms / 1000).toFixed(part.width < 6000 ? 3 : 1) + 's';
    const s = Math.round(ms / 1000);
    return '+' + (s >= 3600 ? Math.floor(s / 3600) + 'h' : '') + Math.floor(s % 3600 / 60) + 'm' + (s % 60 ? s % 60 + 's' : '');
  };

  function look() {
    view.setAttribute('viewBox', `${part.x} ${part.y} ${part.width} ${part.height}`);
    const whole = part.height >= all;
    const width = whole ? stroke : Math.min(10, Math.max(1, .6 * height / part.height));
    for (const id of ['all', 'hits']) at(id).setAttribute('stroke-width', width);
    at('place').disabled = whole;
    at('place').value = whole ? 0 : 1000 * part.y / (all - part.height);
    at('closer').disabled = part.height <= 10;
    at('wider').disabled = at('whole').disabled = whole;
    if (whole) {
      for (const id in still) at(id).replaceChildren(...still[id]);
      drawHits();
      return;
    }
    at('all').replaceChildren(...linesOf(visibleRows()));
    drawHits();
    const texts = [];
    if (part.height * 14 <= height) {
      for (let line = Math.ceil(part.y); line < part.y + part.height; line++) {
        if (byLine[line]) texts.push(make('text', { x: '100%', y: 100 * (line + .5 - part.y) / part.height + '%', dy: '.35em', 'text-anchor': 'end' }, short(byLine[line].name), byLine[line].name));
      }
    } else {
      for (let i = 0; i < 10; i++) {
        const row = byLine[Math.floor(part.y + part.height * i / 10)];
        if (row) texts.push(make('text', { x: '100%', y: i * 10 + '%', dy: '1em', 'text-anchor': 'end' }, short(row.name), row.name));
      }
    }
    at('names').replaceChildren(...texts);
    const apart = at('lines').clientWidth < 400 ? 45 : 22.5;
    const marks = [0, 1, 2, 3, 4].map(i => i * apart).filter(x => x <= 90).map(x => ({ x: x + '%', ms: part.x + part.width * x / 100 }));
    at('axis').replaceChildren(...marks.map(mark => make('text', { class: mark.x === '90%' ? 'end' : '', x: mark.x, y: 14 }, clock(mark.ms))));
    at('grid').replaceChildren(...marks.map(mark => make('line', { class: 'grid', x1: mark.x, x2: mark.x, y1: 0, y2: '100%' })));
    at('gates').replaceChildren(...own.filter(ms => ms >= part.x && ms <= part.x + part.width).map(ms => {
      const x = 100 * (ms - part.x) / part.width + '%';
      return make('line', { class: 'gate', x1: x, x2: x, y1: 0, y2: '100%' });
    }));
  }

  // lookAt shows some lines, and the time range that they cover.
  function lookAt(y, lines) {
    lines = Math.min(all, Math.max(10, Math.round(lines)));
    y = Math.min(all - lines, Math.max(0, Math.round(y)));
    let from = span, to = 0;
    for (let line = y; line < y + lines && lines < all; line++) {
      for (const ms of byLine[line]?.course || []) {
        if (ms >= 0) { from = Math.min(from, ms); to = Math.max(to, ms); }
      }
    }
    if (to <= from) { from = 0; to = span; }
    const edge = lines < all ? (to - from) * .02 : 0;
    part = { x: Math.max(0, from - edge), width: Math.max(1, to - from + 2 * edge), y, height: lines };
    look();
  }
  const middle = () => part.y + part.height / 2;
  at('closer').addEventListener('click', () => { const n = part.height / 3; lookAt(middle() - n / 2, n); });
  at('wider').addEventListener('click', () => { const n = part.height * 3; lookAt(middle() - n / 2, n); });
  at('whole').addEventListener('click', () => lookAt(0, all));
  at('place').addEventListener('input', e => lookAt(e.target.value / 1000 * (all - part.height), part.height));

  const tip = at('tip').textContent;
  const rowAt = e => {
    const box = at('lines').getBoundingClientRect();
    return byLine[Math.floor(part.y + part.height * (e.clientY - box.top) / box.height)];
  };
  at('lines').addEventListener('pointermove', e => {
    const row = rowAt(e);
    if (!row) return;
    const heads = document.querySelectorAll('#rows thead th');
    at('tip').textContent = [...row.element.cells].map((cell, i) => i < 2 ? cell.textContent : cell.textContent && heads[i].textContent.toLowerCase() + ' ' + cell.textContent).filter(Boolean).join(' · ');
  });
  at('lines').addEventListener('pointerleave', () => { at('tip').textContent = tip; });
  at('lines').addEventListener('click', e => {
    const row = rowAt(e);
    if (row) { wanted.q = row.element.cells[0].textContent; writeHash(); show(); }
  });

  // A link to a part of the run adds to the search; the link to the whole run clears it.
  document.addEventListener('click', e => {
    const hash = e.target.closest?.('a')?.getAttribute('href');
    if (hash !== '#' && !hash?.includes('=')) return;
    e.preventDefault();
    const given = new URLSearchParams(hash.slice(1));
    for (const key in wanted) if (hash === '#' || given.has(key)) wanted[key] = given.get(key) || '';
    writeHash();
    show();
  });

  // Input is shown with the next frame. Browsers limit how often the address may change per second.
  let asked = 0, typed;
  at('q').addEventListener('focus', () => index(() => true), { once: true });
  at('q').addEventListener('input', () => {
    wanted.q = at('q').value;
    asked ||= requestAnimationFrame(() => { asked = 0; show(); });
    clearTimeout(typed);
    typed = setTimeout(writeHash, 300);
  });
  at('search').addEventListener('submit', e => e.preventDefault());
  window.addEventListener('hashchange', () => { if (readHash()) show(); });

  // Areas that scroll are reached by the Tab key, and others are not.
  const sizes = new ResizeObserver(entries => {
    const scrollers = new Set(entries.map(entry => entry.target.closest('.wide, pre')));
    const scrolls = [...scrollers].map(one => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight);
    [...scrollers].forEach((one, i) => {
      if (scrolls[i]) one.tabIndex = 0; else one.removeAttribute('tabindex');
      if (scrolls[i]) one.setAttribute('role', 'region'); else one.setAttribute('role', 'group');
    });
  });
  for (const one of document.querySelectorAll('[role=region]')) {
    sizes.observe(one);
    if (one.firstElementChild) sizes.observe(one.firstElementChild);
  }

  at('search').hidden = false;
  at('zoom').hidden = all <= 10;
  readHash();
  look();
  show();
  idle(prepare);
})();
