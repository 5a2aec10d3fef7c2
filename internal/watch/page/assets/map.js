'use strict';

// The map: one row for each group, with a cell for each object. The cells are drawn on a
// canvas; a grid next to it has the cell under the cursor for keyboards and screen
// readers. Rows that are not visible are not drawn.
const FleetMap = (() => {
  const { find, h, count } = Dom;
  const rows = new Map(); // Row by key
  let colors = {};
  let on = null; // {select(address), filter(group)}
  let filter = {};
  let fleet = null;
  let selected = '';
  let serial = 0;

  // Sizes of cells and the gap between them in pixels, by the number of objects.
  const sizes = [[60, 16, 3], [900, 11, 2], [Infinity, 8, 2]];
  const block = 10; // cells between two wider gaps
  const wide = 3; // further pixels of a wider gap
  const margin = 40; // for the numbers of the rows
  const pad = 3; // for the outline of the cursor

  // readColors takes the colours of the style sheet, which depend on the theme.
  function readColors() {
    const probe = h('span', { hidden: true });
    document.body.append(probe);
    for (const name of ['sync', 'drift', 'failed', 'missing', 'changing', 'paused', 'paper', 'ink', 'faint', 'accent']) {
      probe.className = 'c-' + name;
      colors[name] = getComputedStyle(probe).color;
    }
    probe.remove();
  }

  const seen = new IntersectionObserver((list) => {
    for (const entry of list) {
      const row = entry.target.row;
      row.visible = entry.isIntersecting;
      if (row.visible && row.stale) row.draw();
    }
  }, { rootMargin: '300px' });

  const resized = new ResizeObserver((list) => {
    for (const entry of list) entry.target.row.layout(entry.contentRect.width);
  });

  class Row {
    constructor(group) {
      this.id = 'row' + ++serial;
      this.cursor = 0;
      this.stale = true;
      this.visible = false;
      this.columns = 0;
      this.canvas = h('canvas', { 'aria-hidden': 'true' });
      this.cells = h('div', { class: 'unseen' });
      this.grid = h('div', {
        class: 'map', role: 'grid', tabindex: '0', 'aria-readonly': 'true', 'aria-labelledby': this.id + '-name ' + this.id + '-counts',
        onkeydown: (e) => this.key(e), onfocus: () => this.focus(true), onblur: () => this.focus(false),
        onclick: (e) => this.click(e), onmousemove: (e) => this.hover(e), onmouseleave: () => hideTip(),
      }, this.canvas, this.cells);
      this.name = h('button', { type: 'button', class: 'name', id: this.id + '-name', onclick: () => on.filter(this.group.key), 'aria-pressed': 'false' });
      this.counts = h('p', { class: 'counts', id: this.id + '-counts' });
      this.element = h('div', { class: 'group' }, h('div', { class: 'group-name' }, this.name, this.counts), this.grid);
      this.grid.row = this;
      this.set(group);
      resized.observe(this.grid);
      seen.observe(this.grid);
    }

    remove() {
      resized.unobserve(this.grid);
      seen.unobserve(this.grid);
      this.element.remove();
    }

    set(group) {
      this.group = group;
      this.cursor = Math.min(this.cursor, group.members.length - 1);
      const [, size, gap] = sizes.find(([most]) => group.members.length <= most);
      this.size = size;
      this.pitch = size + gap;
      this.stale = true;
      if (this.columns > 0) this.layout(this.width);
    }

    // layout chooses the number of columns: whole blocks, if one fits.
    layout(width) {
      this.width = width;
      const fit = Math.floor((width - margin - 2 * pad) / (this.pitch + wide / block));
      this.columns = Math.max(1, fit >= block ? Math.min(100, fit - (fit % block)) : fit);
      const lines = Math.ceil(this.group.members.length / this.columns);
      this.canvas.style.width = width + 'px';
      this.canvas.style.height = lines * this.pitch + 2 * pad + 'px';
      this.grid.setAttribute('aria-rowcount', lines);
      this.grid.setAttribute('aria-colcount', Math.min(this.columns, this.group.members.length));
      this.point();
      this.draw();
    }

    x(i) {
      const column = i % this.columns;
      return margin + pad + column * this.pitch + Math.floor(column / block) * wide;
    }

    y(i) {
      return pad + Math.floor(i / this.columns) * this.pitch;
    }

    draw() {
      this.version = this.group.version;
      this.describe();
      if (!this.visible || this.columns === 0) {
        this.stale = true;
        return;
      }
      this.stale = false;
      const ratio = window.devicePixelRatio || 1;
      const lines = Math.ceil(this.group.members.length / this.columns);
      this.canvas.width = Math.round(this.width * ratio);
      this.canvas.height = Math.round((lines * this.pitch + 2 * pad) * ratio);
      const c = this.canvas.getContext('2d');
      c.scale(ratio, ratio);
      this.drawNumbers(c, lines);
      const all = Model.isEmpty(filter);
      this.group.members.forEach((o, i) => {
        c.globalAlpha = all || Model.matches(o, filter) ? 1 : 0.15;
        cell(c, o.condition, this.x(i), this.y(i), this.size);
      });
      c.globalAlpha = 1;
      this.drawMarks(c);
    }

    drawNumbers(c, lines) {
      if (this.group.members.length <= this.columns || this.group.members[0].index < 0) return;
      c.fillStyle = colors.faint;
      c.font = '10px ui-monospace, monospace';
      c.textAlign = 'right';
      c.textBaseline = 'middle';
      const every = Math.ceil(12 / this.pitch);
      for (let line = 0; line < lines; line += every) {
        c.fillText(String(this.group.members[line * this.columns].index), margin - 6, pad + line * this.pitch + this.size / 2);
      }
    }

    // drawMarks outlines the selected cell, and the one under the cursor.
    drawMarks(c) {
      const outline = (i, color) => {
        c.strokeStyle = color;
        c.lineWidth = 2;
        c.strokeRect(this.x(i) - 2, this.y(i) - 2, this.size + 4, this.size + 4);
      };
      const at = selected ? this.group.members.findIndex((o) => o.address === selected) : -1;
      if (at >= 0) outline(at, colors.ink);
      if (this.focused) outline(this.cursor, colors.accent);
    }

    describe() {
      const counts = fleet.count(this.group);
      Dom.setText(this.name, this.group.key);
      this.name.setAttribute('aria-pressed', String(filter.group === this.group.key));
      this.name.title = 'Show the objects of ' + this.group.key;
      const parts = Object.entries(Model.conditions).filter(([key]) => counts[key]).map(([key, label]) => [key, count(counts[key]) + ' ' + label]);
      const text = parts.map(([, t]) => t).join(', ');
      if (this.counts.textContent === text) return;
      this.counts.replaceChildren(...parts.flatMap(([key, t], i) => [i > 0 ? ', ' : '', h('span', { class: 't-' + key }, t)]));
    }

    // point describes the cell under the cursor.
    point() {
      const o = this.group.members[this.cursor];
      if (!o || this.columns === 0) return;
      const id = this.id + '-cell';
      this.cells.replaceChildren(h('div', { role: 'row', 'aria-rowindex': Math.floor(this.cursor / this.columns) + 1 },
        h('div', { role: 'gridcell', id, 'aria-colindex': (this.cursor % this.columns) + 1, 'aria-selected': String(o.address === selected) }, describe(o))));
      this.grid.setAttribute('aria-activedescendant', id);
    }

    move(to) {
      this.cursor = Math.max(0, Math.min(this.group.members.length - 1, to));
      this.point();
      this.draw();
      showTip(this.group.members[this.cursor], this.grid, this.x(this.cursor) + this.size, this.y(this.cursor) + this.size);
    }

    key(e) {
      const line = this.cursor - (this.cursor % this.columns);
      const to = {
        ArrowRight: this.cursor + 1, ArrowLeft: this.cursor - 1, ArrowDown: this.cursor + this.columns, ArrowUp: this.cursor - this.columns,
        PageDown: this.cursor + 10 * this.columns, PageUp: this.cursor - 10 * this.columns,
        Home: e.ctrlKey ? 0 : line, End: e.ctrlKey ? this.group.members.length - 1 : line + this.columns - 1,
      }[e.key];
      if (to !== undefined) this.move(to);
      else if (e.key === 'Enter' || e.key === ' ') on.select(this.group.members[this.cursor].address);
      else if (e.key === 'Escape') hideTip();
      else return;
      e.preventDefault();
    }

    focus(has) {
      this.focused = has && this.grid.matches(':focus-visible');
      this.draw();
      if (!has) hideTip();
    }

    // at returns the index of the object under a mouse event, or -1.
    at(e) {
      const box = this.canvas.getBoundingClientRect();
      const line = Math.floor((e.clientY - box.top - pad) / this.pitch);
      const x = e.clientX - box.left - margin - pad;
      for (let column = 0; column < this.columns; column++) {
        const left = column * this.pitch + Math.floor(column / block) * wide;
        if (x >= left && x < left + this.pitch) {
          const i = line * this.columns + column;
          return line >= 0 && i < this.group.members.length ? i : -1;
        }
      }
      return -1;
    }

    click(e) {
      const i = this.at(e);
      if (i < 0) return;
      this.cursor = i;
      this.point();
      on.select(this.group.members[i].address);
    }

    hover(e) {
      const i = this.at(e);
      if (i < 0) hideTip();
      else showTip(this.group.members[i], this.grid, this.x(i) + this.size, this.y(i) + this.size);
    }
  }

  // cell draws one object. Conditions differ in shape as well as in colour.
  function cell(c, condition, x, y, size) {
    c.fillStyle = colors[condition];
    c.strokeStyle = colors[condition];
    const hollow = condition === 'missing';
    if (hollow) {
      c.lineWidth = 1.5;
      c.strokeRect(x + 0.75, y + 0.75, size - 1.5, size - 1.5);
      return;
    }
    c.fillRect(x, y, size, size);
    c.fillStyle = colors.paper;
    c.strokeStyle = colors.paper;
    if (marks[condition]) marks[condition](c, x, y, size);
  }

  // marks are what is cut out of a cell.
  const marks = {
    failed(c, x, y, size) {
      const inset = size / 4;
      c.lineWidth = size / 7;
      c.beginPath();
      c.moveTo(x + inset, y + inset);
      c.lineTo(x + size - inset, y + size - inset);
      c.moveTo(x + size - inset, y + inset);
      c.lineTo(x + inset, y + size - inset);
      c.stroke();
    },
    drift(c, x, y, size) {
      c.beginPath();
      c.moveTo(x + size * 0.4, y);
      c.lineTo(x + size, y);
      c.lineTo(x + size, y + size * 0.6);
      c.fill();
    },
    changing(c, x, y, size) {
      c.fillRect(x + size / 4, y + size / 4, size / 2, size / 2);
    },
    paused(c, x, y, size) {
      c.fillRect(x + size * 0.42, y, size * 0.16, size);
    },
  };

  function describe(o) {
    const parts = [o.address, o.state || 'does not exist', Model.conditions[o.condition]];
    if (o.drift) parts.push(o.drift);
    return parts.join(', ');
  }

  function showTip(o, grid, x, y) {
    const tip = find('tip');
    tip.replaceChildren(h('code', {}, o.address), h('span', {}, (o.state || 'does not exist') + ', ' + Model.conditions[o.condition] + (o.drift ? ': ' + o.drift : '')));
    tip.hidden = false;
    const box = grid.getBoundingClientRect();
    const left = Math.min(box.left + x + 4, innerWidth - tip.offsetWidth - 8);
    tip.style.left = Math.max(4, left) + scrollX + 'px';
    tip.style.top = box.top + y + 6 + scrollY + 'px';
  }

  function hideTip() {
    find('tip').hidden = true;
  }

  // sync makes the rows those of the fleet, in the order of their keys.
  function sync(now) {
    fleet = now;
    const keys = [...fleet.groups.keys()].sort();
    for (const [key, row] of rows) {
      if (fleet.groups.has(key)) continue;
      row.remove();
      rows.delete(key);
    }
    const parent = find('groups');
    keys.forEach((key, i) => {
      const group = fleet.groups.get(key);
      let row = rows.get(key);
      if (!row) {
        row = new Row(group);
        rows.set(key, row);
      } else if (row.group !== group) row.set(group);
      if (parent.children[i] !== row.element) parent.insertBefore(row.element, parent.children[i] || null);
    });
  }

  // draw draws the rows that changed, or all of them.
  function draw(all) {
    for (const row of rows.values()) {
      if (!all && row.version === row.group.version) continue;
      row.draw();
      row.point();
    }
  }

  function start(callbacks) {
    on = callbacks;
    readColors();
    Theme.onChange(() => {
      readColors();
      draw(true);
      legend();
    });
    legend();
  }

  function setFilter(next, address) {
    filter = next;
    selected = address;
  }

  // legend shows a cell of each condition.
  function legend() {
    find('legend').replaceChildren(...Object.entries(Model.conditions).map(([key, label]) => {
      const ratio = window.devicePixelRatio || 1;
      const canvas = h('canvas', { width: 12 * ratio, height: 12 * ratio, 'aria-hidden': 'true' });
      const c = canvas.getContext('2d');
      c.scale(ratio, ratio);
      cell(c, key, 0, 0, 12);
      return h('li', {}, canvas, label);
    }));
  }

  return { start, sync, draw, setFilter };
})();
