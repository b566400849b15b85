// The API's shapes, as schemas (checked at the door, shown on the OpenAPI page) and as types (read by
// web/). Times are epoch milliseconds, durations milliseconds, unless the name says otherwise.

import { Type, type Static } from 'typebox';

const Ms = Type.Integer({ description: 'epoch milliseconds, UTC' });
const MsOrNull = Type.Union([Type.Integer(), Type.Null()]);
const TextOrNull = Type.Union([Type.String(), Type.Null()]);

/** A time in a query: a whole number of milliseconds that JavaScript holds exactly. */
export const QueryMs = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'epoch milliseconds, UTC',
});
export const QueryName = Type.String({
  maxLength: 256,
  description: 'by name; empty: lines whose record names none',
});

/** What a view is restricted to: some lines, and some of their interruptions. */
const LineFilterParts = {
  branch: Type.Optional(QueryName),
  product: Type.Optional(QueryName),
  customer: Type.Optional(QueryName),
  key: Type.Optional(
    Type.Union([Type.Literal('yes'), Type.Literal('no')], { description: 'of key customers' }),
  ),
  kind: Type.Optional(Type.String({ maxLength: 64, description: 'of the component' })),
  component: Type.Optional(
    Type.String({ maxLength: 256, description: 'lines that lie on it; needs its kind' }),
  ),
};
const FilterParts = {
  ...LineFilterParts,
  class: Type.Optional(Type.Union([Type.Literal('momentary'), Type.Literal('outage')])),
  planned: Type.Optional(
    Type.Union([Type.Literal('yes'), Type.Literal('no')], {
      description: 'interruptions that planned works explain, or the others',
    }),
  ),
};

export const QueryAt = Type.Optional(
  Type.Union([QueryMs, Type.Literal('latest')], {
    description: 'the reading time; without it, the service reads each partition at its own',
  }),
);

/** Heat is counted in buckets of five minutes (SPEC section 2, heat cell). */
export const HEAT_BUCKET_MS = 300_000;

export const PartitionStatus = Type.Object({
  partition: Type.Integer(),
  log: Type.Integer({ description: 'log identity: raised when the topic was made again' }),
  position: Type.Integer({ description: 'the next offset to be read' }),
  end: Type.Union([Type.Integer(), Type.Null()], {
    description: "the log's end, null if not known",
  }),
  readingMs: MsOrNull,
  effectiveMs: MsOrNull,
  problem: TextOrNull,
});

export const Status = Type.Object({
  version: Type.String(),
  nowMs: Ms,
  phase: Type.Union([
    Type.Literal('starting'),
    Type.Literal('loading'),
    Type.Literal('live'),
    Type.Literal('stopping'),
  ]),
  message: Type.String({ description: 'what it is doing, for people' }),
  source: Type.Object({ kind: Type.String(), cluster: Type.String(), topic: Type.String() }),
  connected: Type.Boolean({ description: 'the broker answers' }),
  storeProblem: Type.Union([Type.String(), Type.Null()], {
    description: 'why the store takes nothing, and reading stands still; null: it does',
  }),
  outputProblem: Type.Union([Type.String(), Type.Null()], {
    description: 'why the dead-letter topic takes nothing, and reading stands still; null: it does',
  }),
  readingMs: MsOrNull,
  dataAgeMs: Type.Union([Type.Integer(), Type.Null()], {
    description:
      'now - the reading time up to which the log has been read; null before the first data',
  }),
  partitions: Type.Array(PartitionStatus),
  lines: Type.Integer({ description: 'lines in the records and seen in the stream' }),
  linesOnSeveralPartitions: Type.Integer({
    description: 'lines whose keys lie on several partitions: flapline rekey gives each one again',
  }),
  downNow: Type.Integer(),
  flappingNow: Type.Integer(),
  interruptionsToday: Type.Integer({ description: 'interruption starts since local midnight' }),
  events: Type.Integer(),
  late: Type.Integer(),
  duplicates: Type.Integer(),
  rejected: Type.Integer(),
  eventsPerSecond: Type.Number(),
  timeZone: Type.String(),
  changedFromMs: MsOrNull,
});

/** Data of the stream's event `live`: what has just been read, provisional until it is stored. */
export const Live = Type.Object({
  positions: Type.Array(
    Type.Object({ partition: Type.Integer(), log: Type.Integer(), position: Type.Integer() }),
    { description: 'the next offset to be read, by partition' },
  ),
  starts: Type.Array(Type.Object({ line: Type.String(), partition: Type.Integer(), start: Ms }), {
    description: 'interruptions that have just started, the first 100 of them',
  }),
  more: Type.Integer({ description: 'how many more started' }),
});

const HeatRow = Type.Object({
  name: Type.String({ description: 'branch, product or line; "" where the records name none' }),
  lines: Type.Integer({ description: 'lines in this row (1 for a line)' }),
  starts: Type.Array(Type.Integer(), { description: 'interruption starts, one a bucket' }),
  flapping: Type.Array(Type.Integer(), { description: 'lines flapping in the bucket' }),
  coverage: Type.Array(Type.Number(), {
    description: 'share 0..1 of known line-time; 0 = no data',
  }),
});

export const Heat = Type.Object({
  by: Type.String(),
  fromMs: Ms,
  bucketMs: Type.Integer(),
  buckets: Type.Integer({ description: 'number of columns, from fromMs on' }),
  rows: Type.Array(HeatRow),
  totalRows: Type.Integer({ description: 'rows before the limit was applied' }),
  readingMs: MsOrNull,
});

export const HeatQuery = Type.Object({
  by: Type.Union(
    [
      Type.Literal('branch'),
      Type.Literal('product'),
      Type.Literal('line'),
      Type.Literal('component'),
    ],
    { default: 'branch' },
  ),
  rows: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'the kind of component that is a row, by=component',
    }),
  ),
  from: Type.Optional(QueryMs),
  to: Type.Optional(QueryMs),
  ...FilterParts,
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
});

const LineNames = {
  line: Type.String(),
  branch: TextOrNull,
  product: TextOrNull,
  customer: TextOrNull,
};

export const Names = Type.Object({
  branches: Type.Array(Type.String()),
  products: Type.Array(Type.String()),
  customers: Type.Array(Type.String(), { description: 'key customers first' }),
  kinds: Type.Array(Type.String(), { description: 'of components, the fewest components first' }),
});

export const Now = Type.Object({
  readingMs: MsOrNull,
  momentaryToday: Type.Integer({ description: 'momentary interruptions since local midnight' }),
  works: Type.Array(
    Type.Object({
      work: Type.String(),
      status: Type.String(),
      startMs: Ms,
      endMs: Ms,
      lines: Type.Integer(),
      interruptions: Type.Integer({ description: 'of its lines, since its window began' }),
    }),
    { description: 'planned works in progress, the one that ends next first' },
  ),
});

const Begins = Type.Array(
  Type.Object({
    name: Type.String(),
    at: Type.Integer({ description: 'index of its first line' }),
  }),
);

export const LineMap = Type.Object({
  lines: Type.Array(Type.String()),
  branches: Begins,
  nodes: Begins,
  cards: Begins,
});

export const Flapping = Type.Object({
  readingMs: MsOrNull,
  total: Type.Integer(),
  rows: Type.Array(
    Type.Object({
      ...LineNames,
      partition: Type.Integer(),
      rule: Type.String(),
      at: Ms,
      since: Ms,
      interruptions: Type.Integer(),
      down: Type.Boolean(),
      lastTransition: Ms,
    }),
  ),
});

export const Worst = Type.Object({
  fromMs: Ms,
  toMs: Ms,
  readingMs: MsOrNull,
  total: Type.Integer({ description: 'lines with at least one interruption in the period' }),
  rows: Type.Array(
    Type.Object({
      ...LineNames,
      interruptions: Type.Integer(),
      momentary: Type.Integer(),
      outages: Type.Integer(),
      downMs: Type.Integer(),
      flapEpisodes: Type.Integer(),
      repeatFaults: Type.Integer(),
      down: Type.Boolean(),
      lastStart: MsOrNull,
    }),
  ),
});

export const PeriodQuery = Type.Object({
  from: Type.Optional(QueryMs),
  to: Type.Optional(QueryMs),
  at: QueryAt,
  ...FilterParts,
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
});

/** A period and a reading time. */
export const PeriodAtQuery = Type.Object({
  from: Type.Optional(QueryMs),
  to: Type.Optional(QueryMs),
  at: QueryAt,
});

export const ListParams = Type.Object({
  list: Type.String({ maxLength: 64, description: 'worst, repeat-faults, chronic, inspect, ...' }),
});

/** The forms of a list. */
export const EXPORT_FORMAT = Type.Union(
  [Type.Literal('json'), Type.Literal('csv'), Type.Literal('xlsx')],
  { default: 'json' },
);
export const EXPORT_LANGUAGE = Type.Union([Type.Literal('en'), Type.Literal('zh')], {
  default: 'en',
  description: 'of the titles in XLSX',
});

export const ListQuery = Type.Object({
  from: Type.Optional(QueryMs),
  to: Type.Optional(QueryMs),
  at: QueryAt,
  by: Type.Optional(Type.String({ maxLength: 16, description: 'line, component, customer, ...' })),
  ...FilterParts,
  keyWeight: Type.Number({
    minimum: 1,
    maximum: 1_000,
    default: 3,
    description: "of work-list: what a gain of a key customer's line counts",
  }),
  limit: Type.Integer({ minimum: 1, maximum: 1_048_575, default: 1000 }),
  format: EXPORT_FORMAT,
  language: EXPORT_LANGUAGE,
});

export const SqlBody = Type.Object(
  {
    sql: Type.String({
      minLength: 1,
      maxLength: 65_536,
      description: 'one SELECT over the documented views',
    }),
    at: QueryAt,
    limit: Type.Integer({ minimum: 1, maximum: 1_048_575, default: 1000 }),
    format: EXPORT_FORMAT,
    language: EXPORT_LANGUAGE,
  },
  { additionalProperties: false },
);

export const FlappingQuery = Type.Object({
  at: QueryAt,
  ...LineFilterParts,
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
});

export const LineParams = Type.Object({
  line: Type.String({ minLength: 1, maxLength: 256, description: 'name of the line' }),
});

export const TimelineQuery = Type.Object({
  from: Type.Optional(QueryMs),
  to: Type.Optional(QueryMs),
  at: QueryAt,
  limit: Type.Integer({ minimum: 1, maximum: 5000, default: 1000 }),
});

export const Timeline = Type.Object({
  ...LineNames,
  fromMs: Ms,
  toMs: Ms,
  readingMs: MsOrNull,
  down: Type.Boolean(),
  flapping: Type.Boolean(),
  unknown: Type.Boolean(),
  interruptions: Type.Array(
    Type.Object({
      partition: Type.Integer(),
      n: Type.Integer(),
      start: Ms,
      end: MsOrNull,
      class: Type.Union([Type.Literal('momentary'), Type.Literal('outage')]),
      cause: TextOrNull,
      alarm: TextOrNull,
      planned: Type.Boolean({ description: 'it starts in the window of a planned work' }),
      uncertain: Type.Boolean({ description: 'how long it lasted is not sure' }),
      firstOffset: MsOrNull,
      lastOffset: MsOrNull,
    }),
  ),
  episodes: Type.Array(
    Type.Object({
      rule: Type.String(),
      at: Ms,
      since: Ms,
      end: MsOrNull,
      interruptions: Type.Integer(),
    }),
  ),
  repeatFaults: Type.Array(Type.Object({ start: Ms, previousEnd: Ms })),
  unknownPeriods: Type.Array(
    Type.Object({ from: MsOrNull, until: MsOrNull, reason: Type.String() }),
  ),
  truncated: Type.Boolean({
    description: 'more interruptions than the limit: the newest are shown',
  }),
});

/** A word of a person: no line breaks or other control characters. */
const Said = (charactersMax: number, description: string) =>
  Type.String({
    minLength: 1,
    maxLength: charactersMax,
    pattern: '^[^\\u0000-\\u001f\\u007f]*\\S[^\\u0000-\\u001f\\u007f]*$',
    description,
  });

export const ResetBody = Type.Object(
  { by: Said(100, 'who resets the line'), why: Said(500, 'why') },
  { additionalProperties: false },
);

export const Reset = Type.Object({
  line: Type.String(),
  by: Type.String(),
  why: Type.String(),
  partitions: Type.Array(
    Type.Object({
      partition: Type.Integer(),
      log: Type.Integer(),
      position: Type.Integer({ description: 'it applies before the record at this offset' }),
    }),
  ),
});

const Alarm = Type.String({ minLength: 1, maxLength: 256, description: 'this alarm of it only' });

export const ShelveBody = Type.Object(
  {
    by: Said(100, 'who shelves it'),
    why: Said(500, 'why'),
    until: Type.Integer({ minimum: 0, description: 'when it ends by itself, epoch ms' }),
    alarm: Type.Optional(Alarm),
  },
  { additionalProperties: false },
);

export const UnshelveBody = Type.Object(
  { by: Said(100, 'who ends it'), alarm: Type.Optional(Alarm) },
  { additionalProperties: false },
);

/** What is shelved of a line: no notice tells of it, everything counts. */
export const Shelves = Type.Array(
  Type.Object({
    line: Type.String(),
    alarm: Type.Union([Type.String(), Type.Null()], { description: 'null: the whole line' }),
    by: Type.String(),
    why: Type.String(),
    shelved: Ms,
    until: Ms,
    ended: MsOrNull,
    endedBy: TextOrNull,
  }),
);

export const ShelvesOfLine = Type.Object({ line: Type.String(), shelves: Shelves });

export const NoteBody = Type.Object(
  { by: Said(100, 'who writes it'), text: Said(1_000, 'what was found or done') },
  { additionalProperties: false },
);

/** What was written down of a line, the newest first. */
export const Notes = Type.Array(Type.Object({ by: Type.String(), text: Type.String(), at: Ms }));

export const NotesOfLine = Type.Object({ line: Type.String(), notes: Notes });

export const Ready = Type.Object({
  ready: Type.Boolean(),
  phase: Type.String(),
  connected: Type.Boolean(),
  message: Type.String(),
});

export const SessionBody = Type.Object({ token: Type.String({ minLength: 1, maxLength: 1024 }) });

export const ApiError = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String() }),
});

export type Status = Static<typeof Status>;
export type Live = Static<typeof Live>;
export type Now = Static<typeof Now>;
export type LineMap = Static<typeof LineMap>;
export type Names = Static<typeof Names>;
export type Heat = Static<typeof Heat>;
export type Flapping = Static<typeof Flapping>;
export type Worst = Static<typeof Worst>;
export type Reset = Static<typeof Reset>;
export type ShelvesOfLine = Static<typeof ShelvesOfLine>;
export type NotesOfLine = Static<typeof NotesOfLine>;
export type Timeline = Static<typeof Timeline>;
