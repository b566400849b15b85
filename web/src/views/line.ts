// One line: state now, figures with what they were judged by, one timeline of interruptions, episodes,
// works and tickets, its patterns, components with their other lines, records and lists. The period is
// part of the address, so Back undoes a zoom.

import type { Timeline } from '../../../src/api/contract.js';
import type { Cause } from '../../../src/api/cause-contract.js';
import type { LineDetail } from '../../../src/api/line-contract.js';
import { legendKey } from '../heat/legend.js';
import { changeButtons, noteButton } from '../line/changes.js';
import { LineFigures } from '../line/figures.js';
import { LineHead } from '../line/head.js';
import {
  alarmTable,
  episodeTable,
  interruptionTable,
  noteList,
  recordWords,
  ticketTable,
  workTable,
} from '../line/lists.js';
import { durationBars, weekTable } from '../line/patterns.js';
import { LinePlaces } from '../line/places.js';
import { takeButtons } from '../line/take-away.js';
import { showRaw } from '../line/raw.js';
import { TimelinePlot } from '../line/timeline-plot.js';
import { t } from '../line/words.js';
import { causeTable, causesOf } from '../parts/causes.js';
import { type Panel, panel } from '../parts/panel.js';
import { periodPicker } from '../parts/period-picker.js';
import { ApiFailure, get, getTimeline } from '../shell/api.js';
import type { Address, Query } from '../shell/address.js';
import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { LiveQuery } from '../shell/live-query.js';
import { type Scope, type Span, scopeOf, spanOf } from '../shell/scope.js';
import type { Page, View } from '../shell/view.js';
import { dateTime } from '../shell/zone.js';

const PERIODS = ['6h', '24h', '7d', '30d', 'month'] as const;
const USUAL = '30d';
const GAP_MS = 1000;
const DETAIL_GAP_MS = 5000;
const MAX_AGE_MS = 15_000;
const TABLE_LIMIT = 500;
/** The span of "last 24 h" moves on in steps, so that the picture stands still between them. */
const STEP_MS = 10_000;

function stepped(scope: Scope): Span {
  const { from, to } = spanOf(scope);
  if (scope.from !== null) return { from, to };
  const end = Math.ceil(to / STEP_MS) * STEP_MS;
  return { from: end - (to - from), to: end };
}

function legend(): HTMLElement {
  return el(
    'footer',
    { class: 'legend' },
    legendKey('dot-momentary', t('class_momentary')),
    legendKey('dot-outage', t('class_outage')),
    legendKey('dot-repeat', t('repeatFault')),
    legendKey('band', t('episode')),
    legendKey('mark-work', t('work')),
    legendKey('mark-ticket', t('ticket')),
    legendKey('hatched', t('unknownPeriod')),
    el('span', { class: 'dim', text: t('timelineHint') }),
  );
}

const box = (title: string, body: Node, ...controls: Node[]): Panel =>
  panel(title, { class: 'part', controls, body: [body] });

/** Panels of what the detail has, each filled when it is in. */
function detailPanels(writeNote: HTMLElement) {
  const places = new LinePlaces();
  const [episodes, tickets, works, alarms] = [
    episodeTable(),
    ticketTable(),
    workTable(),
    alarmTable(),
  ];
  const bars = el('div', { class: 'inside' });
  const week = el('div', { class: 'inside' });
  const record = el('div', { class: 'inside' });
  const notes = el('div', { class: 'inside' });
  const boxes = {
    notes: box(t('notes'), notes, writeNote),
    places: box(t('components'), places.element),
    week: box(t('week'), week),
    bars: box(t('durations'), bars),
    works: box(t('works'), works.element),
    tickets: box(t('tickets'), tickets.element),
    episodes: box(t('episodes'), episodes.element),
    alarms: box(t('alarms'), alarms.element),
    record: box(t('record'), record),
  };
  const show = (detail: LineDetail, span: Span): void => {
    for (const one of Object.values(boxes)) one.ready();
    places.show(detail.components, span);
    bars.replaceChildren(durationBars(detail.durations));
    week.replaceChildren(weekTable(detail.week));
    record.replaceChildren(recordWords(detail.record));
    notes.replaceChildren(noteList(detail.notes));
    episodes.update(detail.episodes);
    tickets.update(detail.tickets);
    works.update(detail.works);
    alarms.update(detail.alarms);
    boxes.episodes.note(whole(detail.episodes.length));
    boxes.tickets.note(whole(detail.tickets.length));
    boxes.notes.note(whole(detail.notes.length));
    boxes.works.note(whole(detail.works.length));
  };
  return { boxes, show };
}

/** Asks about a line that may not be there. */
async function ofLine<Answer>(line: string, load: () => Promise<Answer>): Promise<Answer> {
  try {
    return await load();
  } catch (error) {
    const unknown = error instanceof ApiFailure && error.status === 404;
    throw unknown ? new Error(t('unknownLine', { line })) : error;
  }
}

/** Whether two queries show the same but for raw alarms. */
function sameBesideRaw(a: Query, b: Query): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => key === 'raw' || a[key] === b[key]);
}

function lineView(address: Address): View {
  const { name: line, query: asked } = address;
  const scope = scopeOf(asked, USUAL);
  const span = { ...stepped(scope) };
  const shown: { timeline: Timeline | null; detail: LineDetail | null } = {
    timeline: null,
    detail: null,
  };
  let readingMs = 0;
  const done = (): void => detail.again();
  const changes = changeButtons(line, done);
  const take = takeButtons(line, () => shown);
  const actions = el('span', { class: 'actions' }, ...take, ...changes.buttons);
  const head = new LineHead(line, actions);
  const figures = new LineFigures();
  const plot = new TimelinePlot();
  const table = interruptionTable(() => readingMs);
  const above = panel(t('timeline'), {
    class: 'timeline-panel',
    controls: [periodPicker(scope, PERIODS)],
    body: [plot.element, legend()],
  });
  const list = panel(t('interruptionList'), { class: 'part tall', body: [table.element] });
  const { boxes, show } = detailPanels(noteButton(line, done));
  const causeList = causeTable();
  const causeBox = box(t('rootCauses'), causeList.element);
  const failure = el('span', { class: 'failure', attrs: { role: 'status' } });
  const parts = el(
    'div',
    { class: 'line-parts' },
    causeBox.element,
    ...Object.values(boxes).map((one) => one.element),
  );
  const element = el(
    'div',
    { class: 'view stacked line' },
    head.element,
    failure,
    figures.element,
    above.element,
    parts,
    list.element,
  );
  const changed = (status: { changedFromMs: number | null }): boolean =>
    status.changedFromMs !== null && status.changedFromMs < span.to;
  const timeline = new LiveQuery<Timeline>({
    panel: above.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed,
    load: (signal) => {
      Object.assign(span, stepped(scope));
      return ofLine(line, () => getTimeline(line, span.from, span.to, signal));
    },
    apply: (data) => {
      shown.timeline = data;
      readingMs = Math.min(data.readingMs ?? data.toMs, data.toMs);
      above.ready();
      list.ready();
      above.note(`${dateTime(data.fromMs)} – ${dateTime(data.toMs)}`);
      plot.show(data, readingMs);
      const newest = data.interruptions.toSorted((a, b) => b.start - a.start).slice(0, TABLE_LIMIT);
      table.update(newest);
      const cut = data.truncated || newest.length < data.interruptions.length;
      list.note(cut ? t('truncated', { count: whole(newest.length) }) : whole(newest.length));
    },
  });
  const detail = new LiveQuery<LineDetail>({
    panel: element,
    gapMs: DETAIL_GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed,
    load: (signal) => {
      const { from, to } = stepped(scope);
      const path = `lines/${encodeURIComponent(line)}/detail`;
      return ofLine(line, () => get<LineDetail>(path, { from, to }, signal));
    },
    apply: (data) => {
      shown.detail = data;
      head.show(data);
      changes.show(data);
      figures.show(data);
      plot.mark({ works: data.works, tickets: data.tickets });
      show(data, span);
    },
  });
  const causes = new LiveQuery<Cause[]>({
    panel: causeBox.element,
    gapMs: DETAIL_GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed,
    load: async (signal) => (await causesOf(stepped(scope), signal, line)).causes,
    apply: (found) => {
      causeBox.ready();
      causeList.update(found);
      causeBox.note(whole(found.length));
    },
  });
  let hideRaw: (() => void) | null = null;
  const showRawOf = ({ query }: Address): void => {
    hideRaw?.();
    hideRaw = query['raw'] === undefined ? null : showRaw(line, query['raw']);
  };
  showRawOf(address);
  return {
    element,
    update: (at) => {
      if (at.name !== line || !sameBesideRaw(at.query, asked)) return false;
      showRawOf(at);
      return true;
    },
    unmount: () => {
      hideRaw?.();
      timeline.stop();
      causes.stop();
      detail.stop();
      plot.destroy();
    },
  };
}

export const linePage: Page = { page: 'line', title: null, mount: lineView };
