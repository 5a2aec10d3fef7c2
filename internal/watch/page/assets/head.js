'use strict';

// The head of the page: what is watched, how, and whether the page is up to date.
const Head = (() => {
  const { find, h, replace, setText, count, plural, time, duration } = Dom;
  let link = { state: 'connecting' };

  // fact returns a term with its value. level is '', good, warn or bad.
  const fact = (name, value, level) => h('div', { class: 'fact ' + (level || '') }, h('dt', {}, name), h('dd', {}, ...[value].flat()));

  function draw(fleet, stored) {
    const head = fleet.head;
    document.title = title(fleet);
    setText(find('fleet'), head.fleet || 'fleet');
    setText(find('place'), [head.environment, head.server, head.organization].filter(Boolean).join(', '));
    replace(find('facts').querySelector('dl'), ...(stored ? storedFacts(fleet) : facts(fleet)), ...counts(fleet));
    setText(find('pause-all'), fleet.paused.has('') ? 'Resume all' : 'Pause all');
    find('pause-all').dataset.paused = fleet.paused.has('');
  }

  // title puts what needs attention where it is seen in a list of tabs.
  function title(fleet) {
    const { failed = 0, drift = 0, missing = 0 } = fleet.totals();
    const marks = [];
    if (needsApproval(fleet)) marks.push('approval');
    if (failed > 0) marks.push(count(failed) + ' failed');
    else if (drift + missing > 0) marks.push(count(drift + missing) + ' differ');
    return (marks.length > 0 ? '(' + marks.join(', ') + ') ' : '') + (fleet.head.fleet || '') + ' - fleet';
  }

  const needsApproval = (fleet) => Boolean(fleet.plan && fleet.plan.needs_approval && !fleet.plan.approved);

  function facts(fleet) {
    const head = fleet.head;
    const last = fleet.passes.findLast((p) => p.end);
    const revision = fleet.passes.findLast((p) => p.revision);
    const list = [
      fact('Mode', head.mode + (fleet.paused.has('') ? ', paused' : ''), fleet.paused.has('') ? 'warn' : ''),
      fact('Revision', revision ? h('code', {}, revision.revision.slice(0, 12)) : 'none yet'),
      fact('Push events', head.pushes || 'none'),
      fact('Last pass', last ? [time(last.end), ' ', last.outcome] : 'none yet', last && last.outcome === 'failed' ? 'bad' : ''),
      fact('Next pass', nextPass(fleet)),
    ];
    if (head.other_watch) list.push(fact('Second watch', head.other_watch, 'warn'));
    return list;
  }

  function nextPass(fleet) {
    if (fleet.running()) return 'running now';
    if (!fleet.head.next_pass) return 'on the next event';
    return h('span', { id: 'next-pass', 'data-at': fleet.head.next_pass }, until(fleet.head.next_pass));
  }

  function until(moment) {
    const left = new Date(moment) - Date.now();
    return left > 0 ? 'in ' + duration(left) : 'due';
  }

  function storedFacts(fleet) {
    const last = fleet.passes.at(-1);
    const list = [fact('Made by', 'fleet ' + fleet.head.version)];
    if (last && last.revision) list.push(fact('Revision', h('code', {}, last.revision.slice(0, 12))));
    if (last) list.push(fact(last.cause, [time(last.start), ' ', last.outcome || ''], last.outcome === 'failed' ? 'bad' : ''));
    if (last && last.end) list.push(fact('Took', duration(new Date(last.end) - new Date(last.start))));
    return list;
  }

  function counts(fleet) {
    const totals = fleet.totals();
    const n = (key) => totals[key] || 0;
    return [
      fact('Objects', count(fleet.objects.size)),
      fact('In sync', count(n('sync'))),
      fact('Differ', count(n('drift') + n('missing')), n('drift') + n('missing') > 0 ? 'warn' : ''),
      fact('Failed', count(n('failed')), n('failed') > 0 ? 'bad' : ''),
    ];
  }

  function drawAlarms(fleet) {
    const alarms = [...fleet.alarms.values()];
    find('alarms').hidden = alarms.length === 0;
    replace(find('alarms').querySelector('ul'), ...alarms.map((a) => h('li', {}, h('strong', {}, a.name), ' ', a.text, ' ', h('span', { class: 'quiet' }, 'since ', time(a.since)))));
  }

  // setLink shows the state of the connection.
  function setLink(now) {
    link = now;
    tick();
  }

  // tick updates the texts that depend on the time.
  function tick() {
    const texts = { live: 'live', connecting: 'connecting', hidden: 'not followed while hidden', stored: 'not live: a stored report' };
    let text = texts[link.state];
    if (link.state === 'lost') text = 'not connected' + (link.retry > Date.now() ? ', trying again in ' + duration(link.retry - Date.now()) : ', trying again');
    const e = find('link');
    e.dataset.state = link.state;
    e.title = link.reason || '';
    setText(e, text);
    const next = find('next-pass');
    if (next) setText(next, until(next.dataset.at));
  }

  return { draw, drawAlarms, setLink, tick, needsApproval, plural };
})();
