// GET /stream: the status as server-sent events, at once, on change (at most every statusMsMin) and at
// least every statusMsMax; between them, as it is read, what has just been read (event `live`). A client
// that does not keep up gets the latest state when its socket takes it, never a queue; a socket that
// takes nothing for streamStalledMsMax is closed.

import type { ServerResponse } from 'node:http';
import type { LiveCauses } from './cause-contract.js';
import type { Live } from './contract.js';
import type { ApiDeps, ApiLimits, ApiServer } from './deps.js';
import { refuse } from './errors.js';

/** How long a browser waits before it connects again, in milliseconds. */
const RETRY_MS = 1_000;

interface Client {
  readonly response: ServerResponse;
  /** Set while the socket takes nothing: closes it when it fires. */
  stalled: NodeJS.Timeout | null;
  /** There is a newer state than the last one written. */
  behind: boolean;
}

/** Sends the status to every open stream. It runs timers only while there are streams. */
class StatusStreams {
  readonly #deps: ApiDeps;
  readonly #limits: ApiLimits;
  readonly #clients = new Set<Client>();
  #timer: NodeJS.Timeout | null = null;
  #dueMs = 0;
  #sentMs = 0;
  #stopListening: (() => void) | null = null;
  #stopLive: (() => void) | null = null;
  #stopCauses: (() => void) | null = null;

  constructor(deps: ApiDeps, limits: ApiLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  get full(): boolean {
    return this.#clients.size >= this.#limits.streamsMax;
  }

  /** Writes the first event and keeps the stream until either side closes it. */
  open(response: ServerResponse): void {
    const client: Client = { response, stalled: null, behind: false };
    this.#clients.add(client);
    response.on('close', () => this.#remove(client));
    response.on('error', () => this.#remove(client));
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#send(client, this.#event());
    if (this.#timer === null) this.#sentMs = performance.now();
    this.#stopListening ??= this.#deps.onChange(() => this.#schedule(this.#limits.statusMsMin));
    this.#stopLive ??= this.#deps.onLive((live) => this.#sendNews('live', live));
    this.#stopCauses ??=
      this.#deps.causes?.onCauses((causes) => this.#sendNews('causes', causes)) ?? null;
    this.#schedule(this.#limits.statusMsMax);
  }

  /** Ends every stream. */
  close(): void {
    for (const client of this.#clients) {
      client.response.end();
      client.response.destroy();
      this.#remove(client);
    }
  }

  #remove(client: Client): void {
    if (client.stalled !== null) clearTimeout(client.stalled);
    client.stalled = null;
    if (!this.#clients.delete(client) || this.#clients.size > 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#stopLive?.();
    this.#stopLive = null;
    this.#stopCauses?.();
    this.#stopCauses = null;
  }

  /** Sends at the latest afterMs after the last event; an earlier appointment stands. */
  #schedule(afterMs: number): void {
    const dueMs = this.#sentMs + afterMs;
    if (this.#timer !== null) {
      if (this.#dueMs <= dueMs) return;
      clearTimeout(this.#timer);
    }
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, dueMs - performance.now()));
  }

  #tick(): void {
    this.#timer = null;
    this.#sentMs = performance.now();
    const event = this.#event();
    for (const client of this.#clients) this.#send(client, event);
    this.#schedule(this.#limits.statusMsMax);
  }

  #event(): string {
    return `event: status\ndata: ${JSON.stringify(this.#deps.status())}\n\n`;
  }

  /** One who does not keep up misses it: the next one says how far we are. */
  #sendNews(name: 'live' | 'causes', news: Live | LiveCauses): void {
    const event = `event: ${name}\ndata: ${JSON.stringify(news)}\n\n`;
    for (const client of this.#clients) if (client.stalled === null) this.#send(client, event);
  }

  #send(client: Client, event: string): void {
    const { response } = client;
    if (response.destroyed || response.writableEnded) return;
    if (client.stalled !== null) {
      client.behind = true;
      return;
    }
    client.behind = false;
    if (response.write(event)) return;
    client.stalled = setTimeout(() => response.destroy(), this.#limits.streamStalledMsMax);
    response.once('drain', () => {
      if (client.stalled !== null) clearTimeout(client.stalled);
      client.stalled = null;
      if (client.behind) this.#send(client, this.#event());
    });
  }
}

/** GET /stream. Exempt from the rate limit; bounded by the number of streams instead. */
export function streamRoutes(server: ApiServer, deps: ApiDeps, limits: ApiLimits): void {
  const streams = new StatusStreams(deps, limits);
  server.addHook('preClose', async () => streams.close());
  server.get(
    '/stream',
    {
      exposeHeadRoute: false,
      config: { rateLimit: false },
      schema: {
        summary: 'The status as server-sent events',
        description:
          'Event `status`; its data is what /api/status answers. Event `live`, as records are read: ' +
          'positions [{partition, log, position}], starts [{line, partition, start}] of the first ' +
          '100 interruptions that have just started, more; provisional until stored.',
        produces: ['text/event-stream'],
      },
    },
    (_request, reply) => {
      if (streams.full) {
        refuse(reply, 503, `${limits.streamsMax} streams are open, the most there may be`);
        return;
      }
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      });
      streams.open(reply.raw);
    },
  );
}
