// Figures of lines added up by component, customer, product or branch, as the records had them at the
// period's end. A line has one group, or none (group 0), but any number of components.

import type { DuckDBConnection } from '@duckdb/node-api';
import { STANDS } from './facts.js';
import { type Asking, type LineSums, isWanted, readColumns, withWanted } from './line-sums.js';
import type { GroupedBy } from './members.js';
import { ONES } from './period-rows.js';
import { selectRows } from './sql.js';
import { memberText } from './worst-texts.js';

/** What is added up, in this order, all of a group beside one another. */
const SUMMED = [
  'lines',
  'linesInterrupted',
  'interruptions',
  'outages',
  'before',
  'downMs',
  'linesDown',
  'knownMs',
  ...ONES,
] as const;
type Summed = (typeof SUMMED)[number];

/** Figures by group id, and who belongs to which. */
export interface GroupSums {
  readonly groups: number;
  readonly sums: Readonly<Record<Summed, Float64Array>>;
  /** -1 = none in the period. */
  readonly lastStartMs: Float64Array;
  /** Members as pairs; line -1 = a line of the records that no event has named. */
  readonly memberGroups: Int32Array;
  readonly memberLines: Int32Array;
}

/** Adds them up. */
export async function readGroupSums(
  connection: DuckDBConnection,
  asking: Asking,
  by: GroupedBy,
  lines: LineSums,
): Promise<GroupSums> {
  const [{ most }] = await selectRows<{ most: number }>(
    connection,
    'select coalesce(max(group_id), 0) as most from line_group',
  );
  const members = await readMembers(connection, asking, by, lines);
  const groups = most + 1;
  const entries = SUMMED.map((name) => [name, new Float64Array(groups)] as const);
  const made: GroupSums = {
    groups,
    sums: Object.fromEntries(entries) as Record<Summed, Float64Array>,
    lastStartMs: new Float64Array(groups).fill(-1),
    ...members,
  };
  for (let i = 0; i < members.memberGroups.length; i++) {
    addMember(made, lines, members.memberGroups[i]!, members.memberLines[i]!);
  }
  return made;
}

async function readMembers(
  connection: DuckDBConnection,
  asking: Asking,
  by: GroupedBy,
  lines: LineSums,
): Promise<Pick<GroupSums, 'memberGroups' | 'memberLines'>> {
  const { clause, parameters } = withWanted(asking);
  const pieces: { groups: Int32Array; lines: Int32Array }[] = [];
  const hasGroup = new Uint8Array(lines.state.length);
  const member = {
    clause: `${clause}, ${memberText(by, asking.wanted !== null)}
     select group_id, coalesce(line_id, -1) from member`,
    parameters: { ...parameters, to: asking.period.toMs },
  };
  await readColumns(connection, member, { words: 2 }, (_count, [group, line]) => {
    pieces.push({ groups: group!, lines: line! });
    for (const id of line!) if (id >= 0) hasGroup[id] = 1;
  });
  if (by !== 'component') {
    const others: number[] = [];
    for (let line = 0; line < hasGroup.length; line++) {
      if (!hasGroup[line] && isWanted(lines, line)) others.push(line);
    }
    pieces.push({ groups: new Int32Array(others.length), lines: Int32Array.from(others) });
  }
  return {
    memberGroups: joined(pieces.map(({ groups }) => groups)),
    memberLines: joined(pieces.map((piece) => piece.lines)),
  };
}

function joined(pieces: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** A line that no event has named is known as long as the best partition is. */
function addMember(made: GroupSums, from: LineSums, group: number, line: number): void {
  const { sums } = made;
  sums.lines[group]!++;
  const knownMs = line < 0 ? -1 : from.knownMs[line]!;
  sums.knownMs[group]! += knownMs < 0 ? from.bestKnownMs : knownMs;
  if (line < 0) return;
  const interruptions = from.interruptions[line]!;
  if (interruptions > 0) sums.linesInterrupted[group]!++;
  sums.interruptions[group]! += interruptions;
  sums.outages[group]! += from.outages[line]!;
  sums.before[group]! += from.before[line]!;
  sums.downMs[group]! += from.downMs[line]!;
  if ((from.state[line]! & STANDS.down) !== 0) sums.linesDown[group]!++;
  sums.flapEpisodes[group]! += from.ones.flapEpisodes[line]!;
  sums.repeatFaults[group]! += from.ones.repeatFaults[line]!;
  sums.planned[group]! += from.ones.planned[line]!;
  const lastMs = from.lastStartMs[line]!;
  if (lastMs > made.lastStartMs[group]!) made.lastStartMs[group] = lastMs;
}
