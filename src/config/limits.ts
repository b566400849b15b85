// Limits of the kernel's state, all configurable: reaching one is a rejection with its reason.

import type { SettingKey, Settings } from './settings.js';

/** What a kernel may grow to. */
export interface KernelLimits {
  /** Lines and alarmed keys of a partition. */
  readonly linesMax: number;
  /** Bytes of their names. */
  readonly keyBytesMax: number;
  /** Different names of alarms, and of causes. */
  readonly namesMax: number;
  /** Active alarms of a partition. */
  readonly alarmsMax: number;
  /** Active alarms of a line. */
  readonly alarmsPerLineMax: number;
}

/** 10,000,000 lines; a flood of names or alarms ends in a rejection. */
export const DEFAULT_LIMITS: KernelLimits = {
  linesMax: 10_000_000,
  keyBytesMax: 1_000_000_000,
  namesMax: 1_000_000,
  alarmsMax: 20_000_000,
  alarmsPerLineMax: 1_024,
};

/** Bytes of one object in a file, or of one Kafka record. */
export const OBJECT_BYTES_MAX = 16 * 1024 * 1024;

/** The settings that set them, with what --help says. */
export const LIMIT_SETTINGS: readonly (readonly [SettingKey, string])[] = [
  ['linesMax', `lines of a partition (default: ${DEFAULT_LIMITS.linesMax})`],
  ['keyBytesMax', `bytes of their names (default: ${DEFAULT_LIMITS.keyBytesMax})`],
  ['namesMax', `names of alarms, of causes (default: ${DEFAULT_LIMITS.namesMax})`],
  ['alarmsMax', `active alarms of a partition (default: ${DEFAULT_LIMITS.alarmsMax})`],
  ['alarmsPerLineMax', `active alarms of a line (default: ${DEFAULT_LIMITS.alarmsPerLineMax})`],
  ['objectBytesMax', `bytes of one object or record (default: ${OBJECT_BYTES_MAX})`],
];

/** The limits that settings give, the others by default. */
export function limitsFrom(settings: Settings): { limits: KernelLimits; objectBytesMax: number } {
  const { linesMax, keyBytesMax, namesMax, alarmsMax, alarmsPerLineMax } = {
    ...DEFAULT_LIMITS,
    ...settings,
  };
  return {
    limits: { linesMax, keyBytesMax, namesMax, alarmsMax, alarmsPerLineMax },
    objectBytesMax: settings.objectBytesMax ?? OBJECT_BYTES_MAX,
  };
}
