'use strict';

// The timeline: the passes and the events, the newest first.
const Timeline = (() => {
  const { find, h, replace, setText, count, plural, time, duration } = Dom;
  const maxItems = 100;
  const quietRun = 3; // passes in sync one after the other that are shown as one

  function drawPasses(fleet, stored) {
    setText(find('passes-count'), stored ? '' : plural(fleet.passes.at(-1) ? fleet.passes.at(-1).number : 0, 'pass', 'passes') + ' since the start');
    const items = [];
    const passes = fleet.passes;
    for (let i = passes.length - 1; i >= 0 && items.length < maxItems; i--) {
      let first = i;
      while (first > 0 && passes[i].outcome === 'in sync' && passes[first - 1].outcome === 'in sync') first--;
      if (i - first + 1 < quietRun) {
        items.push(passItem(passes[i]));
        continue;
      }
      items.push(h('li', {}, time(passes[i].end), ' ', chip('in sync'), ' ', plural(i - first + 1, 'pass', 'passes') + ' since ', time(passes[first].start)));
      i = first;
    }
    if (items.length === 0) items.push(h('li', { class: 'quiet' }, 'No pass yet.'));
    replace(find('passes-list'), ...items);
  }

  const levels = { 'in sync': 'sync', changed: 'changing', observed: 'drift', waiting: 'drift', failed: 'failed', skipped: 'paused' };
  const chip = (outcome) => h('span', { class: 'chip t-' + (levels[outcome] || 'changing') }, outcome || 'running');

  function passItem(p) {
    const notes = [];
    if (p.drift > 0) notes.push(count(p.drift) + ' to do');
    if (p.done > 0) notes.push(count(p.done) + ' done');
    if (p.failed > 0) notes.push(count(p.failed) + ' failed');
    if (p.blocked > 0) notes.push(count(p.blocked) + ' blocked');
    if (p.end && p.outcome !== 'skipped') notes.push('took ' + duration(new Date(p.end) - new Date(p.start)));
    if (p.requests > 0) notes.push(plural(p.requests, 'request') + (p.limited > 0 ? ', ' + count(p.limited) + ' limited' : ''));
    if (p.revision) notes.push('revision ' + p.revision.slice(0, 12));
    return h('li', {}, time(p.start), ' ', chip(p.outcome), ' ', p.cause,
      p.reason ? h('div', { class: 'reason' }, p.reason) : null,
      notes.length > 0 ? h('div', { class: 'quiet' }, notes.join(', ')) : null);
  }

  function drawEvents(fleet) {
    const items = fleet.events.slice(0, maxItems).map(eventItem);
    if (items.length === 0) items.push(h('li', { class: 'quiet' }, 'No events since the page was opened.'));
    replace(find('events-list'), ...items);
  }

  const eventItem = (e) => h('li', {}, time(e.time), ' ', ...describe(e));

  // describe returns an event in words.
  function describe(e) {
    const code = (text) => h('code', {}, text);
    const by = e.by ? ' by ' + e.by : '';
    const plan = e.plan ? PlanView.short(e.plan.digest) : '';
    switch (e.kind) {
      case 'pass.started': return ['pass ' + e.pass.number + ' started: ' + e.pass.cause];
      case 'pass.planned': return e.plan ? ['plan ', code(plan), ' has ' + plural(e.plan.steps, 'step')] : ['nothing to do'];
      case 'pass.ended': return ['pass ' + e.pass.number + ' ended: ' + e.pass.outcome];
      case 'pass.skipped': return ['pass ' + e.pass.number + ' skipped: ' + (e.pass.reason || '')];
      case 'step.changed': return [code(e.step.address), ' ' + e.step.action + ', ' + (e.step.phase || 'not started')];
      case 'objects.changed': return e.addresses ? [plural(e.changed, 'object') + ' changed: ', code(e.addresses.join(', '))] : [plural((e.changed || 0) + (e.gone || []).length, 'object') + ' changed'];
      case 'alarm.raised': return ['alarm ', code(e.alarm.name), ': ' + e.alarm.text];
      case 'alarm.cleared': return ['alarm ', code(e.alarm.name), ' is over'];
      case 'approval.needed': return ['plan ', code(plan), ' needs approval'];
      case 'plan.approved': return ['plan ', code(plan), ' approved' + by];
      case 'paused': return [e.address ? code(e.address) : 'the fleet', ' paused' + by];
      case 'resumed': return [e.address ? code(e.address) : 'the fleet', ' resumed' + by];
      default: return [e.kind];
    }
  }

  return { drawPasses, drawEvents, eventItem };
})();
