// The service desk of the simulated network: fault reports that follow outages after a lag,
// reports that prove invalid, complaints, and the call-backs made for closed reports. Invariant: a
// function of (network, seed, the interruptions in the order of their ends).

import { DAY_MS, HOUR_MS, MEAN_MONTH_MS, MINUTE_MS } from './clock.js';
import type { Network } from './network.js';
import { PRODUCTS } from './province.js';
import { Random } from './random.js';
import { OUTAGE_FROM_MS, type Ended } from './tally.js';
import { WeightedChoice } from './weighted.js';

/** A row of tickets.csv. */
export interface Ticket {
  readonly ticket: string;
  readonly kind: 'report' | 'complaint';
  readonly line: number;
  readonly openedMs: number;
  readonly closedMs: number;
  /** false: customer-caused, duplicate or no fault found */
  readonly valid: boolean;
  readonly cause: string;
}

/** A row of callbacks.csv. */
export interface Callback {
  readonly line: number;
  /** null for an activation */
  readonly ticket: string | null;
  readonly kind: 'activation' | 'fault';
  readonly atMs: number;
  readonly satisfied: boolean;
  /** "" where satisfied */
  readonly reason: string;
}

/** Reasons for dissatisfaction (SPEC section 6), the commonest first. */
const REASONS = [
  'fault rate',
  'quality',
  'handling',
  'not notified',
  'process',
  'service manner',
  'hotline unreachable',
  'expectation too high',
];
const RESPONSIBILITIES = ["operator's cause", "operator's cause", "customer's cause"];
const TIME_LIMITS = ['within the time limit', 'within the time limit', 'over the time limit'];
const REASON_SKEW = 2;

const REPORT_SHARE = { key: 0.5, other: 0.28 };
const MOMENTARY_REPORT_SHARE = 0.0012;
const REPORT_LAG = { medianMs: 12 * MINUTE_MS, sigma: 0.8 };
const CLOSE_LAG = { medianMs: 40 * MINUTE_MS, sigma: 0.7 };
const VALID_SHARE = { outage: 0.88, momentary: 0.45 };
const VALID_CAUSES = ['fiber cut', 'card', 'power', 'configuration', 'node software', ''];
const INVALID_CAUSES = ['customer equipment', 'customer power', 'no fault found', 'duplicate'];
const COMPLAINT_CLOSE = { medianMs: 2 * DAY_MS, sigma: 0.6 };
const COMPLAINT_CAUSES = ['quality', 'fault rate', 'handling', 'not notified', 'process'];
const CALLBACK_SHARE = 0.95;
const CALLBACK_WITHIN_MS = 3 * DAY_MS;
const SATISFIED_SHARE = { activation: 0.94, fault: 0.84 };
const DESK_SALT = 303;
const TICKET_DIGITS = 7;

/** Makes tickets and call-backs as interruptions end; `take...` empties what has gathered. */
export class ServiceDesk {
  readonly #network: Network;
  readonly #random: Random;
  readonly #complainers: WeightedChoice;
  #tickets: Ticket[] = [];
  #callbacks: Callback[] = [];
  #issued = 0;
  #complaintMs: number;

  constructor(network: Network, options: { seed: number; variant?: number; fromMs: number }) {
    this.#network = network;
    this.#random = new Random(options.seed, options.variant ?? 0, DESK_SALT);
    const rates = Array.from(network.productOf, (index) => PRODUCTS[index].complaintRate);
    this.#complainers = new WeightedChoice(rates);
    this.#complaintMs = options.fromMs;
    this.#nextComplaint();
  }

  /** An interruption has ended: perhaps the customer reports it. */
  observe({ line, startMs, endMs }: Ended): void {
    const random = this.#random;
    const outage = endMs - startMs >= OUTAGE_FROM_MS;
    const role = this.#network.records[line].keyCustomer ? 'key' : 'other';
    if (!random.chance(outage ? REPORT_SHARE[role] : MOMENTARY_REPORT_SHARE)) return;
    const openedMs = startMs + lagMs(REPORT_LAG, random);
    const closedMs = Math.max(openedMs, endMs) + lagMs(CLOSE_LAG, random);
    const valid = random.chance(outage ? VALID_SHARE.outage : VALID_SHARE.momentary);
    const cause = random.choose(valid ? VALID_CAUSES : INVALID_CAUSES);
    const ticket = this.#issue('report', line, openedMs, closedMs, valid, cause);
    if (random.chance(CALLBACK_SHARE)) {
      const atMs = closedMs + Math.floor(random.next() * CALLBACK_WITHIN_MS);
      this.#callBack(line, ticket, 'fault', atMs);
    }
  }

  /** A line was activated: it is called back, mostly. */
  activated(line: number, activatedMs: number): void {
    if (!this.#random.chance(CALLBACK_SHARE)) return;
    const atMs = activatedMs + Math.floor(this.#random.next() * CALLBACK_WITHIN_MS);
    this.#callBack(line, null, 'activation', atMs);
  }

  /** Complaints come by themselves, by product, up to untilMs. */
  complainUntil(untilMs: number): void {
    while (this.#complaintMs < untilMs) {
      const line = this.#complainers.pick(this.#random);
      const closedMs = this.#complaintMs + lagMs(COMPLAINT_CLOSE, this.#random);
      const cause = this.#random.choose(COMPLAINT_CAUSES);
      this.#issue('complaint', line, this.#complaintMs, closedMs, this.#random.chance(0.9), cause);
      this.#nextComplaint();
    }
  }

  takeTickets(): Ticket[] {
    const taken = this.#tickets;
    this.#tickets = [];
    return taken;
  }

  takeCallbacks(): Callback[] {
    const taken = this.#callbacks;
    this.#callbacks = [];
    return taken;
  }

  #nextComplaint(): void {
    const meanMs = MEAN_MONTH_MS / this.#complainers.total;
    this.#complaintMs += Math.ceil(this.#random.exponential(meanMs));
  }

  #issue(
    kind: Ticket['kind'],
    line: number,
    openedMs: number,
    closedMs: number,
    valid: boolean,
    cause: string,
  ): string {
    const ticket = `TT-${String(++this.#issued).padStart(TICKET_DIGITS, '0')}`;
    this.#tickets.push({ ticket, kind, line, openedMs, closedMs, valid, cause });
    return ticket;
  }

  #callBack(line: number, ticket: string | null, kind: Callback['kind'], atMs: number): void {
    const satisfied = this.#random.chance(SATISFIED_SHARE[kind]);
    const reason = satisfied ? '' : reasonOf(this.#random);
    this.#callbacks.push({ line, ticket, kind, atMs, satisfied, reason });
  }
}

function reasonOf(random: Random): string {
  const reason = REASONS[Math.floor(random.next() ** REASON_SKEW * REASONS.length)];
  return `${reason}; ${random.choose(RESPONSIBILITIES)}; ${random.choose(TIME_LIMITS)}`;
}

function lagMs(lag: { medianMs: number; sigma: number }, random: Random): number {
  return Math.max(
    MINUTE_MS,
    Math.min(30 * 24 * HOUR_MS, Math.floor(random.logNormal(lag.medianMs, lag.sigma))),
  );
}
