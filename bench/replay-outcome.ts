// What both sides of the replay bench found, read from their files after the clock: counts, and a
// hash over every interruption by line and start. Equal hashes mean equal findings, so a faster side
// did not skip work.

import { DuckDBInstance } from '@duckdb/node-api';
import { selectRows } from '../src/store/sql.js';

/** The findings of one side. */
export interface Outcome {
  readonly lines: number;
  /** Those still open included. */
  readonly interruptions: number;
  readonly open: number;
  /** Over (line, start, end) in the order of line and start. */
  readonly hash: string;
}

/** What we found, through the documented views. */
export async function ourOutcome(storeFile: string): Promise<Outcome> {
  return outcomeOf(
    storeFile,
    'select line, start_ms, end_ms from interruptions',
    'select count(*) as lines from lines',
  );
}

/** What the peer found. */
export async function peerOutcome(database: string): Promise<Outcome> {
  return outcomeOf(
    database,
    'select line, start_ms, end_ms from interruption join line using (line_id)',
    'select count(*) as lines from line',
  );
}

/**
 * Episodes of ours at whose start the peer saw no rule satisfied: 0 when the two agree. (The peer
 * keeps every such start, we the first of each episode.)
 */
export async function strayEpisodes(storeFile: string, database: string): Promise<number> {
  const instance = await DuckDBInstance.create(storeFile, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    await connection.run(`attach '${database.replaceAll("'", "''")}' as peer (read_only)`);
    const rows = await selectRows<{ stray: number }>(
      connection,
      `select count(*) as stray from episodes e
         anti join (select line, start_ms from peer.flap join peer.line using (line_id)) f
         on f.line = e.line and f.start_ms = e.at_ms`,
    );
    connection.closeSync();
    return rows[0]!.stray;
  } finally {
    instance.closeSync();
  }
}

async function outcomeOf(file: string, found: string, lines: string): Promise<Outcome> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    const rows = await selectRows<Record<keyof Outcome, number | string>>(
      connection,
      `with by_line as (
         select line, count(*) as n, count(*) filter (end_ms is null) as open,
           md5(string_agg(start_ms || '-' || coalesce(end_ms::varchar, ''), ' '
             order by start_ms)) as hash
         from (${found}) group by line)
       select (${lines}) as lines, sum(n)::bigint as interruptions, sum(open)::bigint as open,
         md5(string_agg(line || ' ' || hash, ' ' order by line)) as hash
       from by_line`,
    );
    connection.closeSync();
    const row = rows[0]!;
    return {
      lines: Number(row.lines),
      interruptions: Number(row.interruptions),
      open: Number(row.open),
      hash: String(row.hash),
    };
  } finally {
    instance.closeSync();
  }
}
