// The wall's three short lists: active causes, works in progress, lines flapping. Each shows as many rows
// as fit and how many there are in all.

import type { Cause } from '../../../src/api/cause-contract.js';
import type { Flapping, Now } from '../../../src/api/contract.js';
import { whose } from '../parts/flapping-list.js';
import { el } from '../shell/dom.js';
import { duration, whole } from '../shell/format.js';
import { language } from '../shell/i18n.js';
import { serverNowMs } from '../shell/store.js';
import { clockNear } from '../shell/zone.js';
import { causeName } from '../parts/cause-name.js';
import { t } from './words.js';

interface Item {
  readonly head: string;
  readonly side: string;
  readonly sub: string;
  readonly look: string;
}

const near = (ms: number): string => clockNear(ms, serverNowMs());

/** Rows of text; those that do not fit are cut off whole. */
export class WallList {
  readonly element: HTMLElement;
  private readonly list = el('ol');
  private readonly none: HTMLElement;

  constructor(none: string, test: string) {
    this.none = el('p', { class: 'empty', text: none });
    this.element = el('div', { class: 'wall-list', test }, this.list, this.none);
  }

  show(items: readonly Item[]): void {
    this.none.hidden = items.length > 0;
    this.list.hidden = items.length === 0;
    const rows = items.map(({ head, side, sub, look }) =>
      el(
        'li',
        { class: look },
        el('bdi', { class: 'wall-head', text: head }),
        el('strong', { text: side }),
        el('span', { class: 'wall-sub', text: sub }),
      ),
    );
    this.list.replaceChildren(...rows);
  }
}

export function flappingItems({ rows }: Flapping): Item[] {
  return rows.map((row) => ({
    head: row.line,
    side: whole(row.interruptions),
    sub: `${near(row.since)} · ${whose(row)}`,
    look: row.down ? 'is-down' : '',
  }));
}

export function workItems({ works }: Now): Item[] {
  return works.map((work) => ({
    head: work.work,
    side: '',
    sub: t('workEnds', {
      time: near(work.endMs),
      lines: whole(work.lines),
      hit: whole(work.interruptions),
    }),
    look: work.endMs < serverNowMs() ? 'is-late' : '',
  }));
}

export function causeItems(causes: readonly Cause[]): Item[] {
  return causes.map((cause) => {
    const count = { lines: whole(cause.lines), members: whole(cause.members) };
    const settled = cause.phase === 'final' ? [] : [t('provisional')];
    const lasted = duration(Math.max(1000, Math.floor((serverNowMs() - cause.at) / 1000) * 1000));
    return {
      head: causeName(cause),
      side: t('causeLines', count),
      sub: [lasted, ...settled, cause.explanation[language()]].join(' · '),
      look: 'is-cause',
    };
  });
}
