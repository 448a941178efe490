'use strict';
(() => {
  const at = id => document.getElementById(id);
  const page = document.documentElement;
  window.addEventListener('error', e => { page.dataset.error = e.message; });
  window.addEventListener('securitypolicyviolation', e => { page.dataset.refused = e.effectiveDirective; });

  const rows = [...document.querySelectorAll('#rows tbody tr')].map(tr => ({
    tr, shown: true, text: '', line: +tr.dataset.line, group: +tr.dataset.group, cause: tr.dataset.cause, took: tr.dataset.took,
    wave: tr.dataset.wave, family: tr.className, course: tr.dataset.course.split(' ').map(Number), name: tr.cells[1].textContent || tr.cells[0].textContent,
  }));
  const groups = [...document.querySelectorAll('#groups article')].map(article => ({ article, text: '', shown: true }));
  const byLine = [];
  for (const row of rows) byLine[row.line] = row;

  // The address's fragment says what is shown: #q=disk&cause=exit&took=3&wave=2. One without an = is a place on the page.
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

  const textOf = row => row.text ||= row.tr.textContent.toLowerCase();
  const groupText = n => {
    const group = groups[n - 1];
    return group ? group.text ||= (group.article.querySelector('pre')?.textContent || '').toLowerCase() : '';
  };
  const count = (n, all, noun) => n.toLocaleString('en') + (n === all ? '' : ' of ' + all.toLocaleString('en')) + ' ' + noun + (all === 1 ? '' : 's');

  function show() {
    const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    const inGroups = words.map(word => groups.map((_, i) => groupText(i + 1).includes(word)));
    const alive = new Set();
    let n = 0;
    for (const row of rows) {
      const shown = (!wanted.cause || row.cause === wanted.cause) && (!wanted.took || row.took === wanted.took) &&
        (!wanted.wave || row.wave === wanted.wave) &&
        words.every((word, i) => (row.group && inGroups[i][row.group - 1]) || textOf(row).includes(word));
      if (shown) { n++; alive.add(row.group); }
      if (shown !== row.shown) row.tr.hidden = !(row.shown = shown);
    }
    let g = 0;
    groups.forEach((group, i) => {
      const shown = alive.has(i + 1);
      if (shown) g++;
      if (shown !== group.shown) group.article.hidden = !(group.shown = shown);
    });
    at('found').textContent = count(n, rows.length, 'instance') + ', ' + count(g, groups.length, 'output');
    if (at('q').value !== wanted.q) at('q').value = wanted.q;
    const chosen = ['cause', 'took', 'wave'].filter(key => wanted[key]).map(key => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = (key === 'took' ? 'duration' : key + ' ' + wanted[key]) + ' ✕';
      button.addEventListener('click', () => { wanted[key] = ''; writeHash(); show(); });
      return button;
    });
    at('chosen').replaceChildren(...chosen);
    for (const a of document.querySelectorAll('.counts a')) {
      a.toggleAttribute('aria-current', a.hash === (wanted.cause ? '#cause=' + encodeURIComponent(wanted.cause) : ''));
    }
    drawHits(n);
  }

  // The timeline: the lines are one picture, of which a part is looked at.
  const svg = 'http://www.w3.org/2000/svg';
  const make = (name, attributes, text) => {
    const element = document.createElementNS(svg, name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (text) element.textContent = text;
    return element;
  };
  const view = at('view'), height = +at('lines').getAttribute('height');
  const [, , span, all] = view.getAttribute('viewBox').split(' ').map(Number);
  const still = { names: [...at('names').childNodes], axis: [...at('axis').childNodes], grid: [...at('grid').childNodes], gates: [...at('gates').childNodes] };
  const own = [...at('gates').querySelectorAll('line')].map(line => parseFloat(line.getAttribute('x1')) / 100 * span);
  const stroke = +at('all').getAttribute('stroke-width');
  let part = { x: 0, width: span, y: 0, height: all };

  function drawHits(n) {
    const picked = n < rows.length;
    at('all').classList.toggle('dim', picked);
    const d = { call: '', wait: '' };
    if (picked) {
      const least = span / 300;
      for (const row of rows) {
        if (!row.shown) continue;
        const [sent, accepted, started, ended] = row.course, y = row.line + .5;
        if (sent < 0 && accepted < 0 && started < 0) continue;
        const from = Math.max(sent, accepted), end = ended < 0 ? span : ended;
        const line = (kind, a, b) => { if (b > a) d[kind] = (d[kind] || '') + `M${a} ${y}H${b}`; };
        if (sent >= 0 && accepted >= 0) line('call', sent, accepted);
        if (from >= 0) line('wait', from, started < 0 ? end : started);
        if (started < 0) line(row.family, Math.max(0, end - least), end); else line(row.family, started, Math.max(end, started + least));
      }
    }
    at('hits').replaceChildren(...Object.keys(d).filter(kind => d[kind]).map(kind => make('path', { class: kind, d: d[kind] })));
  }

  const clock = ms => {
    if (ms < 60000) return '+' + +(ms / 1000).toFixed(part.width < 6000 ? 3 : 1) + 's';
    const s = Math.round(ms / 1000);
    return '+' + (s >= 3600 ? Math.floor(s / 3600) + 'h' : '') + Math.floor(s % 3600 / 60) + 'm' + (s % 60 ? s % 60 + 's' : '');
  };

  function look() {
    view.setAttribute('viewBox', `${part.x} ${part.y} ${part.width} ${part.height}`);
    const whole = part.height >= all;
    const width = whole ? stroke : Math.min(10, Math.max(1.2, .6 * height / part.height));
    for (const id of ['all', 'hits']) at(id).setAttribute('stroke-width', width);
    at('place').disabled = whole;
    at('place').value = whole ? 0 : 1000 * part.y / (all - part.height);
    at('closer').disabled = part.height <= 10;
    at('wider').disabled = at('whole').disabled = whole;
    if (whole) {
      for (const id in still) at(id).replaceChildren(...still[id]);
      return;
    }
    const texts = [];
    if (part.height * 14 <= height) {
      for (let line = Math.ceil(part.y); line < part.y + part.height; line++) {
        if (byLine[line]) texts.push(make('text', { x: '100%', y: 100 * (line + .5 - part.y) / part.height + '%', dy: '.35em', 'text-anchor': 'end' }, byLine[line].name));
      }
    } else {
      for (let i = 0; i < 10; i++) {
        const row = byLine[Math.floor(part.y + part.height * i / 10)];
        if (row) texts.push(make('text', { x: '100%', y: i * 10 + '%', dy: '1em', 'text-anchor': 'end' }, row.name));
      }
    }
    at('names').replaceChildren(...texts);
    const marks = [0, 1, 2, 3, 4, 5].map(i => ({ x: i * 18 + '%', ms: part.x + part.width * i * .18 }));
    at('axis').replaceChildren(...marks.map(mark => make('text', { x: mark.x, y: 14 }, clock(mark.ms))));
    at('grid').replaceChildren(...marks.map(mark => make('line', { class: 'grid', x1: mark.x, x2: mark.x, y1: 0, y2: '100%' })));
    at('gates').replaceChildren(...own.filter(ms => ms >= part.x && ms <= part.x + part.width).map(ms => {
      const x = 100 * (ms - part.x) / part.width + '%';
      return make('line', { class: 'gate', x1: x, x2: x, y1: 0, y2: '100%' });
    }));
  }

  // lookAt shows some lines, and as much time as they take.
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
    at('tip').textContent = [...row.tr.cells].map((cell, i) => i < 2 ? cell.textContent : cell.textContent && heads[i].textContent.toLowerCase() + ' ' + cell.textContent).filter(Boolean).join(' · ');
  });
  at('lines').addEventListener('pointerleave', () => { at('tip').textContent = tip; });
  at('lines').addEventListener('click', e => {
    const row = rowAt(e);
    if (row) { wanted.q = row.tr.cells[0].textContent; writeHash(); show(); }
  });

  // A link to a part of the run adds to what is searched for; that to all of it clears everything.
  document.addEventListener('click', e => {
    const hash = e.target.closest?.('a')?.getAttribute('href');
    if (hash !== '#' && !hash?.includes('=')) return;
    e.preventDefault();
    const given = new URLSearchParams(hash.slice(1));
    for (const key in wanted) if (hash === '#' || given.has(key)) wanted[key] = given.get(key) || '';
    writeHash();
    show();
  });

  let typed;
  at('q').addEventListener('input', () => {
    clearTimeout(typed);
    typed = setTimeout(() => { wanted.q = at('q').value; writeHash(); show(); }, 120);
  });
  at('search').addEventListener('submit', e => e.preventDefault());
  window.addEventListener('hashchange', () => { if (readHash()) show(); });
  at('search').hidden = false;
  at('zoom').hidden = all <= 10;
  readHash();
  look();
  show();
})();
