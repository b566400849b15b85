// The worker of what-if: fetches a period once, then judges it under every rule it is asked for, beside the
// page's own thread.

import kernelUrl from '../../../dist/kernel.wasm?url';
import { readColumns } from './columns.js';
import type { Asked, Told } from './messages.js';
import { Session } from './session.js';

let session: Session | null = null;

const tell = (told: Told): void => postMessage(told, { transfer: [] });

async function columnsOf(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url, { cache: 'no-store' });
  if (response.ok) return response.arrayBuffer();
  const body = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
  throw new Error(body?.error?.message ?? `HTTP ${response.status}`);
}

async function answer(asked: Asked): Promise<Told> {
  if (asked.kind === 'move') {
    if (session === null) throw new Error('no period is open');
    return { kind: 'moved', whatIf: session.move(asked.rules, asked.limit) };
  }
  session = null;
  const beganMs = performance.now();
  const buffer = await columnsOf(asked.url);
  const fetchMs = performance.now() - beganMs;
  const columns = readColumns(buffer);
  const kernel = await (await fetch(kernelUrl)).arrayBuffer();
  session = new Session(await WebAssembly.compile(kernel), columns, asked.today);
  const { fromMs, toMs, rows, nameCount: lines, unsure } = columns;
  const bytes = buffer.byteLength;
  const opened = { fromMs, toMs, interruptions: rows, lines, unsure, bytes, fetchMs };
  return { kind: 'opened', opened };
}

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  answer(data)
    .then(tell)
    .catch((error: unknown) => {
      tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    });
});
