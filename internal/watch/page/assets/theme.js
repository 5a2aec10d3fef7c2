'use strict';

// The theme: that of the system, or the one that the user chose. This file is loaded
// before anything is painted, so that a page never changes its colours while it loads.
const Theme = (() => {
  const names = ['system', 'light', 'dark'];
  const root = document.documentElement;
  const changed = [];

  // Storage may be forbidden; the choice then lasts as long as the page.
  function stored() {
    try {
      return localStorage.getItem('fleet-theme') || 'system';
    } catch {
      return 'system';
    }
  }

  function set(name) {
    root.dataset.theme = names.includes(name) ? name : 'system';
    try {
      localStorage.setItem('fleet-theme', root.dataset.theme);
    } catch { /* it lasts as long as the page */ }
    for (const call of changed) call();
  }

  function bind(button) {
    const show = () => {
      const name = root.dataset.theme;
      button.textContent = 'Theme: ' + name;
      button.setAttribute('aria-label', 'Theme: ' + name + '. Change it.');
    };
    button.addEventListener('click', () => {
      set(names[(names.indexOf(root.dataset.theme) + 1) % names.length]);
      show();
    });
    show();
  }

  root.dataset.theme = names.includes(stored()) ? stored() : 'system';
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => changed.forEach((call) => call()));
  return { bind, onChange: (call) => changed.push(call) };
})();
