// The columns of the worst lines, components, customers, products or branches: counts, the rate per
// line-month with its interval, the trend, causes and where they stand now.

import { toldCause } from '../parts/cause-name.js';
import { componentKind } from '../parts/component-kinds.js';
import type { TableColumn } from '../parts/table.js';
import { hrefWith } from '../shell/address.js';
import { duration, percent, rate, whole } from '../shell/format.js';
import { language } from '../shell/i18n.js';
import type { Span } from '../shell/scope.js';
import { serverNowMs } from '../shell/store.js';
import { lineHref } from '../shell/view.js';
import { clockNear } from '../shell/zone.js';
import { t } from './words.js';

export const WORST_BY = ['line', 'component', 'customer', 'product', 'branch'] as const;
export type WorstBy = (typeof WORST_BY)[number];

/** A row of GET /api/lists/worst; which of the optional fields there are follows from `by`. */
export interface WorstRow {
  readonly line?: string;
  readonly kind?: string | null;
  readonly name?: string;
  readonly branch?: string | null;
  readonly product?: string | null;
  readonly customer?: string | null;
  readonly keyCustomer?: boolean | null;
  readonly lines?: number;
  readonly linesInterrupted?: number;
  readonly linesDown?: number;
  readonly state?: 'down' | 'flapping' | 'unknown' | 'up';
  readonly interruptions: number;
  readonly momentary: number;
  readonly outages: number;
  readonly downMs: number;
  readonly flapEpisodes: number;
  readonly repeatFaults: number;
  readonly lastStart: number | null;
  readonly perLineMonth: number | null;
  readonly rateLow: number | null;
  readonly rateHigh: number | null;
  readonly before: number | null;
  readonly changePercent: number | null;
  readonly topCause: string | null;
  readonly plannedPercent: number;
  readonly coveragePercent: number;
}

/** What a row is called, and told by. */
export const keyOf = (row: WorstRow): string => row.line ?? `${row.kind ?? ''} ${row.name}`;

const dash = (value: number | null, text: (value: number) => string): string =>
  value === null ? '–' : text(value);

const few = (value: number): string =>
  new Intl.NumberFormat(language(), { maximumFractionDigits: value < 10 ? 2 : 1 }).format(value);

function changeText(percentage: number): string {
  const arrow = percentage > 0 ? '▲' : percentage < 0 ? '▼' : '=';
  return `${arrow} ${rate(Math.abs(percentage))} %`;
}

/** Which way a change goes, where it is more than chance of the last period would explain. */
function changeMark({ changePercent, before, interruptions }: WorstRow): string {
  if (changePercent === null || before === null) return '';
  const beyond = Math.abs(interruptions - before) > 2 * Math.sqrt(interruptions + before);
  if (!beyond) return 'same';
  return changePercent > 0 ? 'worse' : 'better';
}

/** Where a group's name leads: its lines, worst first. */
function groupHref(by: Exclude<WorstBy, 'line'>, { kind, name }: WorstRow): string {
  return hrefWith({ by: null, [by]: name ?? '', kind: kind ?? null });
}

function names(by: WorstBy, span: () => Span): TableColumn<WorstRow>[] {
  if (by === 'line') {
    return [
      {
        title: t('line'),
        class: 'wide',
        text: (row) => row.line ?? '',
        href: (row) => lineHref(row.line ?? '', span().from, span().to),
        sub: (row) => [row.branch, row.product].filter(Boolean).join(' · '),
      },
      {
        title: t('customer'),
        class: 'rest',
        text: (row) => row.customer ?? '',
        sub: (row) => (row.keyCustomer === true ? t('key') : ''),
      },
    ];
  }
  const lines: TableColumn<WorstRow> = {
    title: t('linesOf'),
    class: 'number',
    text: (row) => whole(row.lines ?? 0),
    sub: (row) => t('interrupted', { n: whole(row.linesInterrupted ?? 0) }),
  };
  const name: TableColumn<WorstRow> = {
    title: t(by),
    class: 'wide',
    text: (row) => (row.name === '' ? t('unnamed') : (row.name ?? '')),
    href: (row) => groupHref(by, row),
    sub: (row) => componentKind(row.kind ?? ''),
  };
  return [name, lines];
}

function stateColumn(by: WorstBy): TableColumn<WorstRow> {
  if (by !== 'line') {
    return {
      title: t('state'),
      class: 'state',
      text: (row) => (row.linesDown ? t('downNow', { n: whole(row.linesDown) }) : t('up')),
      mark: (row) => (row.linesDown ? 'is-down' : 'is-up'),
    };
  }
  const said = { down: 'down', flapping: 'isFlapping', unknown: 'unknown', up: 'up' } as const;
  return {
    title: t('state'),
    class: 'state',
    text: (row) => t(said[row.state ?? 'unknown']),
    mark: (row) => `is-${row.state ?? 'unknown'}`,
  };
}

/** The columns; `most` = interruptions of the worst of them, for the bars. */
export function worstColumns(
  by: WorstBy,
  most: () => number,
  span: () => Span,
): TableColumn<WorstRow>[] {
  return [
    ...names(by, span),
    {
      title: t('interruptions'),
      class: 'number strong barred',
      text: (row) => whole(row.interruptions),
      bar: (row) => row.interruptions / most(),
    },
    {
      title: t('perLineMonth'),
      class: 'number',
      text: (row) => dash(row.perLineMonth, few),
      sub: (row) =>
        row.rateLow === null || row.rateHigh === null
          ? ''
          : t('interval', { low: few(row.rateLow), high: few(row.rateHigh) }),
    },
    {
      title: t('trend'),
      class: 'number change',
      text: (row) => (row.changePercent === null ? t('noTrend') : changeText(row.changePercent)),
      sub: (row) => dash(row.before, whole),
      mark: changeMark,
    },
    { title: t('momentary'), class: 'number spare', text: (row) => whole(row.momentary) },
    { title: t('outages'), class: 'number', text: (row) => whole(row.outages) },
    { title: t('downTime'), class: 'number', text: (row) => duration(row.downMs) },
    { title: t('flapEpisodes'), class: 'number', text: (row) => whole(row.flapEpisodes) },
    { title: t('repeatFaults'), class: 'number spare', text: (row) => whole(row.repeatFaults) },
    { title: t('topCause'), class: 'rest', text: (row) => toldCause(row.topCause ?? '') },
    {
      title: t('planned'),
      class: 'number spare',
      text: (row) => percent(row.plannedPercent / 100),
    },
    {
      title: t('lastStart'),
      class: 'number',
      text: (row) => dash(row.lastStart, (ms) => clockNear(ms, serverNowMs())),
      sub: (row) => `${t('coverage')} ${percent(row.coveragePercent / 100)}`,
    },
    stateColumn(by),
  ];
}
