// The heat map as a table, for those who would rather read: a row for each of its rows, with the worst
// five minutes of the period.

import type { Heat } from '../../../src/api/contract.js';
import { KeyedTable } from '../parts/table.js';
import { percent, rate, whole } from '../shell/format.js';
import { clock, monthDay } from '../shell/zone.js';
import { type HeatRow, flappingNow, valueOf, worstBucket } from './heat-data.js';
import { t } from './words.js';

interface Row {
  readonly row: HeatRow;
  readonly name: string;
  readonly starts: number;
  readonly worst: string;
  readonly worstMs: number;
  readonly coverage: number;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function rowOf(heat: Heat, row: HeatRow): Row {
  const column = { first: 0, last: heat.buckets, fromMs: 0, toMs: 0 };
  const bucket =
    heat.buckets === 0 ? -1 : worstBucket(row.starts, row.coverage, column.first, column.last);
  return {
    row,
    name: row.name === '' ? t('unnamed') : row.name,
    starts: sum(row.starts),
    worst: bucket < 0 ? '–' : rate(valueOf(heat, row, row.starts[bucket])),
    worstMs: heat.fromMs + Math.max(0, bucket) * heat.bucketMs,
    coverage: sum(row.coverage) / Math.max(1, row.coverage.length),
  };
}

export class HeatTable {
  readonly element: HTMLElement;
  private readonly table: KeyedTable<Row>;

  /** `href` leads from a row and its worst five minutes on. */
  constructor(title: string, href: (name: string, timeMs: number) => string) {
    this.table = new KeyedTable<Row>(
      [
        {
          title,
          class: 'wide',
          text: ({ name }) => name,
          href: (r) => href(r.row.name, r.worstMs),
        },
        { title: t('lines'), class: 'number', text: ({ row }) => whole(row.lines) },
        { title: t('starts'), class: 'number strong', text: ({ starts }) => whole(starts) },
        { title: t('worstRate'), class: 'number', text: ({ worst }) => worst },
        {
          title: t('worstAt'),
          class: 'number',
          text: ({ worstMs }) => `${monthDay(worstMs)} ${clock(worstMs)}`,
        },
        {
          title: t('flappingColumn'),
          class: 'number',
          text: ({ row }) => {
            const count = flappingNow(row);
            return count === null ? '–' : whole(count);
          },
        },
        { title: t('coverage'), class: 'number', text: ({ coverage }) => percent(coverage) },
      ],
      ({ row }) => row.name,
      { caption: t('map'), empty: t('emptyHeat'), test: 'heat-table' },
    );
    this.element = this.table.element;
  }

  show(heat: Heat): void {
    this.table.update(heat.rows.map((row) => rowOf(heat, row)));
  }
}
