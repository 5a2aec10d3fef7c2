'use strict';

// The page: it joins the parts. The filter and the selection are in the URL.
(() => {
  const { find } = Dom;
  const fleet = new Model.Fleet();
  const stored = find('state-of-report'); // only in a stored report
  const pause = 100; // milliseconds between two redraws
  const dirty = new Set();
  const everything = ['head', 'alarms', 'plan', 'groups', 'objects', 'passes', 'events'];
  let filter = {};
  let selected = '';
  let due = 0;
  let drawn = 0;
  let typing = 0;

  // readURL reads the filter and the selection.
  function readURL() {
    const query = new URLSearchParams(location.search || location.hash.slice(1));
    filter = { q: query.get('q') || '', state: query.get('state') || '', show: query.get('show') || '', group: query.get('group') || '' };
    selected = query.get('object') || '';
    find('q').value = filter.q;
    find('show').value = filter.show;
    find('show').selectedIndex = Math.max(0, find('show').selectedIndex);
    filter.show = find('show').value;
    FleetMap.setFilter(filter, selected);
  }

  // writeURL keeps them in the address. The address of a stored report is that of a file,
  // which gets a fragment.
  function writeURL(push) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...filter, object: selected })) if (value) query.set(name, value);
    const text = query.toString();
    const url = stored ? '#' + text : location.pathname + (text ? '?' + text : '');
    history[push ? 'pushState' : 'replaceState'](null, '', url);
  }

  function setFilter(next) {
    filter = { ...filter, ...next };
    FleetMap.setFilter(filter, selected);
    Objects.resetLimit();
    writeURL();
    mark(['objects', 'filter']);
  }

  function select(address) {
    selected = address === selected ? '' : address;
    FleetMap.setFilter(filter, selected);
    writeURL(true);
    mark(['objects', 'filter']);
    if (selected) requestAnimationFrame(() => setTimeout(reveal, 2 * pause)); // after it is drawn
  }

  // reveal scrolls to the details if they are below the list, as on a phone.
  function reveal() {
    if (find('detail').getBoundingClientRect().top > innerHeight) find('detail').scrollIntoView();
    Actions.announce('The details of ' + selected + ' are shown.');
  }

  // mark notes what has to be drawn, and draws it soon, at most ten times a second.
  function mark(parts) {
    for (const p of parts) dirty.add(p);
    if (due || dirty.size === 0) return;
    due = setTimeout(() => requestAnimationFrame(draw), Math.max(0, drawn + pause - performance.now()));
  }

  function draw() {
    due = 0;
    drawn = performance.now();
    const has = (...parts) => parts.some((p) => dirty.has(p));
    if (has('groups')) FleetMap.sync(fleet);
    if (has('groups', 'objects', 'head')) Objects.drawStates(fleet, filter.state);
    if (has('groups', 'objects', 'head', 'plan')) Head.draw(fleet, Boolean(stored));
    if (has('alarms')) Head.drawAlarms(fleet);
    if (has('plan')) PlanView.draw(fleet, Boolean(stored));
    else if (has('steps')) PlanView.drawProgress(fleet);
    if (has('groups', 'objects')) {
      FleetMap.draw(has('filter', 'groups'));
      Objects.drawRows(fleet, filter, selected);
    }
    if (has('groups', 'objects', 'events')) Objects.drawDetail(fleet, selected, Boolean(stored));
    if (has('passes')) {
      Chart.draw(fleet, Boolean(stored));
      Timeline.drawPasses(fleet, Boolean(stored));
    }
    if (has('events')) Timeline.drawEvents(fleet);
    dirty.clear();
    document.body.dataset.seq = fleet.seq; // for tests
  }

  function load(state) {
    if (fleet.head && fleet.head.version !== state.version) location.reload(); // the page is that of another version
    if (fleet.head && fleet.head.started !== state.started) fleet.events = [];
    fleet.load(state);
    Actions.planChanged();
    mark(everything);
  }

  // receive applies events in order. It returns false if one is missing.
  function receive(events) {
    for (const e of events) {
      const parts = fleet.apply(e);
      if (parts === null) return false;
      fleet.remember(e);
      if (parts.length > 0) Actions.announceEvent(e);
      mark([...parts, 'events']);
    }
    Actions.planChanged();
    return true;
  }

  function bind() {
    Theme.bind(find('theme'));
    Objects.start({ select, pause: Actions.setPaused });
    PlanView.start({ approve: Actions.askApproval });
    FleetMap.start({ select, filter: (key) => setFilter({ group: filter.group === key ? '' : key }) });
    Actions.start(fleet);
    find('q').addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(() => setFilter({ q: find('q').value.trim() }), 120);
    });
    find('state').addEventListener('change', () => setFilter({ state: find('state').value }));
    find('show').addEventListener('change', () => setFilter({ show: find('show').value }));
    find('filter').addEventListener('submit', (e) => e.preventDefault());
    find('filter').addEventListener('reset', () => setFilter({ q: '', state: '', show: '', group: '' }));
    addEventListener('popstate', () => {
      readURL();
      mark(everything);
      dirty.add('filter');
    });
  }

  bind();
  readURL();
  if (stored) {
    document.body.classList.add('stored');
    Head.setLink({ state: 'stored' });
    load(JSON.parse(stored.textContent));
  } else {
    setInterval(Head.tick, 1000);
    Live.start({ state: load, events: receive, link: Head.setLink });
  }
})();
