// Shelving (ISA-18.2): an operator takes a line, or one of its alarms, off the notices for a time, with a
// reason. It ends by itself. It never changes what is found or counted: notices alone ask for it.

import type { DuckDBConnection } from '@duckdb/node-api';
import { selectRows } from './sql.js';
import type { ViewDoc } from './view-docs.js';

/** Shelves of a line that are told, the newest. */
const SHELVES_MAX = 100;

/** A shelf. Times in epoch ms. */
export interface Shelf {
  line: string;
  /** null: the whole line. */
  alarm: string | null;
  by: string;
  why: string;
  shelved: number;
  until: number;
  /** When and by whom it was ended before `until`; null while nobody did. */
  ended: number | null;
  endedBy: string | null;
}

const COLUMNS = `line, alarm, who as "by", why, shelved_ms as shelved, until_ms as until,
  ended_ms as ended, ended_by as "endedBy"`;

/** True of a row of shelf_row that holds at $now. */
const HOLDS = 'shelved_ms <= $now and coalesce(ended_ms, until_ms) > $now';

/** Puts a line, or an alarm of it, on the shelf. */
export async function addShelf(
  connection: DuckDBConnection,
  { line, alarm, by, why, shelved, until }: Omit<Shelf, 'ended' | 'endedBy'>,
): Promise<void> {
  await selectRows(
    connection,
    `insert into shelf_row values ($line, $alarm, $by, $why, $shelved, $until, null, null)`,
    { line, alarm, by, why, shelved, until },
  );
}

/** Ends all that holds of a line at `nowMs`; of one alarm where one is named. */
export async function endShelves(
  connection: DuckDBConnection,
  line: string,
  alarm: string | null,
  { by, nowMs }: { readonly by: string; readonly nowMs: number },
): Promise<void> {
  await selectRows(
    connection,
    `update shelf_row set ended_ms = $now, ended_by = $by
     where line = $line and ($alarm is null or alarm = $alarm) and ${HOLDS}`,
    { line, alarm, by, now: nowMs },
  );
}

/** What holds of a line at `nowMs`, what ends last first. */
export function shelvesOf(
  connection: DuckDBConnection,
  line: string,
  nowMs: number,
): Promise<Shelf[]> {
  return selectRows<Shelf>(
    connection,
    `select ${COLUMNS} from shelf_row where line = $line and ${HOLDS}
     order by until_ms desc, shelved_ms desc, alarm limit ${SHELVES_MAX}`,
    { line, now: nowMs },
  );
}

/**
 * Until when lines (alarm null) and alarms were or are shelved, of shelves begun by $now that ended
 * after $since: (line, alarm, until_ms).
 */
export const SHELVED = `select line, alarm, max(coalesce(ended_ms, until_ms)) as until_ms
  from shelf_row where shelved_ms <= $now and coalesce(ended_ms, until_ms) > $since
  group by line, alarm`;

/** The documented view. */
export const SHELVES_VIEW = `select line, alarm, who, why, shelved_ms, until_ms, ended_ms, ended_by
  from shelf_row`;

/** What it holds. */
export const SHELVES_DOC: ViewDoc = {
  row: 'one a line, or alarm of a line, that an operator took off the notices for a time',
  columns: {
    line: 'name of the line',
    alarm: 'the alarm, null for the whole line',
    who: 'who shelved it',
    why: 'the reason',
    shelved_ms: 'since when',
    until_ms: 'when it ends by itself',
    ended_ms: 'when somebody ended it before, else null',
    ended_by: 'who did',
  },
};
