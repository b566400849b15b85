// The compiled kernel: read and compiled once, instantiated as often as there are partitions. The
// only place that says WebAssembly.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAYOUT_VERSION } from '../../assembly/layout.js';
import { ROOT } from '../config/root.js';

/** What the kernel exports (assembly/index.ts). */
export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  layoutVersion(): number;
  prepare(): number;
  init(): number;
  region(id: number): number;
  openMapping(): void;
  resetDecoder(): void;
  decodeStream(final: number): number;
  decodeFrames(): number;
  detect(): number;
  read(atMs: number, lineCount: number): number;
  resetLine(index: number): number;
  resolve(kind: number): void;
  takeChanged(): number;
  takeChatter(): number;
  raiseLine(
    index: number,
    alarm: number,
    down: number,
    episode: number,
    pending: number,
    raisedMs: number,
  ): number;
  settle(lines: number, all: number): void;
  addAlias(keyLength: number, lineLength: number): number;
  endAlias(keyLength: number, lineLength: number, position: number): number;
  internInbox(dictionary: number, length: number): number;
  nameAt(dictionary: number, index: number): number;
  nameCount(dictionary: number): number;
  setClass(length: number, classIndex: number): number;
  setStoreId(dictionary: number, index: number, storeId: number): void;
  describeSections(): void;
  expectNames(dictionary: number, count: number, used: number): number;
  completeRestore(): void;
}

const compiled = new Map<string, WebAssembly.Module>();

function moduleOf(file: string): WebAssembly.Module {
  let found = compiled.get(file);
  if (!found) {
    found = new WebAssembly.Module(readFileSync(join(ROOT, 'dist', file)));
    compiled.set(file, found);
  }
  return found;
}

/** A fresh instance of the release build, or of the checked one. */
export function instantiate(checked: boolean): KernelExports {
  const instance = new WebAssembly.Instance(
    moduleOf(checked ? 'kernel.checked.wasm' : 'kernel.wasm'),
    {
      env: {
        abort(message: number, file: number, line: number, column: number): never {
          throw new Error(`kernel: assertion failed at ${file}:${line}:${column} (${message})`);
        },
      },
    },
  );
  const kernel = instance.exports as unknown as KernelExports;
  if (kernel.layoutVersion() !== LAYOUT_VERSION) {
    throw new Error('kernel: built from another layout; run npm run build');
  }
  return kernel;
}
