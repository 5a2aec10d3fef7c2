'use strict';

// What the user can ask of the watch, and what is announced to screen readers.
const Actions = (() => {
  const { find, h, setText } = Dom;
  const pause = 4000; // milliseconds between two announcements
  let fleet = null;
  let asked = ''; // digest of the plan that the dialog shows
  let announced = 0;
  let timer = 0;

  function start(now) {
    fleet = now;
    find('reconcile').addEventListener('click', () => send('reconcile', {}, 'A pass was requested.'));
    find('pause-all').addEventListener('click', () => setPaused('', find('pause-all').dataset.paused !== 'true'));
    find('confirm-no').addEventListener('click', () => find('confirm').close());
    find('confirm-yes').addEventListener('click', approveAsked);
  }

  async function send(path, body, success) {
    const error = await Live.post(path, body);
    const problem = find('problem');
    problem.hidden = !error;
    setText(problem, error ? 'Not done: ' + error : '');
    if (!error) announce(success);
  }

  function setPaused(address, paused) {
    const what = address || 'The fleet';
    send(paused ? 'pause' : 'resume', { address }, what + (paused ? ' is paused.' : ' is resumed.'));
  }

  // askApproval shows what would be approved. The plan is named by its digest, so that
  // nothing else is approved if the plan changes meanwhile.
  function askApproval() {
    const plan = fleet.plan;
    if (!plan) return;
    asked = plan.digest;
    const destroys = (plan.steps || []).filter((s) => s.action === 'delete' || s.action === 'replace');
    setText(find('confirm-title'), 'Approve plan ' + PlanView.short(asked) + '?');
    setText(find('confirm-yes'), 'Approve ' + PlanView.short(asked));
    find('confirm-body').replaceChildren(
      h('p', {}, PlanView.summary(plan.steps || []) + '.'), h('p', {}, plan.needs_approval || ''),
      destroys.length > 0 ? h('p', { class: 't-failed' }, 'Deletes or replaces ' + destroys.slice(0, 5).map((s) => s.address).join(', ') + (destroys.length > 5 ? ' and ' + Dom.count(destroys.length - 5) + ' more' : '') + '.') : '',
      h('p', { class: 'quiet digest' }, 'Digest ', h('code', {}, asked)));
    find('confirm').showModal();
  }

  function approveAsked() {
    find('confirm').close();
    send('approve', { digest: asked }, 'The plan is approved.');
  }

  // planChanged closes the dialog if it shows another plan than the current one.
  function planChanged() {
    const dialog = find('confirm');
    if (!dialog.open || (fleet.plan && fleet.plan.digest === asked)) return;
    dialog.close();
    setText(find('problem'), 'The plan has changed. Nothing was approved.');
    find('problem').hidden = false;
  }

  // announce makes screen readers read a text, the last one of those that come quickly.
  function announce(text) {
    clearTimeout(timer);
    const wait = Math.max(0, announced + pause - Date.now());
    timer = setTimeout(() => {
      announced = Date.now();
      setText(find('announce'), text);
    }, wait);
  }

  // announceEvent announces what a person waits for; steps and objects are not.
  function announceEvent(e) {
    if (e.kind === 'pass.ended' && e.pass.outcome !== 'in sync') announce('Pass ' + e.pass.number + ' ended: ' + e.pass.outcome + '.');
    if (e.kind === 'approval.needed') announce('A plan needs approval: ' + e.plan.needs_approval);
    if (e.kind === 'alarm.raised') announce('Alarm: ' + e.alarm.text);
    if (e.kind === 'alarm.cleared') announce('The alarm ' + e.alarm.name + ' is over.');
  }

  return { start, setPaused, askApproval, planChanged, announce, announceEvent };
})();
