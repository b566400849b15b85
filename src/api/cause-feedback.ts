// POST /causes/:id/feedback: an operator confirms, refutes or relabels a cause, or withdraws what was
// said. It moves the priors of its components, visibly (GET /causes/:id) and until it is withdrawn.

import { type Static, Type } from 'typebox';
import type { NamedComponent } from '../cause/finding.js';
import { FlaplineError } from '../config/errors.js';
import {
  type Verdict,
  addFeedback,
  readFeedback,
  withdrawFeedback,
} from '../store/cause-feedback.js';
import { operatorOnly } from './auth.js';
import { CauseComponent, CauseFeedbackList, CauseParams } from './cause-contract.js';
import { ApiError } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { findDetail } from './causes.js';
import { momentOf } from './period.js';

const FeedbackBody = Type.Object(
  {
    verdict: Type.Union([
      Type.Literal('confirm'),
      Type.Literal('refute'),
      Type.Literal('relabel'),
      Type.Literal('withdraw'),
    ]),
    by: Type.String({ minLength: 1, maxLength: 256, description: 'who says so' }),
    why: Type.Optional(Type.String({ maxLength: 1_024 })),
    as: Type.Optional(CauseComponent),
  },
  { additionalProperties: false },
);

type FeedbackBody = Static<typeof FeedbackBody>;

/** POST /causes/:id/feedback. */
export function causeFeedbackRoutes(server: ApiServer, deps: ApiDeps): void {
  server.post(
    '/causes/:id/feedback',
    {
      schema: {
        summary: 'Confirm, refute or relabel a cause, or withdraw that',
        description:
          '`relabel` refutes the components named and confirms `as`. Priors move for bursts from now on.',
        params: CauseParams,
        body: FeedbackBody,
        response: { 200: CauseFeedbackList, '4xx': ApiError, '5xx': ApiError },
      },
      onRequest: operatorOnly(deps.tokens),
    },
    async ({ params: { id }, body }) => {
      const { causes } = deps;
      if (!causes) throw new FlaplineError('SERVICE_UNAVAILABLE', 'nothing is at work here');
      const { cause } = await deps.read(async (connection) =>
        findDetail(deps, connection, await momentOf(deps, connection, undefined), id),
      );
      const at = { by: body.by, why: body.why ?? null, atMs: Date.now() };
      const verdicts = verdictsOf(body, cause.components);
      await causes.judge((connection) =>
        body.verdict === 'withdraw'
          ? withdrawFeedback(connection, id, at)
          : addFeedback(connection, id, verdicts, at),
      );
      return deps.read(async (connection) => ({ feedback: await readFeedback(connection, id) }));
    },
  );
}

/** What a body says of which components. Throws BAD_REQUEST. */
function verdictsOf(
  { verdict, as }: FeedbackBody,
  components: readonly NamedComponent[],
): { verdict: Verdict; of: NamedComponent }[] {
  if (verdict === 'withdraw') return [];
  if ((verdict === 'relabel') !== (as !== undefined)) {
    throw new FlaplineError(
      'BAD_REQUEST',
      'body "as": goes with the verdict relabel, and only with it',
    );
  }
  const named = components.filter(({ kind }) => kind !== 'unknown');
  if (verdict !== 'relabel' && named.length === 0) {
    throw new FlaplineError(
      'BAD_REQUEST',
      'an unknown cause can be relabelled, not confirmed or refuted',
    );
  }
  // Of those that cannot be told apart the first is the one that was named.
  const first = named.slice(0, 1);
  const said: Verdict = verdict === 'confirm' ? 'confirmed' : 'refuted';
  const of = first.map((component) => ({ verdict: said, of: component }));
  return as ? [...of, { verdict: 'confirmed', of: as }] : of;
}
