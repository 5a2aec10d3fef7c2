'use strict';

// The state of the watch as the page knows it: a state of the server, and the events
// since then. Nothing here touches the document.
const Model = (() => {
  // The conditions of an object, the worst first.
  const conditions = {
    failed: 'failed',
    missing: 'missing',
    drift: 'drift',
    changing: 'changing',
    paused: 'paused',
    sync: 'in sync',
  };
  const worst = Object.keys(conditions);
  const ended = new Set(['done', 'failed', 'skipped', 'interrupted', 'rolled back']);
  const maxPasses = 500;
  const maxEvents = 200;

  const indexOf = (address) => {
    const m = /\[(\d+)\]$/.exec(address);
    return m ? Number(m[1]) : -1;
  };
  const text = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  let versions = 0; // of all groups

  // A Group is a row of the map: the members of one group, or the objects of one kind
  // that have no siblings.
  class Group {
    constructor(key) {
      this.key = key;
      this.members = [];
      this.counts = {};
      this.single = false; // its members have no siblings
      this.touch();
    }

    // touch notes that a member changed.
    touch() {
      this.stale = true; // the counts have to be made again
      this.version = ++versions;
    }
  }

  class Fleet {
    constructor() {
      this.seq = 0;
      this.events = []; // the newest first
    }

    // load replaces everything by a state of the server.
    load(state) {
      this.head = state;
      this.seq = state.seq;
      this.passes = state.passes || [];
      this.alarms = new Map((state.alarms || []).map((a) => [a.name, a]));
      this.paused = new Set(state.paused || []);
      this.setPlan(state.plan || null);
      this.objects = new Map((state.objects || []).map((o) => [o.address, { ...o, index: indexOf(o.address) }]));
      this.regroup();
    }

    setPlan(plan) {
      this.plan = plan;
      this.steps = new Map(((plan && plan.steps) || []).map((s) => [s.address, s]));
    }

    // regroup builds the rows of the map.
    regroup() {
      const sizes = new Map();
      for (const o of this.objects.values()) sizes.set(o.group, (sizes.get(o.group) || 0) + 1);
      this.groups = new Map();
      for (const o of this.objects.values()) {
        const alone = sizes.get(o.group) === 1 && o.index < 0;
        o.row = alone ? o.address.split('.', 1)[0] + ' (single)' : o.group;
        if (!this.groups.has(o.row)) this.groups.set(o.row, new Group(o.row));
        this.groups.get(o.row).members.push(o);
        this.groups.get(o.row).single = alone;
      }
      for (const g of this.groups.values()) g.members.sort((a, b) => a.index - b.index || text(a.address, b.address));
    }

    // apply applies an event, and returns the parts of the page that changed. It returns
    // null if events between are missing: the state has to be loaded again.
    apply(event) {
      if (event.seq <= this.seq) return [];
      if (event.seq !== this.seq + 1) return null;
      this.seq = event.seq;
      const handler = handlers[event.kind];
      return handler ? handler.call(this, event) : [];
    }

    // remember adds an event to the list that is shown.
    remember(event) {
      if (event.kind === 'head.changed') return; // the head of the page shows it
      if (this.events.length > 0 && this.events[0].seq >= event.seq) return;
      const { objects, plan, ...light } = event;
      if (objects) light.changed = objects.length;
      if (objects && objects.length <= 3) light.addresses = objects.map((o) => o.address);
      if (plan) light.plan = { digest: plan.digest, steps: (plan.steps || []).length };
      this.events.unshift(light);
      this.events.length = Math.min(this.events.length, maxEvents);
    }

    setPass(pass) {
      const i = this.passes.findLastIndex((p) => p.number === pass.number);
      if (i >= 0) this.passes[i] = pass;
      else this.passes.push(pass);
      if (this.passes.length > maxPasses) this.passes.splice(0, this.passes.length - maxPasses);
      return ['passes', 'plan', 'head'];
    }

    setObjects(changed, gone) {
      let moved = gone.length > 0;
      for (const address of gone) this.objects.delete(address);
      for (const o of changed) {
        const old = this.objects.get(o.address);
        if (!old || old.group !== o.group) {
          this.objects.set(o.address, { ...o, index: indexOf(o.address) });
          moved = true;
          continue;
        }
        for (const key of ['desired', 'state', 'drift', 'failed', 'paused']) old[key] = o[key];
        this.touch(old);
      }
      if (moved) this.regroup();
      return moved ? ['groups', 'objects', 'head'] : ['objects', 'head'];
    }

    // touch marks the row of an object.
    touch(o) {
      const g = o && this.groups.get(o.row);
      if (g) g.touch();
    }

    touchAll() {
      for (const g of this.groups.values()) g.touch();
    }

    // lastPass returns the newest pass that was not skipped, or undefined.
    lastPass() {
      return this.passes.findLast((p) => p.outcome !== 'skipped');
    }

    running() {
      const p = this.passes.at(-1);
      return Boolean(p && !p.end && !p.outcome);
    }

    isPaused(o) {
      return Boolean(o.paused) || this.paused.has(o.address) || this.paused.has(o.group);
    }

    // condition returns the key of the condition of an object.
    condition(o) {
      const step = this.steps.get(o.address);
      if (step && step.phase && !ended.has(step.phase)) return 'changing';
      if (o.failed) return 'failed';
      if (this.isPaused(o)) return 'paused';
      if (o.desired && !o.state) return 'missing';
      return o.drift ? 'drift' : 'sync';
    }

    // count returns the counts of the conditions of a row.
    count(g) {
      if (g.stale) {
        g.counts = {};
        for (const o of g.members) {
          o.condition = this.condition(o);
          g.counts[o.condition] = (g.counts[o.condition] || 0) + 1;
        }
        g.stale = false;
      }
      return g.counts;
    }

    // totals returns the counts of the conditions of all objects.
    totals() {
      const sum = {};
      for (const g of this.groups.values()) {
        for (const [key, n] of Object.entries(this.count(g))) sum[key] = (sum[key] || 0) + n;
      }
      return sum;
    }

    states() {
      const all = new Set();
      for (const o of this.objects.values()) all.add(o.state || 'missing');
      return [...all].sort();
    }

    // matching returns the objects that match a filter, the worst first.
    matching(filter) {
      this.totals(); // sets the conditions
      const list = [];
      for (const o of this.objects.values()) if (matches(o, filter)) list.push(o);
      const rank = (o) => worst.indexOf(o.condition);
      return list.sort((a, b) => rank(a) - rank(b) || text(a.group, b.group) || a.index - b.index || text(a.address, b.address));
    }
  }

  const handlers = {
    'pass.started'(e) { return this.setPass(e.pass); },
    'pass.skipped'(e) { return this.setPass(e.pass); },
    'pass.ended'(e) { return this.setPass(e.pass); },
    'pass.planned'(e) {
      this.setPlan(e.plan || null);
      this.touchAll();
      return [...this.setPass(e.pass), 'objects'];
    },
    'step.changed'(e) {
      const known = this.steps.get(e.step.address);
      if (known) Object.assign(known, { phase: '', text: '', wave: 0 }, e.step);
      this.touch(this.objects.get(e.step.address));
      return ['steps', 'objects'];
    },
    'objects.changed'(e) { return this.setObjects(e.objects || [], e.gone || []); },
    'alarm.raised'(e) {
      this.alarms.set(e.alarm.name, e.alarm);
      return ['alarms'];
    },
    'alarm.cleared'(e) {
      this.alarms.delete(e.alarm.name);
      return ['alarms'];
    },
    'approval.needed'(e) {
      this.setPlan(e.plan);
      return ['plan'];
    },
    'plan.approved'(e) {
      if (this.plan) this.plan.approved = true;
      else this.setPlan(e.plan);
      return ['plan'];
    },
    'paused'(e) {
      this.paused.add(e.address || '');
      this.touchAll();
      return ['objects', 'head'];
    },
    'resumed'(e) {
      this.paused.delete(e.address || '');
      this.touchAll();
      return ['objects', 'head'];
    },
    'head.changed'(e) {
      this.head = { ...this.head, pushes: '', next_pass: undefined, other_watch: '', ...e.head };
      return ['head'];
    },
  };

  // matches reports whether an object with a condition matches a filter.
  function matches(o, filter) {
    if (filter.group && o.row !== filter.group) return false;
    if (filter.state && (o.state || 'missing') !== filter.state) return false;
    if (filter.show === 'differ' && o.condition === 'sync') return false;
    if (filter.show && filter.show !== 'differ' && o.condition !== filter.show) return false;
    if (!filter.q) return true;
    const q = filter.q.toLowerCase();
    return o.address.toLowerCase().includes(q) || (o.state || '').toLowerCase().includes(q) || (o.drift || '').toLowerCase().includes(q);
  }

  const isEmpty = (filter) => !filter.q && !filter.state && !filter.show && !filter.group;

  return { Fleet, conditions, ended, matches, isEmpty };
})();
