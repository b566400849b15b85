// Notes on a line: what an operator or an engineer found or did, with who and when, for those who look at
// it next. They are never changed or taken back: a mistake is put right by another note.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { selectRows } from './sql.js';
import type { ViewDoc } from './view-docs.js';

/** Notes that a line may have. */
const NOTES_MAX = 1_000;
/** Of them so many are told with the line, the newest. */
const NOTES_TOLD = 100;

/** A note; its time in epoch ms. */
export interface Note {
  by: string;
  text: string;
  at: number;
}

/** Writes a note on a line. Throws BAD_REQUEST when the line has too many. */
export async function addNote(
  connection: DuckDBConnection,
  line: string,
  { by, text, at }: Note,
): Promise<void> {
  const [{ n }] = await selectRows<{ n: number }>(
    connection,
    'select count(*)::integer as n from note_row where line = $line',
    { line },
  );
  if (n >= NOTES_MAX) {
    const words = `"${line}" has ${NOTES_MAX} notes, as many as a line may have`;
    throw new FlaplineError('BAD_REQUEST', words);
  }
  const values = { line, by, text, at };
  await selectRows(connection, 'insert into note_row values ($line, $by, $text, $at)', values);
}

/** The notes on a line, the newest first. */
export function notesOf(connection: DuckDBConnection, line: string): Promise<Note[]> {
  return selectRows<Note>(
    connection,
    `select who as "by", note as text, noted_ms as at from note_row where line = $line
     order by noted_ms desc, rowid desc limit ${NOTES_TOLD}`,
    { line },
  );
}

/** The documented view. */
export const NOTES_VIEW = 'select line, who, note, noted_ms from note_row';

/** What it holds. */
export const NOTES_DOC: ViewDoc = {
  row: 'one a note that somebody wrote on a line',
  columns: {
    line: 'name of the line',
    who: 'who wrote it',
    note: 'what it says',
    noted_ms: 'when it was written',
  },
};
