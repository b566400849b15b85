// Revisions of tables whose rows are replaced: a number in the transaction that replaces them. Where rows
// are only added, how many there are says as much.

/** What is replaced: line_member, planned_mark, cause_member. */
export type Replaced = 'members' | 'planned' | 'causes';

/** The statement that says so, for the transaction at hand. */
export const raiseRevision = (what: Replaced): string =>
  `update revision set number = number + 1 where what = '${what}'`;
