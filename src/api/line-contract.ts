// The API's shape of what is known of one line beside its timeline.

import { Type, type Static } from 'typebox';
import { Notes, Shelves } from './contract.js';

const Ms = Type.Integer({ description: 'epoch milliseconds, UTC' });
const MsOrNull = Type.Union([Type.Integer(), Type.Null()]);
const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);
const Cell = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const Count = Type.Integer();

/** The rules of a line in words, by the version of its partition. */
export const LineRulesWords = Type.Object({
  version: Type.Integer({ description: 'ordinal of the rules of the partition, 0 = the defaults' }),
  partition: Type.Integer(),
  log: Type.Integer(),
  position: Type.Integer({ description: 'they hold from this offset on' }),
  flap: Type.Array(Type.String()),
  quiet: Type.String(),
  outage: Type.String(),
  repeat: Type.String(),
  mergeGap: Type.String(),
  staleAfter: Type.String(),
  correctionMs: Type.Integer(),
  detectors: Type.Array(Type.String(), { description: 'names of those beside the primary one' }),
});

const Figure = Type.Object({
  figure: Type.String({
    description:
      'interruptions, momentary, outages, planned, uncertain, down, net-down, longest, ' +
      'flap-episodes, repeat-faults, tickets, availability, coverage',
  }),
  value: NumberOrNull,
  unit: Type.Union([Type.Literal('count'), Type.Literal('ms'), Type.Literal('%')]),
  rule: Type.String({ description: 'by what it was judged, in words of the rules' }),
  version: Type.Integer({ description: 'of the rules' }),
});

export const LineDetail = Type.Object({
  line: Type.String(),
  fromMs: Ms,
  toMs: Ms,
  readingMs: MsOrNull,
  record: Type.Union([Type.Record(Type.String(), Cell), Type.Null()], {
    description: 'the record in force, columns as of the view line_records; null: there is none',
  }),
  class: TextOrNull,
  rules: Type.Array(LineRulesWords, { description: 'as they applied to it, the newest first' }),
  partitions: Type.Array(
    Type.Object({
      cluster: Type.String(),
      topic: Type.String(),
      partition: Type.Integer(),
      down: Type.Boolean(),
      downSince: MsOrNull,
      flapping: Type.Boolean(),
      unknown: Type.Boolean(),
      interruptions: Type.Integer({ description: 'so far, over all time' }),
      effective: MsOrNull,
      transition: MsOrNull,
      rule: TextOrNull,
      at: MsOrNull,
      since: MsOrNull,
      ends: Type.Union([Type.Integer(), Type.Null()], {
        description: 'when the open episode ends at the earliest: if nothing more happens',
      }),
      inEpisode: Type.Union([Type.Integer(), Type.Null()]),
      chronic: Type.Union([Type.String(), Type.Null()], {
        description: 'the conditions of a chronic line that held within the last 30 days',
      }),
    }),
  ),
  shelves: Shelves,
  notes: Notes,
  figures: Type.Array(Figure),
  durations: Type.Object({
    edgesMs: Type.Array(Type.Integer(), { description: 'lower edges; the last bin is open' }),
    counts: Type.Array(Count),
  }),
  week: Type.Array(Count, { description: 'starts by hour of the local week, 0 = Monday 0:00' }),
  episodes: Type.Array(
    Type.Object({
      partition: Type.Integer(),
      detector: Type.String(),
      shadow: Type.Boolean(),
      rule: Type.String(),
      at: Ms,
      since: Ms,
      end: MsOrNull,
      interruptions: Count,
      resetBy: TextOrNull,
      resetWhy: TextOrNull,
    }),
  ),
  transients: Type.Array(
    Type.Object({
      detector: Type.String(),
      shadow: Type.Boolean(),
      at: Ms,
      interruptions: Count,
      durationMs: Type.Integer(),
    }),
  ),
  tickets: Type.Array(
    Type.Object({
      ticket: Type.String(),
      kind: Type.String(),
      opened: Ms,
      closed: MsOrNull,
      valid: Type.Union([Type.Boolean(), Type.Null()]),
      cause: TextOrNull,
    }),
  ),
  works: Type.Array(
    Type.Object({
      work: Type.String(),
      status: Type.String(),
      start: Ms,
      end: Ms,
      notifiedCustomer: MsOrNull,
      interruptions: Type.Integer({ description: 'of the line that start in its window' }),
    }),
  ),
  components: Type.Array(
    Type.Object({
      kind: Type.String(),
      component: Type.String(),
      since: MsOrNull,
      lines: Count,
      interrupted: Type.Integer({ description: 'of its lines, in the period' }),
      down: Count,
      flapping: Count,
      neighbours: Type.Array(
        Type.Object({
          line: Type.String(),
          interruptions: Count,
          down: Type.Boolean(),
          flapping: Type.Boolean(),
        }),
        { description: 'its other lines, those with most interruptions in the period' },
      ),
    }),
  ),
  alarms: Type.Array(
    Type.Object({
      alarm: Type.Union([Type.String(), Type.Null()], { description: 'null: the unnamed alarm' }),
      interruptions: Type.Integer({ description: 'that it started in the period' }),
      lastStart: MsOrNull,
      raises: Type.Union([Type.Integer(), Type.Null()], {
        description: 'of all time, where chattering is counted',
      }),
      chatterIndex: NumberOrNull,
    }),
  ),
  rejects: Type.Array(
    Type.Object({
      partition: Type.Integer(),
      position: Type.Integer(),
      reason: Type.String(),
      sample: TextOrNull,
    }),
    { description: 'rejected objects whose kept text holds the name' },
  ),
});

export type LineDetail = Static<typeof LineDetail>;
