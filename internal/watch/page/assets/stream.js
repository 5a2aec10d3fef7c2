'use strict';

// The stream of events, once for all pages of a browser: this file runs as a
// SharedWorker, or in the page if there are none. It is closed while no page is visible,
// and opened again with growing pauses after an error.
//
// A page sends {type: 'join', since, url} when it becomes visible and {type: 'leave'} when
// it is hidden. It receives {type: 'event', event}, {type: 'reset'} if it has to load the
// state again, and {type: 'link', state, retry}.
const Stream = (() => {
  const history = 100; // events before the state of the first page, for the list of events
  const kept = 200; // events that later pages receive
  const large = 50; // objects in an event that is not kept
  const ports = new Set();
  let source = null;
  let timer = 0;
  let failures = 0;
  let events = [];
  let position = 0; // number of the last event
  let last = { type: 'link', state: 'connecting' };
  let url = '';

  function connect(port) {
    port.onmessage = ({ data }) => (data.type === 'join' ? join(port, data) : leave(port));
    if (port.start) port.start();
  }

  function send(message) {
    if (message.type === 'link') last = message;
    for (const port of ports) port.postMessage(message);
  }

  function join(port, { since, url: address }) {
    ports.add(port);
    url = address;
    port.postMessage(last);
    if (!source && !timer) {
      open(Math.max(0, since - history));
      return;
    }
    for (const event of events) port.postMessage({ type: 'event', event });
    const complete = events.length > 0 && events[0].seq <= since + 1;
    if (position > since && !complete) port.postMessage({ type: 'reset' });
  }

  function leave(port) {
    ports.delete(port);
    if (ports.size === 0) close();
  }

  function close() {
    clearTimeout(timer);
    timer = 0;
    disconnect();
    failures = 0;
    last = { type: 'link', state: 'connecting' };
  }

  function disconnect() {
    if (source) source.close();
    source = null;
    forget();
  }

  function forget() {
    events = [];
    position = 0;
  }

  // open starts at the event after since; '' means at the next one.
  function open(since) {
    timer = 0;
    source = new EventSource(url + '?since=' + since);
    source.onopen = () => {
      if (failures > 0) send({ type: 'reset' });
      failures = 0;
      send({ type: 'link', state: 'live' });
    };
    source.onmessage = ({ data }) => receive(JSON.parse(data));
    source.addEventListener('reset', () => {
      forget();
      send({ type: 'reset' });
    });
    source.onerror = lost;
  }

  function receive(event) {
    if (event.seq <= position) return;
    position = event.seq;
    if (event.objects && event.objects.length > large) events = [];
    else events.push(event);
    if (events.length > kept) events.splice(0, events.length - kept);
    send({ type: 'event', event });
  }

  // lost closes the stream and opens it again later. The server may be another one by
  // then, so that the pages load the state again.
  function lost() {
    disconnect();
    failures++;
    const pause = Math.min(30000, 500 * 2 ** Math.min(failures, 6)) * (0.75 + Math.random() / 2);
    send({ type: 'link', state: 'lost', retry: Date.now() + pause });
    timer = setTimeout(() => open(''), pause); // the pages load the state when it is open
  }

  return { connect };
})();

if (typeof SharedWorkerGlobalScope !== 'undefined' && self instanceof SharedWorkerGlobalScope) {
  self.onconnect = (e) => Stream.connect(e.ports[0]);
}
