// A table whose rows are kept by key: an update changes the text that changed and moves rows,
// so that focus, scroll and the eye stay where they are.

import { el, setText } from '../shell/dom.js';

export interface TableColumn<Row> {
  title: string;
  /** `number` right-aligns; further names are classes of their own. */
  class?: string;
  text: (row: Row) => string;
  /** A dim second line. */
  sub?: (row: Row) => string;
  /** Where the text leads; the whole row then leads there too. */
  href?: (row: Row) => string;
  /** A class that depends on the row (a state). */
  mark?: (row: Row) => string;
  /** Share 0..1 drawn as a bar under the number. */
  bar?: (row: Row) => number;
}

interface Slot {
  cell: HTMLTableCellElement;
  text: HTMLElement;
  sub: HTMLElement | null;
  bar: HTMLElement | null;
}

export class KeyedTable<Row> {
  readonly element: HTMLElement;
  private readonly body = el('tbody');
  private readonly empty: HTMLElement;
  private readonly table: HTMLTableElement;
  private rows = new Map<string, { element: HTMLTableRowElement; slots: Slot[] }>();

  constructor(
    private readonly columns: TableColumn<Row>[],
    private readonly keyOf: (row: Row) => string,
    texts: { caption: string; empty: string; test?: string },
  ) {
    const heads = columns.map((column) =>
      el('th', { text: column.title, class: column.class ?? '', attrs: { scope: 'col' } }),
    );
    const caption = el('caption', { class: 'unseen', text: texts.caption });
    this.table = el('table', {}, caption, el('thead', {}, el('tr', {}, ...heads)), this.body);
    this.empty = el('p', { class: 'empty', text: texts.empty });
    const attrs = { tabindex: '0', role: 'group', 'aria-label': texts.caption };
    this.element = el('div', { class: 'scroll', attrs }, this.table, this.empty);
    if (texts.test !== undefined) this.element.dataset['test'] = texts.test;
    this.table.hidden = true;
    this.empty.hidden = true;
  }

  update(rows: Row[]): void {
    const kept = new Map<string, { element: HTMLTableRowElement; slots: Slot[] }>();
    for (const [index, row] of rows.entries()) {
      const key = this.keyOf(row);
      const entry = this.rows.get(key) ?? this.makeRow();
      this.rows.delete(key);
      kept.set(key, entry);
      this.fill(entry.slots, row);
      const there = this.body.children[index] ?? null;
      if (there !== entry.element) this.body.insertBefore(entry.element, there);
    }
    for (const { element } of this.rows.values()) element.remove();
    this.rows = kept;
    this.table.hidden = rows.length === 0;
    this.empty.hidden = rows.length > 0;
  }

  private makeRow(): { element: HTMLTableRowElement; slots: Slot[] } {
    const slots = this.columns.map((column): Slot => {
      const linked = column.href !== undefined;
      const text = linked ? el('a', { class: 'name' }) : el('span', { class: 'value' });
      const sub = column.sub === undefined ? null : el('span', { class: 'sub' });
      const bar = column.bar === undefined ? null : el('span', { class: 'bar' });
      const cell = el('td', { class: column.class ?? '' }, text, sub, bar);
      return { cell, text, sub, bar };
    });
    const element = el('tr', {}, ...slots.map((slot) => slot.cell));
    const link = element.querySelector('a');
    if (link !== null) {
      element.classList.add('leads');
      element.addEventListener('click', (event) => {
        if (event.target !== link) link.click();
      });
    }
    return { element, slots };
  }

  private fill(slots: Slot[], row: Row): void {
    for (const [index, column] of this.columns.entries()) {
      const { cell, text, sub, bar } = slots[index];
      setText(text, column.text(row));
      if (sub !== null && column.sub !== undefined) setText(sub, column.sub(row));
      if (bar !== null && column.bar !== undefined) bar.style.width = `${column.bar(row) * 100}%`;
      if (text instanceof HTMLAnchorElement && column.href !== undefined) {
        const href = column.href(row);
        if (href === '') text.removeAttribute('href');
        else if (text.getAttribute('href') !== href) text.setAttribute('href', href);
        text.title = column.text(row);
      }
      if (column.mark !== undefined) cell.className = `${column.class ?? ''} ${column.mark(row)}`;
    }
  }
}
