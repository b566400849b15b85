// A snapshot file: magic, length of the header, header (JSON: layout, rules, log position, counts),
// checksum, then the state's sections. It is written beside, synced and renamed, so that a file
// with the right name is whole; every check that fails has its own error.

import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { setImmediate as ofOthers } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import * as L from '../../assembly/layout.js';
import { FlaplineError, messageOf } from '../config/errors.js';
import type { Rules } from '../config/rules.js';
import { carryBeside, carryDetectors, carryLines, carryStarts } from './carry.js';
import type { RuleIds } from './rules.js';
import { type NameCounts, nameCounts, sectionsOf, stateOf, writeSections } from './grow.js';
import { type Capacities, Kernel, type KernelOptions } from './kernel.js';
import { hasWaitingEnds } from './optional.js';
import { mappingOf } from '../mapping/format.js';

const MAGIC = Buffer.from('FLAPSNAP');
/** Behind the magic: header bytes u32, checksum of header and sections u32. */
const PREFIX_BYTES = MAGIC.length + 8;

/** The position in a log that a snapshot's state stands at. */
export interface SnapshotPosition {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly log: number;
  readonly position: number;
}

/** What a snapshot says of itself. */
export interface SnapshotHeader {
  readonly layout: number;
  /** When the store was made whose ids the state holds. */
  readonly storeCreatedMs: number;
  readonly at: SnapshotPosition;
  readonly rules: Rules;
  readonly ruleIds: RuleIds;
  /** The text of the mapping in force; null = the native form. */
  readonly mapping: string | null;
  readonly names: readonly NameCounts[];
  readonly sectionBytes: readonly number[];
  readonly state: readonly number[];
}

/** A kernel's state at one moment. */
export interface SnapshotImage {
  readonly header: SnapshotHeader;
  readonly sections: readonly Uint8Array[];
}

/** Copies a kernel's state. Changed and fresh lines must have been taken before. */
export function snapshotOf(
  kernel: Kernel,
  at: SnapshotPosition,
  storeCreatedMs: number,
): SnapshotImage {
  const { header, sections } = snapshotView(kernel, at, storeCreatedMs);
  return { header, sections: sections.map((section) => section.slice()) };
}

/** The same without a copy: the sections are views, valid until the kernel's next call. */
export function snapshotView(
  kernel: Kernel,
  { cluster, topic, partition, log, position }: SnapshotPosition,
  storeCreatedMs: number,
): SnapshotImage {
  const sections = sectionsOf(kernel);
  const header: SnapshotHeader = {
    layout: L.LAYOUT_VERSION,
    storeCreatedMs,
    at: { cluster, topic, partition, log, position },
    rules: kernel.options.rules,
    ruleIds: kernel.options.ruleIds,
    mapping: kernel.options.mapping?.words || null,
    names: nameCounts(kernel),
    sectionBytes: sections.map((section) => section.length),
    state: [...stateOf(kernel)],
  };
  return { header, sections };
}

/** Bytes that are summed up, or written, before others have their turn. */
const PIECE_BYTES = 4 << 20;

/** Writes a snapshot beside, syncs and renames it; returns its bytes. Others have their turn meanwhile. */
export async function writeSnapshot(
  file: string,
  { header, sections }: SnapshotImage,
): Promise<number> {
  const headerBytes = Buffer.from(JSON.stringify(header));
  const parts = [headerBytes, ...sections].flatMap(piecesOf);
  let sum = 0;
  for (const part of parts) {
    sum = crc32(part, sum);
    await ofOthers();
  }
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32LE(headerBytes.length, MAGIC.length);
  prefix.writeUInt32LE(sum, MAGIC.length + 4);
  const beside = `${file}.part`;
  const handle = await open(beside, 'w');
  try {
    for (const part of [prefix, ...parts]) await handle.writeFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  return parts.reduce((bytes, part) => bytes + part.length, prefix.length);
}

function piecesOf(part: Uint8Array): Uint8Array[] {
  const pieces = Math.ceil(part.length / PIECE_BYTES);
  return Array.from({ length: pieces }, (_, i) =>
    part.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES),
  );
}

function unreadable(file: string, what: string, cause?: unknown): FlaplineError {
  return new FlaplineError('SNAPSHOT_UNREADABLE', `snapshot ${file}: ${what}`, { cause });
}

/** True when this program can go on from a snapshot of such a layout. */
export function isReadable({ layout }: SnapshotHeader): boolean {
  return layout >= L.LAYOUT_VERSION_READ && layout <= L.LAYOUT_VERSION;
}

/** Reads a snapshot and checks it. Throws SNAPSHOT_UNREADABLE saying which check failed. */
export function readSnapshot(file: string): { header: SnapshotHeader; payload: Buffer } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw unreadable(file, `cannot be read (${messageOf(error)})`, error);
  }
  if (bytes.length < PREFIX_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw unreadable(file, 'is no snapshot (magic)');
  }
  const headerEnd = PREFIX_BYTES + bytes.readUInt32LE(MAGIC.length);
  if (headerEnd > bytes.length) throw unreadable(file, 'is cut short (header)');
  if (crc32(bytes.subarray(PREFIX_BYTES)) !== bytes.readUInt32LE(MAGIC.length + 4)) {
    throw unreadable(file, 'is damaged or cut short (checksum)');
  }
  const header = JSON.parse(
    bytes.subarray(PREFIX_BYTES, headerEnd).toString('utf8'),
  ) as SnapshotHeader;
  if (!isReadable(header)) {
    throw unreadable(
      file,
      `has layout ${header.layout}, this program reads ${L.LAYOUT_VERSION}: replay the log`,
    );
  }
  return { header, payload: bytes.subarray(headerEnd) };
}

/** A kernel with a snapshot's state, under the snapshot's own rules. */
export function restoreKernel(
  { header, payload }: { header: SnapshotHeader; payload: Buffer },
  options: KernelOptions,
): Kernel {
  const sections: Uint8Array[] = [];
  let from = 0;
  for (const bytes of header.sectionBytes) {
    sections.push(payload.subarray(from, from + bytes));
    from += bytes;
  }
  const kernel = new Kernel({
    ...options,
    rules: header.rules,
    ruleIds: header.ruleIds,
    mapping: mappingOf(header.mapping),
    capacities: fitting(options.capacities, header),
    waitingEnds: header.sectionBytes[L.SECTION_PENDING]! > 0,
  });
  if (header.layout !== L.LAYOUT_VERSION) bringUpToDate(sections, header);
  writeSections(kernel, sections, header.names, Float64Array.from(header.state));
  return kernel;
}

/** The sections of a snapshot of an older layout, as they stand in this one. */
function bringUpToDate(sections: Uint8Array[], { rules, layout }: SnapshotHeader): void {
  const states = { heads: sections[L.SECTION_HEADS]!, tails: sections[L.SECTION_TAILS]! };
  // A copy: what a file holds is not aligned.
  const lines = new Uint8Array(sections[L.SECTION_LINES]!);
  const moved = carryDetectors(states, lines, rules, rules, layout);
  sections[L.SECTION_HEADS] = moved.heads;
  sections[L.SECTION_TAILS] = moved.tails;
}

function room(used: number, least: number): number {
  return Math.max(least, Math.ceil(used * 1.25));
}

/** Capacities that hold a snapshot's state with room to go on. */
function fitting(capacities: Capacities, header: SnapshotHeader): Capacities {
  const [keys, alarms, causes] = header.names;
  const rows = (section: number, size: number): number => header.sectionBytes[section]! / size;
  return {
    ...capacities,
    lines: room(keys!.count, capacities.lines),
    keyBytes: room(keys!.used, capacities.keyBytes),
    names: room(Math.max(alarms!.count, causes!.count), capacities.names),
    nameBytes: room(Math.max(alarms!.used, causes!.used), capacities.nameBytes),
    alarms: room(rows(L.SECTION_ALARMS, L.ALARM_SIZE), capacities.alarms),
    aliases: room(rows(L.SECTION_ALIASES, L.ALIAS_SIZE), capacities.aliases),
  };
}

/**
 * The same state under other rules (SPEC section 5): a new rule is judged at the next start, on the
 * starts kept so far; an open episode keeps its start and its rule; an end that waits is stored at
 * the line's next event when ends no longer wait. Findings and chatter must have been taken. With
 * `makeRoom` there is room for ends that wait though none does yet.
 */
export function withRules(
  kernel: Kernel,
  rules: Rules,
  ruleIds: RuleIds,
  makeRoom = false,
): Kernel {
  const sections: Uint8Array[] = sectionsOf(kernel).map((section) => section.slice());
  const lines = sections[L.SECTION_LINES]!;
  const waitingEnds = makeRoom || hasWaitingEnds(lines);
  const changed = new Kernel({ ...kernel.options, rules, ruleIds, waitingEnds });
  const from = kernel.options.rules;
  carryLines(lines, from, rules);
  sections[L.SECTION_STARTS] = carryStarts(sections[L.SECTION_STARTS]!, from, rules);
  const states = { heads: sections[L.SECTION_HEADS]!, tails: sections[L.SECTION_TAILS]! };
  const carried = carryDetectors(states, lines, from, rules);
  sections[L.SECTION_HEADS] = carried.heads;
  sections[L.SECTION_TAILS] = carried.tails;
  carryBeside(sections, kernel, changed);
  writeSections(changed, sections, nameCounts(kernel), stateOf(kernel));
  const others = from.detectors.length + rules.detectors.length > 0;
  changed.calls.settle(lines.length / L.LINE_SIZE - 1, others ? 1 : 0);
  return changed;
}
