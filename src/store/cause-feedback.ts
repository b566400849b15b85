// Feedback on causes: a verdict on a component, with who, why and when. It moves the priors of bursts
// triggered from then on, until it is withdrawn: what was stored before stays as it was, so nothing but
// the stored rows decides what causes are.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { NamedComponent } from '../cause/finding.js';
import { lowerCauseProgress } from './causes.js';
import { selectRows } from './sql.js';
import type { ViewDoc } from './view-docs.js';

/** What an operator says. */
export type Verdict = 'confirmed' | 'refuted';

/** One verdict. Times in ms. */
export interface Feedback {
  cause: string;
  verdict: Verdict;
  kind: string;
  component: string;
  who: string;
  why: string | null;
  feedbackMs: number;
  withdrawnMs: number | null;
  withdrawnBy: string | null;
}

/** Stores verdicts; causes from `atMs` on are worked out again. */
export async function addFeedback(
  connection: DuckDBConnection,
  cause: string,
  verdicts: readonly { readonly verdict: Verdict; readonly of: NamedComponent }[],
  { by, why, atMs }: { readonly by: string; readonly why: string | null; readonly atMs: number },
): Promise<void> {
  for (const { verdict, of } of verdicts) {
    await selectRows(
      connection,
      `insert into feedback_row
         values ($cause, $verdict, $kind, $name, $by, $why, $at, null, null)`,
      { cause, verdict, kind: of.kind, name: of.name, by, why, at: atMs },
    );
  }
  await lowerCauseProgress(connection, atMs);
}

/** Withdraws all that holds of a cause; returns how many rows. */
export async function withdrawFeedback(
  connection: DuckDBConnection,
  cause: string,
  { by, atMs }: { readonly by: string; readonly atMs: number },
): Promise<number> {
  const rows = await selectRows<{ n: number }>(
    connection,
    `select count(*) as n from feedback_row where cause = $cause and withdrawn_ms is null`,
    { cause },
  );
  await selectRows(
    connection,
    `update feedback_row set withdrawn_ms = $at, withdrawn_by = $by
       where cause = $cause and withdrawn_ms is null`,
    { cause, by, at: atMs },
  );
  await lowerCauseProgress(connection, atMs);
  return rows[0]!.n;
}

const COLUMNS = `cause, verdict, kind, component, who, why, feedback_ms as "feedbackMs",
  withdrawn_ms as "withdrawnMs", withdrawn_by as "withdrawnBy"`;

/** All feedback, or that on one cause, the oldest first. */
export function readFeedback(
  connection: DuckDBConnection,
  cause: string | null = null,
): Promise<Feedback[]> {
  return selectRows<Feedback>(
    connection,
    `select ${COLUMNS} from feedback_row where $cause is null or cause = $cause
       order by feedback_ms, cause, verdict, kind, component`,
    { cause },
  );
}

/** The documented view. */
export const FEEDBACK_VIEW = `select cause, verdict, kind, component, who, why, feedback_ms,
    withdrawn_ms, withdrawn_by from feedback_row`;

/** What it holds. */
export const FEEDBACK_DOC: ViewDoc = {
  row: 'one a verdict of an operator on a component of a cause',
  columns: {
    cause: 'identity of the cause',
    verdict: 'confirmed or refuted; a relabelled cause has one of each',
    kind: 'kind of the component judged',
    component: 'name of the component judged',
    who: 'who said so',
    why: 'why, null when not said',
    feedback_ms: 'when: priors of bursts from then on are moved',
    withdrawn_ms: 'when it was withdrawn, null while it holds',
    withdrawn_by: 'who withdrew it',
  },
};
