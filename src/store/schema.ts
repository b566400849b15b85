// Tables of the store, one migration a version, a file each in migrations/. Base tables hold integer ids
// and epoch milliseconds; what people read are the views of views.ts. Small integers for ids keep a row
// of an interruption at 60 bytes before compression.

import { FINDINGS } from './migrations/1-findings.js';
import { RULES } from './migrations/2-rules.js';
import { RECORDS } from './migrations/3-records.js';
import { COMMITS } from './migrations/4-commits.js';
import { ROLLUPS } from './migrations/5-rollups.js';
import { NOTICES } from './migrations/6-notices.js';
import { KPIS } from './migrations/7-kpis.js';
import { CAUSES } from './migrations/8-causes.js';
import { FEEDBACK } from './migrations/9-feedback.js';
import { SILENCES } from './migrations/10-silences.js';
import { MEMBERS } from './migrations/11-members.js';
import { FINDINGS_OUT } from './migrations/12-findings-out.js';
import { FINDINGS_READ } from './migrations/13-findings-read.js';
import { SHELVES } from './migrations/14-shelves.js';
import { NOTES } from './migrations/15-notes.js';
import { CAUSE_NAMES } from './migrations/16-cause-names.js';
import { KEPT_TOTALS } from './migrations/17-kept-totals.js';
import { REVISIONS } from './migrations/18-revisions.js';

/**
 * Migrations in order: the statements that lead from version i to version i + 1.
 * Those that a store lacks are run in one transaction, followed by a checkpoint (DDL left in the log is
 * DuckDB's known bad case after a crash).
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  FINDINGS,
  RULES,
  RECORDS,
  COMMITS,
  ROLLUPS,
  NOTICES,
  KPIS,
  CAUSES,
  FEEDBACK,
  SILENCES,
  MEMBERS,
  FINDINGS_OUT,
  FINDINGS_READ,
  SHELVES,
  NOTES,
  CAUSE_NAMES,
  KEPT_TOTALS,
  REVISIONS,
];

/** The version of the tables that this code writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
