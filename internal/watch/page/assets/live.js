'use strict';

// The connection of this page: it loads the state, and joins the stream of events.
const Live = (() => {
  let port = null;
  let on = null; // {state, events, link}
  let seq = 0; // of the loaded state and the events since then
  let loading = false;
  let again = false; // a reset came while the state was loaded
  let waiting = []; // events that came while the state was loaded
  let failures = 0;
  let joined = false;

  const address = (path) => new URL(path, document.baseURI).href;

  function start(callbacks) {
    on = callbacks;
    load();
    document.addEventListener('visibilitychange', follow);
    addEventListener('pagehide', leave);
    addEventListener('pageshow', (e) => e.persisted && follow());
  }

  // load loads the state. Events that come meanwhile wait for it.
  async function load() {
    if (loading) {
      again = true;
      return;
    }
    loading = true;
    try {
      const state = await read();
      failures = 0;
      seq = state.seq;
      on.state(state);
    } catch (error) {
      retry(error);
      return;
    } finally {
      loading = false;
    }
    const events = waiting;
    waiting = [];
    deliver(events);
    if (again) {
      again = false;
      load();
    } else if (!joined) follow();
  }

  async function read() {
    const response = await fetch(address('api/state'), { headers: { Accept: 'application/json' }, cache: 'no-store' });
    if (response.status === 401) {
      location.assign(address('login'));
      throw new Error('the session has ended; log in again');
    }
    if (!response.ok) throw new Error(await problem(response));
    return response.json();
  }

  function retry(error) {
    const pause = Math.min(30000, 1000 * 2 ** failures++);
    on.link({ type: 'link', state: 'lost', retry: Date.now() + pause, reason: error.message });
    setTimeout(load, pause);
  }

  // deliver hands events over in order. If one is missing, the state is loaded again.
  function deliver(events) {
    if (events.length === 0) return;
    if (loading) {
      waiting.push(...events);
      return;
    }
    const last = events.at(-1).seq;
    if (!on.events(events)) load();
    else seq = Math.max(seq, last);
  }

  function receive({ data }) {
    if (data.type === 'event') deliver([data.event]);
    else if (data.type === 'reset') load();
    else on.link(data);
  }

  // follow joins the stream if the page is visible, and leaves it if it is hidden.
  function follow() {
    if (document.hidden) {
      leave();
      on.link({ type: 'link', state: 'hidden' });
      return;
    }
    if (!port) port = connect();
    joined = true;
    port.postMessage({ type: 'join', since: seq, url: address('api/events') });
  }

  function leave() {
    if (port && joined) port.postMessage({ type: 'leave' });
    joined = false;
  }

  function connect() {
    if (typeof SharedWorker === 'undefined') return here();
    const worker = new SharedWorker(address('stream.js'), { name: 'fleet-events-1' });
    worker.onerror = () => {
      port = here();
      if (joined) follow();
    };
    worker.port.onmessage = receive;
    worker.port.start();
    return worker.port;
  }

  // here runs the stream in this page.
  function here() {
    const channel = new MessageChannel();
    Stream.connect(channel.port1);
    channel.port2.onmessage = receive;
    return channel.port2;
  }

  // post sends a request of the user. It returns the text of the error, or ''.
  async function post(path, body) {
    try {
      const response = await fetch(address('api/' + path), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify(body),
      });
      if (response.status === 401) location.assign(address('login'));
      return response.ok ? '' : await problem(response);
    } catch {
      return 'the watch cannot be reached';
    }
  }

  async function problem(response) {
    const text = await response.text();
    try {
      return JSON.parse(text).error || text;
    } catch {
      return text || response.status + ' ' + response.statusText;
    }
  }

  return { start, post };
})();
