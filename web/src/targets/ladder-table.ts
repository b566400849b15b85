// The ladder as a table, for those who would rather read: a row a month.

import type { TargetsAnswer } from '../../../src/api/kpi-contract.js';
import { whole } from '../shell/format.js';
import { KeyedTable } from '../parts/table.js';
import { word } from './kpi-words.js';

type Ladder = NonNullable<TargetsAnswer['ladder']>;

interface Month {
  readonly month: string;
  readonly value: number | null;
  readonly target: number | null;
  readonly path: number | null;
  /** What is expected of the running month, with its band; '' of the others. */
  readonly expected: string;
  readonly state: string;
}

/** The months of a ladder. */
export function monthsOf({ months, month, forecast }: Ladder): Month[] {
  const expected =
    forecast === null
      ? ''
      : `${whole(forecast.expected)} (${whole(forecast.low)} – ${whole(forecast.high)})`;
  return months.map((one) => ({ ...one, expected: one.month === month ? expected : '' }));
}

const STATES = ['ahead', 'running', 'met', 'missed', 'on', 'off'] as const;

function stateText(state: string): string {
  const known = STATES.find((one) => one === state);
  return known === undefined ? word('none') : word(`state_${known}`);
}

const count = (value: number | null): string => (value === null ? '–' : whole(value));

/** Its table. */
export function ladderTable(): KeyedTable<Month> {
  return new KeyedTable<Month>(
    [
      { title: word('monthOf'), text: ({ month }) => month },
      { title: word('actual'), class: 'number strong', text: ({ value }) => count(value) },
      { title: word('target'), class: 'number', text: ({ target }) => count(target) },
      { title: word('path'), class: 'number', text: ({ path }) => count(path) },
      { title: word('expected'), class: 'number', text: ({ expected }) => expected },
      {
        title: word('state'),
        class: 'state',
        text: ({ state }) => stateText(state),
        mark: ({ state }) => (state === 'missed' || state === 'off' ? 'is-down' : ''),
      },
    ],
    ({ month }) => month,
    { caption: word('ladder'), empty: word('none'), test: 'ladder-table' },
  );
}
