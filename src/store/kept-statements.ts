// Statements that lists ask again and again, prepared once a connection: to plan one takes longer than to
// run it. They hold their connection's database: `clear` comes before it is closed.

import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import type { SqlRunner } from './sql.js';

/** Texts that are kept of a connection; of more the first goes. */
const TEXTS_MAX = 16;

interface OfConnection {
  readonly statements: Map<string, DuckDBPreparedStatement>;
  /** Ends with what is running: its values are the statement's until then. */
  turn: Promise<unknown>;
}

/** One for all lists of an open database. */
export class KeptStatements {
  private readonly kept = new Map<DuckDBConnection, OfConnection>();

  /** The connection, its statements being kept; one runs at a time. */
  on(connection: DuckDBConnection): SqlRunner {
    return {
      run: (text, values, types) => {
        const own = this.kept.get(connection) ?? { statements: new Map(), turn: Promise.resolve() };
        this.kept.set(connection, own);
        const result = own.turn.then(async () => {
          const statement = await statementOf(connection, own, text);
          try {
            if (values) statement.bind(values, types);
            return await statement.run();
          } catch (error) {
            forget(own, text);
            throw error;
          }
        });
        own.turn = result.catch(() => undefined);
        return result;
      },
    };
  }

  /** Lets go of all; nothing runs on them. */
  clear(): void {
    for (const own of this.kept.values()) {
      for (const text of own.statements.keys()) forget(own, text);
    }
    this.kept.clear();
  }
}

async function statementOf(
  connection: DuckDBConnection,
  own: OfConnection,
  text: string,
): Promise<DuckDBPreparedStatement> {
  const known = own.statements.get(text);
  if (known) return known;
  const statement = await connection.prepare(text);
  if (own.statements.size >= TEXTS_MAX) forget(own, own.statements.keys().next().value!);
  own.statements.set(text, statement);
  return statement;
}

function forget({ statements }: OfConnection, text: string): void {
  statements.get(text)?.destroySync();
  statements.delete(text);
}
