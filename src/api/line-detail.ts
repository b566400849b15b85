// GET /lines/:line/detail: what is known of one line beside its timeline, each figure with the rule and
// the version by which it was judged.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { DEFAULT_RULES, type LineRules, type Rules, durationWords } from '../config/rules.js';
import { wordsOfRules } from '../config/rules-words.js';
import { classOfLine } from '../store/class-changes.js';
import { componentsOf, recordOf, ticketsOf, worksOf } from '../store/line-records.js';
import {
  DURATION_EDGES_MS,
  alarmsOf,
  durationsOf,
  rejectsOf,
  weekOf,
} from '../store/line-patterns.js';
import {
  type LineAsk,
  type LineEpisode,
  type LineSums,
  episodesOf,
  knownMsOf,
  standingOf,
  sumsOf,
  transientsOf,
} from '../store/line-state.js';
import { notesOf } from '../store/notes.js';
import { findLine } from '../store/queries.js';
import { shelvesOf } from '../store/shelves.js';
import { type RulesVersion, rulesVersions } from '../store/rule-history.js';
import { repeatCountOf } from '../store/timeline.js';
import { ApiError, LineParams, PeriodAtQuery } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { LineDetail } from './line-contract.js';
import { momentOf, periodOf } from './period.js';

/** Without `from`: thirty days. */
const SPAN_MS = 30 * 86_400_000;

/** GET /lines/:line/detail; the name percent-encoded, `/` as %2F. */
export function lineDetailRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/lines/:line/detail',
    {
      schema: {
        summary: 'State, figures, records, components and findings of one line',
        params: LineParams,
        querystring: PeriodAtQuery,
        response: { 200: LineDetail, '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ params: { line }, query }) =>
      deps.read(async (connection) => {
        const moment = await momentOf(deps, connection, query.at);
        const { readingMs } = moment;
        const period = periodOf(query, readingMs, SPAN_MS);
        const entry = await findLine(connection, line);
        if (entry === null) throw noSuchLine(line);
        const lineId = entry.lineId ?? -1;
        const { timeZone } = deps.status();
        const ask = { connection, read: moment, period, line, lineId, timeZone };
        return { line, ...period, readingMs, ...(await detailOf(ask)) };
      }),
  );
}

/** A name that neither the stream nor the records know. */
export function noSuchLine(line: string): FlaplineError {
  const text = `no line is named "${line}": it was never seen and is not in the records`;
  return new FlaplineError('NOT_FOUND', text);
}

type Detail = Omit<LineDetail, 'line' | 'fromMs' | 'toMs' | 'readingMs'>;

async function detailOf(ask: LineAsk): Promise<Detail> {
  const { connection, read, line, period } = ask;
  const standing = await standingOf(ask);
  const partitionId = standing[0]?.partitionId ?? null;
  const episodes = await episodesOf(ask);
  const className = partitionId === null ? null : await classOfLine(connection, partitionId, line);
  const rules = await rulesOf(connection, partitionId, className);
  const tickets = await ticketsOf(connection, line);
  return {
    record: await recordOf(connection, line),
    class: className,
    rules,
    partitions: standing,
    shelves: await shelvesOf(connection, line, Date.now()),
    notes: await notesOf(connection, line),
    figures: figuresOf(
      {
        sums: await sumsOf(ask),
        episodes,
        repeats: await repeatCountOf(ask),
        tickets: tickets.filter(({ opened }) => opened >= period.fromMs && opened < period.toMs)
          .length,
        knownMs: await knownMsOf(ask),
        spanMs: period.toMs - period.fromMs,
        fromMs: period.fromMs,
      },
      rules[0]!,
    ),
    durations: { edgesMs: [...DURATION_EDGES_MS], counts: await durationsOf(ask) },
    week: await weekOf(ask),
    episodes,
    transients: await transientsOf(ask),
    tickets,
    works: await worksOf(connection, line),
    components: await componentsOf(connection, read, line, period),
    alarms: await alarmsOf(ask),
    rejects: await rejectsOf(ask),
  };
}

type RulesWords = LineDetail['rules'][number];

/** What of the rules applies to a line of a class. */
function wordsFor(rules: Rules, className: string | null): Omit<RulesWords, keyof Place> {
  const own = rules.classes.find(({ name }) => name === className)?.rules;
  const line: LineRules = own ?? rules;
  const words = wordsOfRules({ ...rules, ...line, classes: [] });
  const judges = rules.detectors.filter(
    ({ classes }) => classes.length === 0 || classes.includes(className ?? ''),
  );
  return {
    flap: words.flap!,
    quiet: words.quiet!,
    outage: words.outage!,
    repeat: words.repeat!,
    mergeGap: words.mergeGap!,
    staleAfter: words.staleAfter!,
    correctionMs: line.correctionMs,
    detectors: judges.map(({ name }) => name),
  };
}

type Place = Pick<RulesVersion, 'version' | 'partition' | 'log' | 'position'>;

async function rulesOf(
  connection: DuckDBConnection,
  partitionId: number | null,
  className: string | null,
): Promise<RulesWords[]> {
  const versions = await rulesVersions(connection, partitionId);
  if (versions.length === 0) {
    const none = { version: 0, partition: 0, log: 0, position: 0 };
    return [{ ...none, ...wordsFor(DEFAULT_RULES, className) }];
  }
  return versions.map(({ version, partition, log, position, rules }) =>
    Object.assign({ version, partition, log, position }, wordsFor(rules, className)),
  );
}

interface Counted {
  readonly sums: LineSums;
  readonly episodes: readonly LineEpisode[];
  readonly repeats: number;
  readonly tickets: number;
  readonly knownMs: number | null;
  readonly spanMs: number;
  readonly fromMs: number;
}

/** The figures, each with what it was judged by. */
function figuresOf(counted: Counted, rules: RulesWords): LineDetail['figures'] {
  const { sums, episodes, repeats, tickets, knownMs, spanMs, fromMs } = counted;
  const { version } = rules;
  const gap = rules.mergeGap === 'off' ? '' : `, joined ≤ ${rules.mergeGap}`;
  const correction =
    rules.correctionMs === 0 ? '' : `, corrected by ${durationWords(Math.abs(rules.correctionMs))}`;
  const found = episodes.filter(({ detector, at }) => detector === 'window' && at >= fromMs).length;
  const flap = `${rules.flap.join(', ') || 'none'}; quiet ${rules.quiet}`;
  const availability = knownMs ? 100 * Math.max(0, 1 - sums.downMs / knownMs) : null;
  const of = (
    figure: string,
    value: number | null,
    unit: 'count' | 'ms' | '%',
    rule: string,
  ): LineDetail['figures'][number] => ({ figure, value, unit, rule, version });
  return [
    of('interruptions', sums.interruptions, 'count', `starts in the period${gap}`),
    of('momentary', sums.interruptions - sums.outages, 'count', `< ${rules.outage}${correction}`),
    of('outages', sums.outages, 'count', `≥ ${rules.outage}${correction}`),
    of('planned', sums.planned, 'count', 'start in the window of a work ± 5m'),
    of('uncertain', sums.uncertain, 'count', `alarms stale after ${rules.staleAfter}`),
    of('down', sums.downMs, 'ms', `clipped to the period${gap}`),
    of('net-down', sums.netDownMs, 'ms', 'without planned time'),
    of('longest', sums.longestMs, 'ms', 'raw duration'),
    of('flap-episodes', found, 'count', flap),
    of('repeat-faults', repeats, 'count', `outage ≤ ${rules.repeat} after the one before`),
    of('tickets', tickets, 'count', 'opened in the period'),
    of('availability', availability, '%', '100 (T − down) / T over known time'),
    of('coverage', knownMs === null ? null : (100 * knownMs) / spanMs, '%', 'known time / period'),
  ];
}
