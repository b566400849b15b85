// A running service asked over HTTP, and what its answers mean for a command: refused is a usage error
// or bad configuration, no answer is "unavailable".

import { FlaplineError, messageOf } from '../config/errors.js';
import { flagOf, variableOf } from '../config/settings.js';

/** For the whole answer; a service makes a list within two minutes. */
const TIMEOUT_MS = 180_000;

/** The address of a path of a service's. Throws USAGE. */
export function addressOf(url: string, path: string): URL {
  try {
    const address = new URL(url.endsWith('/') ? url : `${url}/`);
    if (!/^https?:$/.test(address.protocol)) throw new Error('not http or https');
    return new URL(path, address);
  } catch (error) {
    const text = `--url: '${url}' is no address; write it as http://127.0.0.1:8080`;
    throw new FlaplineError('USAGE', text, { cause: error });
  }
}

/**
 * Asks a service, or posts `body` to it (bytes: CSV); the answer's JSON. `role` says whose token is missing when it
 * refuses. Throws SERVICE_UNAVAILABLE, BAD_CONFIG for a wrong token, USAGE for what it refuses.
 */
export async function askService(
  address: URL,
  token: string | null,
  role: 'viewer' | 'operator',
  body?: object | Uint8Array,
): Promise<unknown> {
  return bodyOf(await responseOf(address, token, role, body), address);
}

/** The same for an answer of any size and form, as it comes. */
export async function* fetchService(
  address: URL,
  token: string | null,
  role: 'viewer' | 'operator',
  body?: object | Uint8Array,
): AsyncGenerator<Uint8Array> {
  const response = await responseOf(address, token, role, body);
  try {
    yield* response.body ?? [];
  } catch (error) {
    throw unavailable(address, `the answer broke off: ${messageOf(error)}`, error);
  }
}

async function responseOf(
  address: URL,
  token: string | null,
  role: 'viewer' | 'operator',
  body: object | Uint8Array | undefined,
): Promise<Response> {
  const isCsv = body instanceof Uint8Array;
  let response: Response;
  try {
    response = await fetch(address, {
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': isCsv ? 'text/csv' : 'application/json' }),
      },
      ...(body && {
        method: 'POST',
        body: isCsv ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw unavailable(address, messageOf(cause), error);
  }
  if (response.ok) return response;
  const answer = await bodyOf(response, address);
  const text = (answer as { error?: { message?: string } }).error?.message ?? response.statusText;
  if (response.status === 401 || response.status === 403) {
    const file = `${role}TokenFile`;
    const give = `give ${flagOf(file)} or ${variableOf(file)}`;
    throw new FlaplineError('BAD_CONFIG', `${address.origin}: ${text}; ${give}`);
  }
  if (response.status < 500) throw new FlaplineError('USAGE', `${address.origin}: ${text}`);
  throw unavailable(address, text);
}

async function bodyOf(response: Response, address: URL): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw unavailable(address, `status ${response.status}, and no answer of flapline's`, error);
  }
}

function unavailable(address: URL, why: string, cause?: unknown): FlaplineError {
  return new FlaplineError(
    'SERVICE_UNAVAILABLE',
    `${address.origin} does not answer as a flapline service (${why}): check the address and that it runs`,
    { cause },
  );
}
