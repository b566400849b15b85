// What is wrong or not ready yet, in one strip that cannot be missed, worst first.

import type { Status } from '../../../src/api/contract.js';
import { duration } from './format.js';
import { t } from './head-words.js';
import { LAG_LATE_MS, type State, current, dataAgeMs } from './store.js';
import { clockSeconds } from './zone.js';

const SECOND = 1000;

export interface Banner {
  readonly look: 'bad' | 'warn' | 'info';
  readonly text: string;
}

/** The data's age, in whole seconds. */
export function ageText(): string {
  const age = dataAgeMs();
  if (age === null) return t('noDataYet');
  return duration(Math.floor(Math.max(0, age) / SECOND) * SECOND);
}

function staleText(status: Status): string {
  const { lagMs } = current();
  if (lagMs > LAG_LATE_MS) {
    return t('bannerSlow', { lag: duration(Math.floor(lagMs / SECOND) * SECOND) });
  }
  if (!status.connected) {
    const time = status.readingMs === null ? '–' : clockSeconds(status.readingMs);
    return t('bannerBroker', { time });
  }
  const bad = status.partitions.find((one) => one.problem !== null);
  if (bad !== undefined) {
    return t('bannerPartition', { partition: bad.partition, problem: bad.problem ?? '' });
  }
  return t('bannerAge', { age: ageText() });
}

/** The strip of a state; null when all is well. */
export function bannerOf(state: State): Banner | null {
  const { status, lostAtMs, connection } = current();
  if (connection === 'denied' || connection === 'connecting') return null;
  if (state === 'lost') {
    const time = lostAtMs === null ? null : clockSeconds(lostAtMs);
    return { look: 'bad', text: time === null ? t('bannerNever') : t('bannerLost', { time }) };
  }
  if (status === null) return null;
  if (status.storeProblem !== null) {
    return { look: 'bad', text: t('bannerStore', { problem: status.storeProblem }) };
  }
  if (status.outputProblem !== null) {
    return { look: 'bad', text: t('bannerOutput', { problem: status.outputProblem }) };
  }
  if (status.phase !== 'live') {
    const phase = t(`phase_${status.phase}`);
    return { look: 'info', text: status.message === '' ? phase : `${phase}: ${status.message}` };
  }
  return state === 'live' ? null : { look: 'warn', text: staleText(status) };
}
