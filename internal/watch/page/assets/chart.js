'use strict';

// The drift over time: the number of steps that each pass found to do.
const Chart = (() => {
  const { find, h, svg, replace, setText, count, full } = Dom;
  const width = 360;
  const height = 72;
  const edges = 4; // free above and below

  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

  function draw(fleet, stored) {
    const passes = fleet.passes.filter((p) => (p.outcome || p.drift > 0) && p.outcome !== 'skipped'); // the last one may still run
    find('drift').hidden = stored && passes.length < 2;
    if (passes.length < 2) {
      setText(find('drift-now'), '');
      replace(find('chart'), h('p', { class: 'quiet' }, 'A chart is drawn after two passes.'));
      return;
    }
    const known = passes.filter((p) => p.outcome !== 'failed');
    const most = Math.max(1, ...known.map((p) => p.drift));
    const now = known.length > 0 ? known.at(-1).drift : 0;
    const at = (p) => new Date(p.end || p.start).getTime();
    const first = at(passes[0]);
    const span = Math.max(1, at(passes.at(-1)) - first);
    const x = (p) => ((at(p) - first) / span) * width;
    const y = (n) => edges + (1 - n / most) * (height - 2 * edges);
    const failed = passes.filter((p) => p.outcome === 'failed');
    setText(find('drift-now'), 'now ' + count(now) + ', at most ' + count(most));
    const label = 'Steps that passes found to do: now ' + count(now) + ', at most ' + count(Math.max(0, ...known.map((p) => p.drift))) + ' in ' + count(passes.length) + ' passes since ' + full.format(first) + '; ' + count(failed.length) + ' passes failed.';
    replace(find('chart'), h('div', { class: 'chart' },
      h('div', { class: 'y', 'aria-hidden': 'true' }, h('span', {}, count(most)), h('span', {}, '0')),
      svg('svg', { viewBox: '0 0 ' + width + ' ' + height, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
        rule(y(0)), rule(y(most)),
        known.length > 0 ? svg('path', { class: 'area', d: path(known, x, y) + ' V' + y(0) + ' H' + x(known[0]) + ' Z' }) : null,
        known.length > 0 ? svg('path', { class: 'curve', d: path(known, x, y) }) : null,
        ...failed.map((p) => svg('path', { class: 'fail', d: 'M' + (x(p) - 3) + ' ' + (y(0) - 6) + ' l6 6 m0 -6 l-6 6' }))),
      h('div', { class: 'x', 'aria-hidden': 'true' }, h('span', {}, edge(first, span)), h('span', {}, edge(first + span, span)))));
  }

  const edge = (moment, span) => (span > 86400000 ? day : clock).format(moment);
  const rule = (y) => svg('line', { class: 'rule', x1: 0, x2: width, y1: y, y2: y });

  // path returns steps: the drift lasts until the next pass.
  function path(passes, x, y) {
    return passes.map((p, i) => (i === 0 ? 'M' + x(p).toFixed(1) + ' ' : 'H' + x(p).toFixed(1) + ' V') + y(p.drift).toFixed(1)).join(' ');
  }

  return { draw };
})();
