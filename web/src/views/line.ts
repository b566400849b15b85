// One line: what it is, how it is now, its timeline over a span, and every interruption in it
// as a table (the timeline's words). A span of its own is part of the address, so Back undoes
// a zoom.

import type { Timeline } from '../../../src/api/contract.js';
import { ApiFailure, getTimeline } from '../shell/api.js';
import { el, setText } from '../shell/dom.js';
import { whose } from '../parts/flapping-list.js';
import { duration, whole } from '../shell/format.js';
import { t } from '../line/words.js';
import { legendKey } from '../heat/legend.js';
import { LiveQuery } from '../shell/live-query.js';
import { panel } from '../parts/panel.js';
import type { Address } from '../shell/address.js';
import { type Scope, type Span, scopeOf, spanOf } from '../shell/scope.js';
import type { Page, View } from '../shell/view.js';
import { periodPicker } from '../parts/period-picker.js';
import { KeyedTable } from '../parts/table.js';
import { durationAt, type Interruption } from '../line/timeline-paint.js';
import { TimelinePlot } from '../line/timeline-plot.js';
import { dateTime } from '../shell/zone.js';

const PERIODS = ['1h', '6h', '24h', '7d', '30d'] as const;
const GAP_MS = 1000;
const MAX_AGE_MS = 15_000;
const TABLE_LIMIT = 500;
/** The span of "last 24 h" moves on in steps, so that the picture stands still between them. */
const STEP_MS = 10_000;

const outage = (one: Interruption): boolean => one.class === 'outage';

function stepped(scope: Scope): Span {
  const { from, to } = spanOf(scope);
  if (scope.from !== null) return { from, to };
  const end = Math.ceil(to / STEP_MS) * STEP_MS;
  return { from: end - (to - from), to: end };
}

function badge(text: string, look: string): HTMLElement {
  return el('span', { class: `badge ${look}`, text });
}

/** Name, belonging and state now. */
class Head {
  readonly element: HTMLElement;
  private readonly who = el('span', { class: 'dim' });
  private readonly badges = el('span', { class: 'badges' });

  constructor(line: string) {
    const name = el('h1', {}, el('bdi', { text: line }));
    this.element = el('div', { class: 'view-head' }, name, this.badges, this.who);
  }

  show(data: Timeline): void {
    setText(this.who, whose(data));
    const state = data.unknown
      ? badge(t('unknown'), 'is-unknown')
      : badge(data.down ? t('down') : t('up'), data.down ? 'is-down' : 'is-up');
    const flapping = data.flapping ? [badge(t('isFlapping'), 'is-flapping')] : [];
    this.badges.replaceChildren(state, ...flapping);
  }
}

function factsOf(data: Timeline, readingMs: number): [string, string][] {
  const list = data.interruptions;
  const outages = list.filter(outage).length;
  let downMs = 0;
  for (const one of list) {
    const end = Math.min(data.toMs, one.end ?? readingMs);
    downMs += Math.max(0, end - Math.max(data.fromMs, one.start));
  }
  const least = data.truncated ? '≥ ' : '';
  return [
    [t('interruptions'), least + whole(list.length)],
    [t('momentary'), least + whole(list.length - outages)],
    [t('outages'), least + whole(outages)],
    [t('downTime'), least + duration(downMs)],
    [t('flapEpisodes'), whole(data.episodes.length)],
    [t('repeatFaults'), whole(data.repeatFaults.length)],
  ];
}

function interruptionTable(reading: () => number): KeyedTable<Interruption> {
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
      { title: t('alarm'), text: (one) => one.alarm ?? '' },
      { title: t('cause'), class: 'fill', text: (one) => one.cause ?? '' },
    ],
    (one) => `${one.partition} ${one.n}`,
    { caption: t('interruptionList'), empty: t('noInterruptions'), test: 'interruptions' },
  );
}

function legend(): HTMLElement {
  return el(
    'footer',
    { class: 'legend' },
    legendKey('dot-momentary', t('class_momentary')),
    legendKey('dot-outage', t('class_outage')),
    legendKey('dot-repeat', t('repeatFault')),
    legendKey('band', t('episode')),
    legendKey('hatched', t('unknownPeriod')),
    el('span', { class: 'dim', text: t('timelineHint') }),
  );
}

function lineView({ name: line, query: asked }: Address): View {
  const scope = scopeOf(asked);
  let readingMs = 0;
  const head = new Head(line);
  const facts = el('dl', { class: 'facts', test: 'line-facts' });
  const table = interruptionTable(() => readingMs);
  const plot = new TimelinePlot();
  const above = panel(t('timeline'), {
    class: 'timeline-panel',
    controls: [periodPicker(scope, PERIODS)],
    body: [plot.element, legend()],
  });
  const below = panel(t('interruptionList'), { class: 'list-panel', body: [table.element] });
  head.element.append(facts);
  const element = el('div', { class: 'view stacked' }, head.element, above.element, below.element);
  const span = { ...stepped(scope) };
  const show = (data: Timeline): void => {
    readingMs = Math.min(data.readingMs ?? data.toMs, data.toMs);
    above.ready();
    below.ready();
    above.note(`${dateTime(data.fromMs)} – ${dateTime(data.toMs)}`);
    head.show(data);
    const entries = factsOf(data, readingMs).map(([name, value]) =>
      el('div', {}, el('dt', { text: name }), el('dd', { text: value })),
    );
    facts.replaceChildren(...entries);
    plot.show(data, readingMs);
    const newest = data.interruptions.toSorted((a, b) => b.start - a.start).slice(0, TABLE_LIMIT);
    table.update(newest);
    const cut = data.truncated || newest.length < data.interruptions.length;
    below.note(cut ? t('truncated', { count: whole(newest.length) }) : whole(newest.length));
  };
  const query = new LiveQuery<Timeline>({
    panel: element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) => status.changedFromMs !== null && status.changedFromMs < span.to,
    load: async (signal) => {
      Object.assign(span, stepped(scope));
      try {
        return await getTimeline(line, span.from, span.to, signal);
      } catch (error) {
        const unknown = error instanceof ApiFailure && error.status === 404;
        throw unknown ? new Error(t('unknownLine', { line })) : error;
      }
    },
    apply: show,
  });
  return {
    element,
    unmount: () => {
      query.stop();
      plot.destroy();
    },
  };
}

export const linePage: Page = { page: 'line', title: null, mount: lineView };
