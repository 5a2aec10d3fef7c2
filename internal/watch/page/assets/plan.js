'use strict';

// The current plan: what it does, whether it waits for approval, and how far it is.
const PlanView = (() => {
  const { find, h, replace, setText, count, plural, time } = Dom;
  const lines = 400; // of the text that are shown at first
  let drawn = ''; // the text that is shown
  let on = null; // {approve()}

  const short = (digest) => digest.replace(/^sha256:/, '').slice(0, 12);

  function start(callbacks) {
    on = callbacks;
  }

  function draw(fleet, stored) {
    const plan = fleet.plan;
    setText(find('plan-title'), plan && plan.digest ? 'Plan ' + short(plan.digest) : 'Plan');
    find('plan-title').title = plan ? plan.digest : '';
    setText(find('plan-state'), plan && fleet.steps.size > 0 ? state(fleet, stored) : 'No changes. All objects match the spec.');
    drawWhy(plan, stored);
    drawText(plan);
    drawProgress(fleet);
  }

  function state(fleet, stored) {
    const plan = fleet.plan;
    const last = fleet.lastPass();
    if (stored) return summary(plan.steps || []) + '.';
    if (plan.needs_approval && !plan.approved) return summary(plan.steps || []) + '. Waits for approval.';
    if (fleet.running()) return summary(plan.steps || []) + '. Running' + (plan.approved ? ', approved.' : '.');
    return summary(plan.steps || []) + '. ' + (plan.approved ? 'Approved' : last && last.outcome ? last.outcome[0].toUpperCase() + last.outcome.slice(1) : 'Planned') + '.';
  }

  // summary returns the number of steps for each action.
  function summary(steps) {
    const counts = new Map();
    for (const s of steps) counts.set(s.action, (counts.get(s.action) || 0) + 1);
    return [...counts].map(([action, n]) => count(n) + ' to ' + action).join(', ') || 'no steps';
  }

  function drawWhy(plan, stored) {
    if (!plan || !plan.needs_approval || plan.approved) {
      replace(find('plan-why'));
      return;
    }
    replace(find('plan-why'), h('div', { class: 'approval' }, h('p', {}, h('strong', {}, 'Needs approval: '), plan.needs_approval),
      stored ? null : h('button', { type: 'button', class: 'strong', id: 'approve', 'data-key': 'approve', onclick: () => on.approve() }, 'Approve plan ' + short(plan.digest))));
  }

  const kinds = { '+': 'add', '-': 'del', '~': 'mod', '±': 'mod', '@': 'mod' };

  function drawText(plan) {
    const text = plan ? plan.text || '' : '';
    if (text === drawn) return;
    drawn = text;
    const all = text.split('\n');
    if (!text) {
      find('plan-text').replaceChildren();
      return;
    }
    const pre = h('pre', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Text of the plan' }, ...all.slice(0, lines).map(line));
    const rest = all.length - lines;
    const more = rest > 0 && h('button', { type: 'button', onclick: () => { pre.append(...all.slice(lines).map(line)); more.remove(); } }, 'Show ' + count(rest) + ' more lines');
    find('plan-text').replaceChildren(h('details', { open: true }, h('summary', {}, 'Differences'), pre, more || null));
  }

  // line colours a line by its first sign.
  function line(text) {
    const sign = /^\s*([-+~±@])\s/.exec(text);
    const kind = sign && kinds[sign[1]];
    return kind ? h('span', { class: kind }, text + '\n') : text + '\n';
  }

  // drawProgress shows how far a plan is: all of it, by waves, and the steps that run or
  // were not done.
  function drawProgress(fleet) {
    const steps = [...fleet.steps.values()];
    const started = steps.filter((s) => s.phase);
    if (started.length === 0) {
      replace(find('plan-progress'));
      return;
    }
    const waves = new Map();
    for (const s of steps) if (s.wave) waves.set(s.wave, [...(waves.get(s.wave) || []), s]);
    const active = steps.filter((s) => s.phase && !Model.ended.has(s.phase));
    const bad = steps.filter((s) => s.phase && s.phase !== 'done' && Model.ended.has(s.phase));
    replace(find('plan-progress'), bar('All steps', steps), ...[...waves].sort(([a], [b]) => a - b).map(([n, list]) => bar('Wave ' + n, list)),
      list('Running', active, 8), list('Not done', bad, 20));
  }

  function bar(name, steps) {
    const done = steps.filter((s) => s.phase === 'done').length;
    const failed = steps.filter((s) => Model.ended.has(s.phase) && s.phase !== 'done').length;
    const text = count(done) + ' of ' + count(steps.length) + ' done' + (failed > 0 ? ', ' + count(failed) + ' not done' : '');
    const part = (n, kind) => {
      const e = h('span', { class: kind });
      e.style.width = (100 * n) / steps.length + '%';
      return e;
    };
    return h('div', { class: 'progress' }, h('span', {}, name),
      h('div', { class: 'track', role: 'progressbar', 'aria-label': name, 'aria-valuemin': 0, 'aria-valuemax': steps.length, 'aria-valuenow': done + failed, 'aria-valuetext': text }, part(done, 'b-done'), part(failed, 'b-failed'), part(steps.filter((s) => s.phase && !Model.ended.has(s.phase)).length, 'b-active')),
      h('span', { class: 'quiet' }, text));
  }

  function list(title, steps, most) {
    if (steps.length === 0) return null;
    const items = steps.slice(0, most).map((s) => h('li', {}, h('code', {}, s.address), ' ', s.action + ', ' + s.phase + (s.text ? ': ' : ''), s.text ? h('span', { class: 'quiet' }, s.text) : null));
    if (steps.length > most) items.push(h('li', { class: 'quiet' }, 'and ' + count(steps.length - most) + ' more'));
    return h('div', { class: 'steps' }, h('h3', {}, title + ' (' + count(steps.length) + ')'), h('ul', {}, ...items));
  }

  return { start, draw, drawProgress, summary, short, plural, time };
})();
