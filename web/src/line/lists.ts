// The lists of a line page: interruptions, episodes of all detectors, tickets, works, alarms, and the
// record's fields.

import type { Timeline } from '../../../src/api/contract.js';
import type { LineDetail } from '../../../src/api/line-contract.js';
import { el } from '../shell/dom.js';
import { duration, whole } from '../shell/format.js';
import { serverNowMs } from '../shell/store.js';
import { clockNear, dateTime } from '../shell/zone.js';
import { recordField } from '../parts/record-fields.js';
import { KeyedTable } from '../parts/table.js';
import { durationAt } from './timeline-paint.js';
import { rawHref } from './raw.js';
import { t } from './words.js';

type Interruption = Timeline['interruptions'][number];
type Episode = LineDetail['episodes'][number];
type Ticket = LineDetail['tickets'][number];
type Work = LineDetail['works'][number];
type Alarm = LineDetail['alarms'][number];

/** Times of the last months are told without their year. */
const NEAR_MS = 300 * 86_400_000;

function time(ms: number | null): string {
  if (ms === null) return '';
  const nowMs = serverNowMs();
  return Math.abs(nowMs - ms) < NEAR_MS ? clockNear(ms, nowMs) : dateTime(ms);
}

export function interruptionTable(reading: () => number): KeyedTable<Interruption> {
  const outage = (one: Interruption): boolean => one.class === 'outage';
  return new KeyedTable<Interruption>(
    [
      { title: '#', class: 'number', text: (one) => whole(one.n) },
      { title: t('startTime'), class: 'number', text: (one) => dateTime(one.start) },
      {
        title: t('durationTitle'),
        class: 'number strong',
        text: (one) => duration(durationAt(one, reading())),
        sub: (one) => (one.end === null ? t('still') : ''),
      },
      {
        title: t('class'),
        class: 'state',
        text: (one) => (outage(one) ? t('class_outage') : t('class_momentary')),
        mark: (one) => (outage(one) ? 'is-down' : ''),
      },
      {
        title: t('planned'),
        text: (one) => (one.planned ? t('inWork') : one.uncertain ? t('uncertain') : ''),
      },
      { title: t('alarm'), text: (one) => one.alarm ?? '' },
      { title: t('cause'), class: 'fill', text: (one) => one.cause ?? '' },
      {
        title: t('rawTitle'),
        class: 'number',
        text: (one) => (one.firstOffset === null ? '–' : t('rawOpen')),
        href: rawHref,
      },
    ],
    (one) => `${one.partition} ${one.n}`,
    { caption: t('interruptionList'), empty: t('noInterruptions'), test: 'interruptions' },
  );
}

export function episodeTable(): KeyedTable<Episode> {
  return new KeyedTable<Episode>(
    [
      {
        title: t('detector'),
        text: (one) => `${one.detector}${one.shadow ? ` (${t('shadow')})` : ''}`,
        sub: (one) => one.rule,
      },
      { title: t('since'), class: 'number', text: (one) => time(one.since) },
      {
        title: t('until'),
        class: 'number',
        text: (one) => (one.end === null ? t('stillOpen') : time(one.end)),
      },
      { title: t('starts'), class: 'number strong', text: (one) => whole(one.interruptions) },
      {
        title: t('resetBy'),
        class: 'fill',
        text: (one) => one.resetBy ?? '',
        sub: (one) => one.resetWhy ?? '',
      },
    ],
    (one) => `${one.partition} ${one.detector} ${one.rule} ${one.at}`,
    { caption: t('episodes'), empty: t('noEpisodes'), test: 'line-episodes' },
  );
}

export function ticketTable(): KeyedTable<Ticket> {
  return new KeyedTable<Ticket>(
    [
      { title: t('ticket'), text: (one) => one.ticket, sub: (one) => t(kindOf(one.kind)) },
      {
        title: t('opened'),
        class: 'number',
        text: (one) => time(one.opened),
        sub: (one) =>
          one.closed === null ? t('stillOpen') : t('closedAt', { time: time(one.closed) }),
      },
      {
        title: t('cause'),
        class: 'fill',
        text: (one) => one.cause ?? '',
        sub: (one) => (one.valid === false ? t('notValid') : ''),
      },
    ],
    (one) => one.ticket,
    { caption: t('tickets'), empty: t('noTickets'), test: 'tickets' },
  );
}

const kindOf = (kind: string): 'report' | 'complaint' =>
  kind === 'complaint' ? 'complaint' : 'report';

const STATUS = ['planned', 'running', 'done', 'cancelled'] as const;

function statusText(said: string): string {
  const known = STATUS.find((one) => one === said);
  return known === undefined ? said : t(`w_${known}`);
}

export function workTable(): KeyedTable<Work> {
  return new KeyedTable<Work>(
    [
      { title: t('work'), text: (one) => one.work, sub: (one) => statusText(one.status) },
      {
        title: t('from'),
        class: 'number',
        text: (one) => time(one.start),
        sub: (one) => `– ${time(one.end)}`,
      },
      { title: t('inWindow'), class: 'number strong', text: (one) => whole(one.interruptions) },
      {
        title: t('customerTold'),
        class: 'fill',
        text: (one) => (one.notifiedCustomer === null ? t('noProof') : time(one.notifiedCustomer)),
      },
    ],
    (one) => one.work,
    { caption: t('works'), empty: t('noWorks'), test: 'works' },
  );
}

export function alarmTable(): KeyedTable<Alarm> {
  return new KeyedTable<Alarm>(
    [
      { title: t('alarm'), class: 'fill', text: (one) => one.alarm ?? t('unnamedAlarm') },
      {
        title: t('interruptions'),
        class: 'number strong',
        text: (one) => whole(one.interruptions),
      },
      { title: t('lastStart'), class: 'number', text: (one) => time(one.lastStart) },
      {
        title: t('raises'),
        class: 'number',
        text: (one) => (one.raises === null ? '–' : whole(one.raises)),
        sub: (one) => (one.chatterIndex === null ? '' : one.chatterIndex.toFixed(3)),
      },
    ],
    (one) => one.alarm ?? '',
    { caption: t('alarms'), empty: t('noAlarms'), test: 'alarms' },
  );
}

/** What was written down, the newest first. */
export function noteList(notes: LineDetail['notes']): HTMLElement {
  if (notes.length === 0) return el('p', { class: 'empty', text: t('noNotes') });
  const items = notes.map(({ by, text, at }) =>
    el(
      'li',
      {},
      el('p', { text }),
      el(
        'p',
        { class: 'dim' },
        el('bdi', { text: `${by} · ` }),
        el('span', { text: dateTime(at) }),
      ),
    ),
  );
  return el('ol', { class: 'notes', test: 'notes' }, ...items);
}

/** Fields of the record that are no names of the head. */
const FIELDS = [
  'circuit_type',
  'bandwidth_kbps',
  'a_end',
  'z_end',
  'a_branch',
  'z_branch',
  'contact',
  'emergency_plan',
  'inspected_ms',
  'labelled_ms',
  'activated_ms',
] as const;

/** The record, as words; an empty field is said to be missing. */
export function recordWords(record: LineDetail['record']): HTMLElement {
  if (record === null) return el('p', { class: 'empty', text: t('noRecord') });
  const entries = FIELDS.flatMap((field) => {
    const value = record[field];
    const isTime = field.endsWith('_ms') && typeof value === 'number';
    const text = value === null ? t('missing') : isTime ? dateTime(value) : String(value);
    const look = value === null ? { class: 'is-warn', text } : { text };
    return [el('dt', { text: recordField(field) }), el('dd', look)];
  });
  return el('dl', { class: 'words', test: 'record' }, ...entries);
}
