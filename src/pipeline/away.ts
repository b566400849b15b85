// Errors of Kafka that may pass: what meets them tries again.

import { FlaplineError } from '../config/errors.js';
import { isAbsence } from '../source/questions.js';

/** True for a broker that does not answer, which may pass: what needs it waits. */
export function isOfBroker(error: unknown): boolean {
  return error instanceof FlaplineError && error.code === 'BROKER_UNAVAILABLE';
}

/**
 * True for a broker, or a topic, that is away: while a broker is gone the others may not know its
 * partitions for a moment.
 */
export function isAway(error: unknown): boolean {
  return isOfBroker(error) || isAbsence(error);
}
