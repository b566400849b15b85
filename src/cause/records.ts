// The records that the cause engine reads: lines, what they lie on and planned works, by time. A
// network of soft memberships is made of them for each stretch of days in which they do not change.

import type { ComponentName, MembershipRows } from './memberships.js';
import { type Network, networkSteps } from './network.js';
import { type CauseSettings, FEEDBACK_NATS_MAX } from './settings.js';
import { type Steps, atOnce, byTurns } from './steps.js';
import type { BurstSpan } from './trigger.js';

const DAY_MS = 86_400_000;
/** A planned work's window reaches so far before its start and behind its end (SPEC section 2). */
const WINDOW_MARGIN_MS = 300_000;
/** Networks that are kept made. */
const NETWORKS_MAX = 3;

/** A record that a line lies on a component; it holds over [fromMs, untilMs). */
export interface ComponentRow {
  readonly line: string;
  readonly kind: string;
  readonly component: string;
  readonly fromMs: number;
  /** Infinity = still. */
  readonly untilMs: number;
}

/** A planned work and one component, or line (kind `line`), that it touches. */
export interface WorkRow {
  readonly work: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: string;
  readonly component: string;
}

/** What an operator says of a component; it counts over [fromMs, untilMs). */
export interface FeedbackRow {
  readonly kind: string;
  readonly component: string;
  readonly isConfirmed: boolean;
  readonly fromMs: number;
  /** Infinity = still. */
  readonly untilMs: number;
}

/** How often a component was confirmed and refuted, and how far that moves its prior, nats. */
export interface MovedPrior {
  readonly confirmed: number;
  readonly refuted: number;
  readonly nats: number;
}

/** A network and the time up to which it holds. */
interface Dated {
  readonly network: Network;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Collects records and gives networks. Lines keep their indices for good. */
export class CauseRecords {
  private readonly settings: CauseSettings;
  private readonly lines: string[] = [];
  private readonly lineOf = new Map<string, number>();
  private readonly components: ComponentRow[] = [];
  private readonly works: WorkRow[] = [];
  private readonly feedback = new Map<string, FeedbackRow[]>();
  private networks: Dated[] = [];
  private boundaries: number[] | null = null;

  constructor(settings: CauseSettings) {
    this.settings = settings;
  }

  /** Index of a line, -1 when no record names it: nothing can be said of it. */
  indexOf(line: string): number {
    return this.lineOf.get(line) ?? -1;
  }

  addComponent(row: ComponentRow): void {
    this.intern(row.line);
    this.components.push(row);
    this.forget();
  }

  addWork(row: WorkRow): void {
    if (row.kind === 'line') this.intern(row.component);
    this.works.push(row);
    this.forget();
  }

  addFeedback(row: FeedbackRow): void {
    const key = feedbackKey(row.kind, row.component);
    this.feedback.set(key, [...(this.feedback.get(key) ?? []), row]);
  }

  /** What operators had said of a component at a time. */
  priorOf(kind: string, component: string, atMs: number): MovedPrior {
    const rows = this.feedback.get(feedbackKey(kind, component)) ?? [];
    const inForce = rows.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
    const confirmed = inForce.filter(({ isConfirmed }) => isConfirmed).length;
    const refuted = inForce.length - confirmed;
    return { confirmed, refuted, nats: movedBy(confirmed, refuted) };
  }

  /** How far feedback moves the priors of a network's components at a time, nats. */
  movedPriors(network: Network, atMs: number): (component: number) => number {
    if (this.feedback.size === 0) return () => 0;
    return (component) => {
      const { kind, name } = network.components[component]!;
      return this.priorOf(kind, name, atMs).nats;
    };
  }

  private intern(line: string): void {
    if (this.lineOf.has(line)) return;
    this.lineOf.set(line, this.lines.length);
    this.lines.push(line);
  }

  /** Whether there is anything to tell causes by. */
  get isEmpty(): boolean {
    return this.components.length === 0;
  }

  /** The network of the records in force at the start of a time's day. */
  networkAt(atMs: number): Dated {
    return atOnce(this.networkSteps(atMs));
  }

  /** The same, made a step a turn unless it is made already. Records may not be added meanwhile. */
  prepared(atMs: number): Promise<Dated> {
    return byTurns(this.networkSteps(atMs));
  }

  private *networkSteps(atMs: number): Steps<Dated> {
    this.boundaries ??= this.daysOfChange();
    const next = this.boundaries.findIndex((day) => day > atMs);
    const index = next < 0 ? this.boundaries.length : next;
    const fromMs = this.boundaries[index - 1] ?? -Infinity;
    const untilMs = this.boundaries[index] ?? Infinity;
    const made = this.networks.find((dated) => dated.fromMs === fromMs);
    if (made) return made;
    const rows = this.rowsAt(fromMs);
    yield;
    const network = yield* networkSteps(rows, this.settings);
    this.networks = [...this.networks.slice(1 - NETWORKS_MAX), { network, fromMs, untilMs }];
    return this.networks.at(-1)!;
  }

  /** Which components may be behind a burst: of the works those in whose window it lies. */
  worksAt(network: Network, { fromMs, untilMs }: BurstSpan): (component: number) => boolean {
    const active = this.activeWorks(fromMs, untilMs);
    return (component) => {
      const { kind, name } = network.components[component]!;
      return kind !== 'work' || active.has(name);
    };
  }

  /** Works whose window a time touches. */
  activeWorks(fromMs: number, untilMs: number): ReadonlySet<string> {
    const active = this.works.filter(
      ({ startMs, endMs }) =>
        startMs - WINDOW_MARGIN_MS <= untilMs && fromMs < endMs + WINDOW_MARGIN_MS,
    );
    return new Set(active.map(({ work }) => work));
  }

  private forget(): void {
    this.networks = [];
    this.boundaries = null;
  }

  /** Starts of days at which the records in force are others than the day before. */
  private daysOfChange(): number[] {
    const days = new Set<number>();
    for (const { fromMs, untilMs } of this.components) {
      for (const time of [fromMs, untilMs]) {
        if (time > 0 && Number.isFinite(time)) days.add(Math.ceil(time / DAY_MS) * DAY_MS);
      }
    }
    return [...days].toSorted((a, b) => a - b);
  }

  private rowsAt(atMs: number): MembershipRows {
    const day = atMs === -Infinity ? 0 : atMs;
    const inForce = this.components.filter(({ fromMs, untilMs }) => fromMs <= day && day < untilMs);
    const numbers = new Numbers();
    for (const { kind, component } of inForce) numbers.add(kind, component);
    for (const { work, kind, component } of this.works) {
      numbers.add('work', work);
      if (kind !== 'line') numbers.add(kind, component);
    }
    const components = numbers.ordered();
    const line = inForce.map((row) => this.lineOf.get(row.line)!);
    const component = inForce.map((row) => numbers.of(row.kind, row.component));
    const works: [number, number][] = [];
    for (const row of this.works) {
      const work = numbers.of('work', row.work);
      if (row.kind === 'line') {
        line.push(this.lineOf.get(row.component)!);
        component.push(work);
      } else {
        works.push([work, numbers.of(row.kind, row.component)]);
      }
    }
    return {
      // A copy: lines that come later have no place in this network.
      lines: this.lines.slice(),
      components,
      line: Int32Array.from(line),
      component: Int32Array.from(component),
      works,
    };
  }
}

/** The prior's move by verdicts: of equal ones none, bounded. */
export function movedBy(confirmed: number, refuted: number): number {
  const nats = Math.log((1 + confirmed) / (1 + refuted));
  return Math.max(-FEEDBACK_NATS_MAX, Math.min(FEEDBACK_NATS_MAX, nats));
}

function feedbackKey(kind: string, component: string): string {
  return `${kind}\n${component}`;
}

/** Numbers components by kind and name, so that the order of the records does not show. */
class Numbers {
  private readonly kinds = new Map<string, Map<string, number>>();

  add(kind: string, name: string): void {
    const ofKind = this.kinds.get(kind);
    if (ofKind) ofKind.set(name, -1);
    else this.kinds.set(kind, new Map([[name, -1]]));
  }

  /** Numbers all that were added, and gives them in that order. */
  ordered(): ComponentName[] {
    const components: ComponentName[] = [];
    for (const kind of [...this.kinds.keys()].toSorted()) {
      const ofKind = this.kinds.get(kind)!;
      for (const name of [...ofKind.keys()].toSorted()) {
        ofKind.set(name, components.length);
        components.push({ kind, name });
      }
    }
    return components;
  }

  of(kind: string, name: string): number {
    return this.kinds.get(kind)!.get(name)!;
  }
}
