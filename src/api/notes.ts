// POST /lines/:line/notes: somebody writes down what was found or done. By the wall clock.

import { addNote, notesOf } from '../store/notes.js';
import { operatorOnly } from './auth.js';
import { ApiError, LineParams, NoteBody, NotesOfLine } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { changeLine } from './line-change.js';

/** POST /lines/:line/notes; the name percent-encoded, `/` as %2F. */
export function noteRoutes(server: ApiServer, deps: ApiDeps): void {
  server.post(
    '/lines/:line/notes',
    {
      schema: {
        summary: 'Write a note on a line: who and when stay with it',
        params: LineParams,
        body: NoteBody,
        response: { 200: NotesOfLine, '4xx': ApiError, '5xx': ApiError },
      },
      onRequest: operatorOnly(deps.tokens),
    },
    async ({ params: { line }, body }) => {
      const note = { ...body, at: Date.now() };
      const notes = await changeLine(
        deps,
        line,
        (connection) => addNote(connection, line, note),
        (connection) => notesOf(connection, line),
      );
      return { line, notes };
    },
  );
}
