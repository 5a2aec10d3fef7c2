'use strict';

// The table of the objects that match the filter, and the details of the selected one.
const Objects = (() => {
  const { find, h, replace, setText, count, plural } = Dom;
  const page = 50; // rows that are added at a time
  let limit = page;
  let again = () => {}; // draws the rows of the last call
  let on = null; // {select(address), pause(address, paused)}

  function start(callbacks) {
    on = callbacks;
    find('show').append(h('option', { value: '' }, 'all'), h('option', { value: 'differ' }, 'all that differ'),
      ...Object.entries(Model.conditions).map(([key, label]) => h('option', { value: key }, label)));
    find('detail-close').addEventListener('click', () => on.select(''));
  }

  const mark = (condition) => h('span', { class: 'chip t-' + condition }, Model.conditions[condition]);

  function drawRows(fleet, filter, selected) {
    again = () => drawRows(fleet, filter, selected);
    const empty = Model.isEmpty(filter);
    const list = fleet.matching(empty ? { show: 'differ' } : filter);
    const title = empty ? 'Objects that differ' : 'Objects that match' + (filter.group ? ' in ' + filter.group : '');
    setText(find('rows-title'), title + ' (' + count(list.length) + ')');
    if (list.length === 0) {
      replace(find('rows'), h('p', { class: 'quiet' }, empty ? 'All objects match the spec.' : 'No object matches the filter.'));
      return;
    }
    const shown = list.slice(0, limit);
    const more = list.length - shown.length;
    replace(find('rows'), table(shown, selected), more > 0
      ? h('button', { type: 'button', 'data-key': 'more', onclick: () => { limit += page; again(); } }, 'Show ' + Math.min(page, more) + ' more of ' + count(more))
      : null);
  }

  function table(list, selected) {
    const head = h('tr', {}, ...['Address', 'Desired', 'State', 'Condition', 'Difference'].map((name) => h('th', { scope: 'col' }, name)));
    return h('div', { class: 'scroll wide-table', role: 'group', 'aria-labelledby': 'rows-title', tabindex: '0' }, h('table', {}, h('thead', {}, head), h('tbody', {}, ...list.map((o) => row(o, selected)))));
  }

  function row(o, selected) {
    const button = h('button', { type: 'button', class: 'name', 'data-key': 'row ' + o.address, 'aria-pressed': String(o.address === selected), onclick: () => on.select(o.address) }, o.address);
    return h('tr', { class: o.address === selected ? 'selected' : null }, h('th', { scope: 'row' }, button),
      h('td', {}, o.desired || 'not declared'), h('td', {}, o.state || 'does not exist'), h('td', {}, mark(o.condition)), h('td', { class: 'difference' }, o.drift || ''));
  }

  // drawDetail shows the selected object. stored hides what a stored report cannot do.
  function drawDetail(fleet, address, stored) {
    const o = fleet.objects.get(address);
    find('detail').hidden = !address;
    if (!address) return;
    setText(find('detail-title'), address);
    if (!o) {
      replace(find('detail-body'), h('p', { class: 'quiet' }, 'There is no such object (any more).'));
      return;
    }
    fleet.totals();
    const step = fleet.steps.get(address);
    const terms = [['Group', h('code', {}, o.group)], ['Desired', o.desired || 'not declared'], ['State', o.state || 'does not exist'], ['Condition', mark(o.condition)]];
    if (o.drift) terms.push(['Difference', o.drift]);
    if (step) terms.push(['Step', step.action + (step.wave ? ', wave ' + step.wave : '') + ', ' + (step.phase || 'not started')]);
    if (step && step.text) terms.push(['Note', step.text]);
    const paused = fleet.isPaused(o);
    const events = fleet.events.filter((e) => e.address === address || (e.step && e.step.address === address) || (e.addresses || []).includes(address)).slice(0, 5);
    replace(find('detail-body'), h('dl', { class: 'terms' }, ...terms.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
      stored ? null : h('p', {}, h('button', { type: 'button', 'data-key': (paused ? 'resume ' : 'pause ') + address, onclick: () => on.pause(address, !paused) }, paused ? 'Resume this object' : 'Pause this object')),
      events.length > 0 ? h('h3', {}, 'Last events') : null,
      events.length > 0 ? h('ol', { class: 'log' }, ...events.map(Timeline.eventItem)) : null);
  }

  // drawStates offers the states that exist.
  function drawStates(fleet, chosen) {
    const select = find('state');
    const states = fleet.states();
    if (chosen && !states.includes(chosen)) states.push(chosen);
    if ([...select.options].slice(1).map((o) => o.value).join() === states.join()) return;
    select.replaceChildren(h('option', { value: '' }, 'any'), ...states.map((s) => h('option', { value: s }, s)));
    select.value = chosen || '';
  }

  function resetLimit() {
    limit = page;
  }

  return { start, drawRows, drawDetail, drawStates, resetLimit, plural };
})();
