// The API's shapes of records and planned works.

import { Type, type Static } from 'typebox';
import { QueryAt } from './contract.js';

const Ms = Type.Integer({ description: 'epoch milliseconds, UTC' });
const Lines = Type.Object({
  total: Type.Integer(),
  lines: Type.Array(Type.String(), { description: 'the first of them' }),
});
const Problem = Type.Object({
  file: Type.String(),
  row: Type.Integer({ description: 'number of the line in the file' }),
  reason: Type.String(),
});

export const RecordsQuery = Type.Object({ at: QueryAt });

export const RecordsNow = Type.Object({
  kinds: Type.Array(
    Type.Object({
      kind: Type.String(),
      rows: Type.Integer({ description: 'in force' }),
      bad: Type.Integer({ description: 'left out by the last import, at most 1,000' }),
    }),
  ),
  unrecorded: Lines,
  unseen: Lines,
  problems: Type.Array(
    Type.Object({
      kind: Type.String(),
      source: Type.String(),
      row: Type.Integer(),
      reason: Type.String(),
    }),
  ),
  coverage: Type.Object({
    seen: Type.Object(
      { lines: Type.Integer(), recorded: Type.Integer() },
      { description: 'lines seen in the stream, and of them those that a record names' },
    ),
    lines: Type.Object(
      { recorded: Type.Integer(), known: Type.Integer() },
      { description: 'lines in the records; in the records or seen' },
    ),
    fields: Type.Array(Type.Object({ field: Type.String(), filled: Type.Integer() }), {
      description: 'of the lines in the records, how many have a value in it',
    }),
    components: Type.Array(
      Type.Object({
        kind: Type.String(),
        lines: Type.Integer({ description: 'with a component of the kind' }),
        components: Type.Integer(),
      }),
    ),
  }),
  imports: Type.Array(
    Type.Object({
      kind: Type.String(),
      source: Type.String(),
      rows: Type.Integer(),
      added: Type.Integer(),
      changed: Type.Integer(),
      ended: Type.Integer(),
      unchanged: Type.Integer(),
      bad: Type.Integer(),
      at: Ms,
    }),
    { description: 'that changed something, the newest' },
  ),
});

export type RecordsNow = Static<typeof RecordsNow>;

export const ImportQuery = Type.Object({
  valid_from: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'when changes begin that do not say it themselves; now without it',
    }),
  ),
  part: Type.Optional(
    Type.Boolean({ description: 'these are some of the records: the others have not ended' }),
  ),
});

export const Imported = Type.Object({
  kind: Type.String(),
  source: Type.String(),
  rows: Type.Integer(),
  added: Type.Integer(),
  changed: Type.Integer(),
  changedColumns: Type.Record(Type.String(), Type.Integer()),
  ended: Type.Integer(),
  unchanged: Type.Integer(),
  bad: Type.Integer(),
  keptAbsent: Type.Boolean({
    description: 'absent rows did not end: a bad row may be one of them',
  }),
  sample: Type.Array(
    Type.Object({ change: Type.String(), row: Type.String(), columns: Type.String() }),
  ),
  problems: Type.Array(Problem),
});

export const WorksChecked = Type.Object({
  refused: Type.Integer(),
  works: Type.Array(
    Type.Object({
      work: Type.String(),
      startMs: Ms,
      endMs: Ms,
      month: Type.String(),
      allowed: Type.Boolean(),
      reason: Type.String(),
      lines: Type.Integer(),
      circuits: Type.Integer({ description: 'international circuits that it touches' }),
      secondHits: Type.Integer({ description: 'of them, those hit in that month already' }),
      hits: Type.Array(
        Type.Object({
          line: Type.String(),
          customer: Type.Union([Type.String(), Type.Null()]),
          works: Type.String(),
        }),
      ),
      freeWindows: Type.Array(Type.Object({ startMs: Ms, endMs: Ms })),
    }),
  ),
  bad: Type.Array(Problem),
});
