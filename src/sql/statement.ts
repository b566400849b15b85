// What a user's statement may be: one SELECT over the documented views. DuckDB's own parser gives the
// tree; every table, table function and function in it is looked at, and what is not known is refused.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { VIEW_DOCS } from '../store/view-docs.js';

/** Characters of a statement. */
export const STATEMENT_CHARACTERS_MAX = 65_536;

/** Table functions that touch nothing outside. */
const TABLE_FUNCTIONS = new Set(['range', 'generate_series', 'unnest']);
/** Kinds of sources in a FROM clause beside views and those functions. */
const SOURCES = new Set(['JOIN', 'SUBQUERY', 'EMPTY', 'EXPRESSION_LIST']);
/** Functions that tell of the process or change something. */
const NO_FUNCTIONS = new Set([
  'current_setting',
  'current_query',
  'currval',
  'getenv',
  'getvariable',
  'nextval',
  'setseed',
  'write_log',
]);

type Tree = Readonly<Record<string, unknown>>;

function refuse(why: string): never {
  throw new FlaplineError('BAD_REQUEST', `the statement is refused: ${why}`);
}

/** Checks a statement. Throws BAD_REQUEST that says what is wrong with it. */
export async function checkStatement(connection: DuckDBConnection, sql: string): Promise<void> {
  if (sql.length > STATEMENT_CHARACTERS_MAX) {
    refuse(`it has more than ${STATEMENT_CHARACTERS_MAX} characters`);
  }
  const found = await connection.runAndReadAll('select json_serialize_sql($sql::varchar)', { sql });
  const tree = JSON.parse(String(found.getRows()[0]![0])) as Tree;
  if (tree['error'] === true) {
    const text = String(tree['error_message']);
    refuse(/Only SELECT/.test(text) ? 'only a SELECT can be asked' : text);
  }
  const statements = tree['statements'] as unknown[];
  if (statements.length !== 1) refuse('only one statement can be asked');
  check(statements[0], new Set());
}

/** Looks at a part of the tree; `names` are those that WITH clauses around it define. */
function check(part: unknown, names: ReadonlySet<string>): void {
  if (typeof part !== 'object' || part === null) return;
  if (Array.isArray(part)) {
    for (const one of part) check(one, names);
    return;
  }
  const node = part as Tree;
  const known = new Set([...names, ...definedBy(node)]);
  if ('sample' in node && 'alias' in node) checkSource(node, known);
  const name = node['function_name'];
  if (typeof name === 'string' && NO_FUNCTIONS.has(name.toLowerCase())) {
    refuse(`the function ${name} cannot be used`);
  }
  for (const one of Object.values(node)) check(one, known);
}

function definedBy(node: Tree): string[] {
  const map = (node['cte_map'] as { map?: { key: string }[] } | undefined)?.map ?? [];
  const own = node['type'] === 'RECURSIVE_CTE_NODE' ? [String(node['cte_name'])] : [];
  return [...map.map(({ key }) => key), ...own].map((name) => name.toLowerCase());
}

function checkSource(node: Tree, names: ReadonlySet<string>): void {
  const type = String(node['type']);
  if (type === 'BASE_TABLE') {
    const table = String(node['table_name']).toLowerCase();
    // A schema would name the view that reads at `latest`, behind the one that reads at another time.
    const plain = node['catalog_name'] === '' && node['schema_name'] === '';
    if (plain && (names.has(table) || Object.hasOwn(VIEW_DOCS, table))) return;
    refuse(
      `there is no view '${String(node['table_name'])}': ${Object.keys(VIEW_DOCS).join(', ')}`,
    );
  }
  if (type === 'TABLE_FUNCTION') {
    const name = String((node['function'] as Tree)['function_name']).toLowerCase();
    if (TABLE_FUNCTIONS.has(name)) return;
    refuse(`the table function ${name} cannot be used`);
  }
  if (!SOURCES.has(type)) refuse(`${type.toLowerCase()} cannot be used in FROM`);
}
