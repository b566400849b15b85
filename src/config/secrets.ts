// Secrets kept out of what is said: notes, status and errors.

import { FlaplineError, messageOf } from './errors.js';

/** A text without the secrets in it; those too short to be told from other words are left. */
export function redacted(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 4)
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}

/** The same error without secrets in its message. */
export function cleanError(error: unknown, secrets: readonly string[]): unknown {
  const text = messageOf(error);
  const clean = redacted(text, secrets);
  if (clean === text) return error;
  return error instanceof FlaplineError ? new FlaplineError(error.code, clean) : new Error(clean);
}
