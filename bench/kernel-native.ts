// The native side of the kernel bench: compiled for each run from bench/native, with the kernel's own
// constants as a header. Plain -O3 for the rules. For JSON the faster build of the two counts:
// simdjson chooses its first stage for the processor at run time in either.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as L from '../assembly/layout.js';
import { FlaplineError } from '../src/config/errors.js';
import { ROOT } from '../src/config/root.js';
import type { Rules } from '../src/config/rules.js';
import { DEFAULT_CAPACITIES } from '../src/kernel/kernel.js';
import { startsStride } from '../src/kernel/rules.js';

/** How the native side is compiled. */
export const NATIVE_FLAGS = ['-std=c++20', '-O3', '-DNDEBUG'] as const;
const MACRO_BYTES_MAX = 2 ** 26;

/** The compiler's macros behind simdjson's header, or null when it cannot be read. */
function readMacros(): string | null {
  const { status, stdout } = spawnSync('g++', ['-dM', '-E', '-x', 'c++', '-'], {
    encoding: 'utf8',
    input: '#include <simdjson.h>\n',
    maxBuffer: MACRO_BYTES_MAX,
  });
  return status === 0 ? stdout : null;
}

/** What keeps the native side from being compiled, in words; null = nothing. */
export function missingForNative(): string | null {
  if (spawnSync('g++', ['--version']).status !== 0) return 'g++ is missing: install g++';
  return readMacros() === null ? 'simdjson.h is missing: install libsimdjson-dev' : null;
}

/** The compiler's and simdjson's versions, and the flags. */
export function describeNative(): string {
  const compiler = spawnSync('g++', ['-dumpfullversion'], { encoding: 'utf8' }).stdout.trim();
  const version = /define SIMDJSON_VERSION "?([\d.]+)/.exec(readMacros() ?? '')?.[1] ?? 'unknown';
  return `g++ ${compiler} ${NATIVE_FLAGS.join(' ')}, simdjson ${version}`;
}

/** Compiles the native side into a folder; the program's path. Throws USAGE when one is missing. */
export function buildNative(folder: string): string {
  const missing = missingForNative();
  if (missing !== null) throw new FlaplineError('USAGE', `kernel bench: ${missing}`);
  const { events, findings } = DEFAULT_CAPACITIES;
  const numbers = { ...L, EVENT_ROWS: events, FINDING_ROWS: findings };
  const constants = Object.entries(numbers).map(([name, value]) => {
    return `constexpr uint32_t ${name} = ${value}u;`;
  });
  const header = ['#pragma once', '#include <cstdint>', 'namespace L {', ...constants, '}', ''];
  writeFileSync(join(folder, 'layout.h'), header.join('\n'));
  const program = join(folder, 'native');
  const source = join(ROOT, 'bench', 'native', 'main.cpp');
  const args = [...NATIVE_FLAGS, `-I${folder}`, source, '-lsimdjson', '-o', program];
  const { status, stderr } = spawnSync('g++', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`bench/native does not compile: ${stderr}`);
  return program;
}

/** The rules as the native side's arguments. */
export function ruleArguments(rules: Rules): string[] {
  const { quietMs, outageMs, repeatMs, flap } = rules;
  const triples = flap.flatMap(({ starts, windowMs }, i) => [starts, windowMs, i + 1]);
  return [quietMs, outageMs, repeatMs, startsStride(rules), ...triples].map(String);
}
