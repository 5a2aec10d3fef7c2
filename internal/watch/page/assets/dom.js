'use strict';

// Small helpers for elements, numbers and times. Text is only ever set as text.
const Dom = (() => {
  const find = (id) => document.getElementById(id);

  // h returns an element. Attributes that are null or false are left out; on* are
  // listeners. Children are elements or texts.
  function h(tag, attributes, ...children) {
    const e = document.createElement(tag);
    fill(e, attributes, children);
    return e;
  }

  // svg returns an element of a drawing.
  function svg(tag, attributes, ...children) {
    const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
    fill(e, attributes, children);
    return e;
  }

  function fill(e, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
      else e.setAttribute(name, value === true ? '' : value);
    }
    e.append(...children.filter((c) => c !== null && c !== undefined && c !== ''));
  }

  // replace makes the children of an element those given. Nodes that stay the same are
  // kept, so that a click on one is not lost, and the focus stays on the child with the
  // same data-key. The listeners of a node must follow from its attributes and texts.
  function replace(e, ...children) {
    const focused = e.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    morph(e, children.filter((c) => c !== null && c !== undefined));
    if (focused === undefined || e.contains(document.activeElement)) return;
    const again = [...e.querySelectorAll('[data-key]')].find((c) => c.dataset.key === focused);
    if (again) again.focus({ preventScroll: true });
  }

  function morph(e, children) {
    const old = [...e.childNodes];
    children.forEach((child, i) => {
      if (!old[i]) e.append(child);
      else if (old[i].isEqualNode(child)) return;
      else if (sameElement(old[i], child)) morph(old[i], [...child.childNodes]);
      else old[i].replaceWith(child);
    });
    for (const rest of old.slice(children.length)) rest.remove();
  }

  // sameElement reports whether two nodes are elements that differ at most in their
  // children.
  function sameElement(a, b) {
    if (a.nodeType !== Node.ELEMENT_NODE || a.nodeName !== b.nodeName || a.attributes.length !== b.attributes.length) return false;
    return [...a.attributes].every(({ name, value }) => b.getAttribute(name) === value);
  }

  // setText changes a text only if it differs, so that nothing is laid out again.
  function setText(e, text) {
    if (e.textContent !== text) e.textContent = text;
  }

  const numbers = new Intl.NumberFormat('en');
  const count = (n) => numbers.format(n);
  const plural = (n, one, many) => count(n) + ' ' + (n === 1 ? one : many || one + 's');

  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

  // time returns the element for a moment: the time, with the day unless it is today.
  function time(moment) {
    const d = new Date(moment);
    const today = d.toDateString() === new Date().toDateString();
    return h('time', { datetime: d.toISOString(), title: full.format(d) }, (today ? clock : day).format(d));
  }

  // duration returns a length of time in milliseconds for people.
  function duration(ms) {
    const s = Math.max(0, ms) / 1000;
    if (s < 10) return s.toFixed(1) + ' s';
    if (s < 90) return Math.round(s) + ' s';
    if (s < 5400) return Math.round(s / 60) + ' min';
    if (s < 172800) return Math.round(s / 3600) + ' h';
    return Math.round(s / 86400) + ' d';
  }

  return { find, h, svg, replace, setText, count, plural, time, duration, full };
})();
