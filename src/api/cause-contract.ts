// The shapes of /api/causes and of the stream's event `causes`. Times are epoch milliseconds.

import { Type, type Static } from 'typebox';
import { QueryAt, QueryMs, QueryName } from './contract.js';

const Ms = Type.Integer({ description: 'epoch milliseconds, UTC' });

export const CauseComponent = Type.Object({
  kind: Type.String({ description: "'unknown' where nothing recorded explains it" }),
  name: Type.String(),
});

export const Cause = Type.Object({
  id: Type.String(),
  phase: Type.Union([Type.Literal('growing'), Type.Literal('provisional'), Type.Literal('final')], {
    description:
      'growing: lines may still join; provisional: may still change; final: for the record',
  }),
  at: Ms,
  until: Ms,
  components: Type.Array(CauseComponent, {
    description: 'all that cannot be told apart, the most likely first',
  }),
  within: Type.Array(CauseComponent, { description: 'where the lines of an unknown cause lie' }),
  works: Type.Array(Type.String(), { description: 'works in their window' }),
  lines: Type.Integer({ description: 'lines that it explains' }),
  members: Type.Integer({ description: 'lines that lie on it, as far as is known' }),
  expected: Type.Number({ description: 'lines that chance would have given' }),
  score: Type.Number({ description: 'log posterior odds against chance, nats' }),
  share: Type.Number({ description: 'share of its members that were hit' }),
  confidence: Type.Number({ description: 'probability that it is this' }),
  runnersUp: Type.Array(
    Type.Object({ components: Type.Array(CauseComponent), odds: Type.Number() }),
    { description: 'the next best, with their odds against it' },
  ),
  linesDown: Type.Union([Type.Integer(), Type.Null()], {
    description: 'lines whose interruption goes on; null in the stream',
  }),
  closedMs: Type.Union([Type.Integer(), Type.Null()], {
    description: 'when the last of their interruptions ended; null while one goes on',
  }),
  explanation: Type.Object({ en: Type.String(), zh: Type.String() }),
});

export const Causes = Type.Object({
  fromMs: Ms,
  toMs: Ms,
  readingMs: Type.Union([Type.Integer(), Type.Null()]),
  isWorking: Type.Boolean({
    description: 'causes are being worked out again: some may be missing',
  }),
  total: Type.Integer({ description: 'final causes that begin in the period' }),
  provisional: Type.Array(Cause),
  causes: Type.Array(Cause, { description: 'final ones, the newest first' }),
});

export const CausePicture = Type.Object({
  fromMs: Ms,
  stepMs: Type.Integer(),
  counts: Type.Array(Type.Integer()),
});

const Feedback = Type.Object({
  cause: Type.String(),
  verdict: Type.Union([Type.Literal('confirmed'), Type.Literal('refuted')]),
  kind: Type.String(),
  component: Type.String(),
  who: Type.String(),
  why: Type.Union([Type.String(), Type.Null()]),
  feedbackMs: Ms,
  withdrawnMs: Type.Union([Type.Integer(), Type.Null()]),
  withdrawnBy: Type.Union([Type.String(), Type.Null()]),
});

export const CauseFeedbackList = Type.Object({ feedback: Type.Array(Feedback) });

export const CauseDetail = Type.Object({
  cause: Cause,
  feedback: Type.Array(Feedback, { description: 'what operators say of it, the oldest first' }),
  priors: Type.Array(
    Type.Object({
      kind: Type.String(),
      name: Type.String(),
      confirmed: Type.Integer(),
      refuted: Type.Integer(),
      nats: Type.Number({ description: 'how far its prior is moved' }),
    }),
    { description: 'of its components and those it was relabelled to, whose priors move now' },
  ),
  reopens: Type.Array(
    Type.Object({
      kind: Type.String(),
      name: Type.String(),
      repairedMs: Ms,
      proof: Type.String({ description: 'the tickets closed, or the cause confirmed' }),
    }),
    { description: 'repairs of its components within 30 days before it: it came back' },
  ),
  picture: CausePicture,
  customers: Type.Array(
    Type.Object({
      customer: Type.String(),
      keyCustomer: Type.Boolean(),
      lines: Type.Integer(),
    }),
  ),
  lines: Type.Array(
    Type.Object({
      line: Type.String(),
      start: Ms,
      end: Type.Union([Type.Integer(), Type.Null()]),
      branch: Type.Union([Type.String(), Type.Null()]),
      customer: Type.Union([Type.String(), Type.Null()]),
      keyCustomer: Type.Union([Type.Boolean(), Type.Null()]),
    }),
  ),
});

export const CauseDoubts = Type.Object({
  total: Type.Integer({ description: 'records in doubt, before the limit' }),
  doubts: Type.Array(
    Type.Object({
      line: Type.String(),
      kind: Type.String(),
      component: Type.String(),
      node: Type.Union([Type.String(), Type.Null()], {
        description: 'where its other records place the line',
      }),
    }),
    { description: 'records that others speak against: to be confirmed' },
  ),
  nodes: Type.Array(
    Type.Object({
      node: Type.String(),
      lines: Type.Integer(),
      missing: Type.Number({ description: 'share of card and cable records missing' }),
    }),
    { description: 'coverage of the records, the node with most missing ones first' },
  ),
});

export const CauseQuery = Type.Object({
  from: Type.Optional(QueryMs),
  to: Type.Optional(QueryMs),
  at: QueryAt,
  kind: Type.Optional(Type.String({ maxLength: 256, description: 'kind of a component' })),
  branch: Type.Optional(QueryName),
  product: Type.Optional(QueryName),
  customer: Type.Optional(QueryName),
  line: Type.Optional(QueryName),
  limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
});

export const CauseRecordQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 200 }),
});

export const CauseParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 300 }) });

/** Data of the stream's event `causes`: those that may still change, and those just become final. */
export const LiveCauses = Type.Object({
  provisional: Type.Array(Cause),
  final: Type.Array(Cause),
});

export type Cause = Static<typeof Cause>;
export type Causes = Static<typeof Causes>;
export type CauseDoubts = Static<typeof CauseDoubts>;
export type CauseDetail = Static<typeof CauseDetail>;
export type LiveCauses = Static<typeof LiveCauses>;
