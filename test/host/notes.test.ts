// Notes on lines: told with the line and listed, who may write one and what is refused.

import { expect, it } from 'vitest';
import { addNote, notesOf } from '../../src/store/notes.js';
import { selectRows } from '../../src/store/sql.js';
import { api, fixture, usesApi } from './api-fixture.js';
import { rowsOfDay } from './list-rows.js';
import { DAY, T } from './store-fixture.js';

usesApi();

const write = async (statements: (to: never) => Promise<unknown>): Promise<void> => {
  await statements(fixture().connection as never);
};

async function ask(line: string, payload: object, deps: Parameters<typeof api>[0] = {}) {
  const server = await api({ write, ...deps });
  const headers = { authorization: 'Bearer view-token' };
  const url = `/api/lines/${line}/notes`;
  const { statusCode, json } = await server.inject({ method: 'POST', url, payload, headers });
  return { status: statusCode, body: json() as unknown };
}

it('are told with the line, the newest first, with who and when', async () => {
  const began = Date.now();
  await ask('beta', { by: 'Li Wei', text: 'connector renewed' });
  const { status, body } = await ask('beta', { by: '王', text: '更换光模块 <b>' });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    line: 'beta',
    notes: [
      { by: '王', text: '更换光模块 <b>' },
      { by: 'Li Wei', text: 'connector renewed' },
    ],
  });
  const { notes } = (await (await api()).inject('/api/lines/beta/detail')).json<{
    notes: { at: number }[];
  }>();
  expect(notes).toEqual((body as { notes: unknown[] }).notes);
  for (const { at } of notes) expect(at).toBeGreaterThanOrEqual(began);
});

it('are listed by when they were written, and stand in a view', async () => {
  const { connection } = fixture();
  await addNote(connection, 'alpha', { by: 'Li', text: '=1+1', at: T - 1_000 });
  await addNote(connection, 'alpha', { by: 'Li', text: 'too old', at: T - 2 * DAY });
  expect(await rowsOfDay(connection, 'notes')).toEqual([
    ['alpha', '广州', 'DDN', 'Bank', T - 1_000, 'Li', '=1+1'],
  ]);
  const view = await selectRows(
    connection,
    `select line, note from line_notes where line = 'alpha' order by noted_ms`,
  );
  expect(view).toEqual([
    { line: 'alpha', note: 'too old' },
    { line: 'alpha', note: '=1+1' },
  ]);
});

it('are a thousand a line at most, and a hundred are told', async () => {
  const { connection } = fixture();
  await connection.run(
    `insert into note_row select 'gamma', 'Li', 'note ' || i, i from range(999) t(i)`,
  );
  await addNote(connection, 'gamma', { by: 'Li', text: 'the last', at: T });
  const refused = addNote(connection, 'gamma', { by: 'Li', text: 'one more', at: T });
  await expect(refused).rejects.toThrow('"gamma" has 1000 notes, as many as a line may have');
  const told = await notesOf(connection, 'gamma');
  expect(told.map(({ text }) => text).slice(0, 2)).toEqual(['the last', 'note 998']);
  expect(told).toHaveLength(100);
});

it.each([
  [404, 'nowhere', { by: 'Li', text: 'x' }, {}],
  [400, 'alpha', { by: ' ', text: 'x' }, {}],
  [400, 'alpha', { by: 'Li', text: 'two\nlines' }, {}],
  [400, 'alpha', { by: 'Li', text: 'x'.repeat(1_001) }, {}],
  [403, 'alpha', { by: 'Li', text: 'x' }, { tokens: { viewer: 'view-token', operator: 'other' } }],
  [503, 'alpha', { by: 'Li', text: 'x' }, { write: undefined }],
])('answers %d for %s to %j with %j', async (status, line, body, deps) => {
  expect((await ask(line, body, deps)).status).toBe(status);
});
