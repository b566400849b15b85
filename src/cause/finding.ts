// A cause as a finding: the contract of SPEC section 3, with its evidence beside it.

import type { BurstCause } from './burst.js';
import type { Burst } from './history.js';
import type { BurstSpan } from './trigger.js';

/** A component as findings name it. */
export interface NamedComponent {
  readonly kind: string;
  readonly name: string;
}

/** The finding. */
export interface CauseFinding {
  readonly kind: 'cause';
  /** The burst's first start and line, and the cause's rank in it. */
  readonly id: string;
  /** Its first and last start, ms. */
  readonly at: number;
  readonly until: number;
  /** All that cannot be told from the best; kind "unknown" where no record explains it. */
  readonly components: readonly NamedComponent[];
  /** Lines that it explains, and lines that lie on it as far as is known. */
  readonly lines: number;
  readonly members: number;
  /** Lines among them that chance would have given. */
  readonly expected: number;
  /** Log posterior odds against chance, nats. */
  readonly score: number;
  /** Share of its members that were hit. */
  readonly share: number;
  readonly works: readonly string[];
  /** Probability that this is it. */
  readonly confidence: number;
  /** The next best, and how much less likely each is. */
  readonly runnersUp: readonly {
    readonly components: readonly NamedComponent[];
    readonly odds: number;
  }[];
  /** Of an unknown cause: where its lines lie. */
  readonly within?: readonly NamedComponent[];
}

/** A cause with its lines. */
export interface FoundCause {
  readonly finding: CauseFinding;
  readonly span: BurstSpan;
  readonly rank: number;
  /** Lines that it explains, as the records have them, and when they were interrupted. */
  readonly members: readonly CauseMember[];
}

/** A cause as it is published: once more as it grows, the last word counts. */
export interface PublishedCause extends CauseFinding {
  readonly provisional: boolean;
  /** What is known by now gives another. */
  readonly withdrawn?: true;
}

/** A line and its interruption start, ms. */
export interface CauseMember {
  readonly line: string;
  readonly start: number;
}

/** The causes of a burst. `worksOf` = works whose window a time touches. */
export function causeFindings(
  burst: Burst,
  worksOf: (fromMs: number, untilMs: number) => ReadonlySet<string>,
): FoundCause[] {
  return burst.causes.map((cause) => ({
    finding: findingOf(burst, cause, worksOf(cause.atMs, cause.untilMs)),
    span: burst.span,
    rank: cause.rank,
    members: cause.lines.map((line, i) => ({
      line: burst.network.lines[line]!,
      start: cause.times[i]!,
    })),
  }));
}

function findingOf(burst: Burst, cause: BurstCause, active: ReadonlySet<string>): CauseFinding {
  const components = cause.components.map((component) => nameOf(burst, component));
  return {
    kind: 'cause',
    id: causeId(burst, cause),
    at: cause.atMs,
    until: cause.untilMs,
    components: cause.isUnknown ? [UNKNOWN] : components,
    lines: cause.lines.length,
    members: cause.members,
    expected: rounded(cause.expected),
    score: rounded(cause.score),
    share: rounded(cause.share),
    works: worksTouching(burst, cause, active),
    confidence: rounded(cause.confidence),
    runnersUp: cause.runnersUp.map(({ component, isUnknown, odds }) => ({
      components: [isUnknown ? UNKNOWN : nameOf(burst, component)],
      odds: rounded(odds),
    })),
    ...(cause.isUnknown && { within: components }),
  };
}

const UNKNOWN: NamedComponent = { kind: 'unknown', name: '' };

function nameOf({ network }: Burst, component: number): NamedComponent {
  const { kind, name } = network.components[component]!;
  return { kind, name };
}

/** Stable name of a cause. */
function causeId({ network }: Burst, { burst, firstLine, rank }: BurstCause): string {
  return `${burst.fromMs}/${network.lines[firstLine]!}/${rank}`;
}

/** Works in their window on which some line of the cause lies. */
function worksTouching(
  { network }: Burst,
  cause: BurstCause,
  active: ReadonlySet<string>,
): string[] {
  const works = new Set<string>();
  const { first, other } = network.byLine;
  if (active.size === 0) return [];
  for (const line of cause.lines) {
    for (let i = first[line]!; i < first[line + 1]!; i++) {
      const { kind, name } = network.components[other[i]!]!;
      if (kind === 'work' && active.has(name)) works.add(name);
    }
  }
  return [...works].toSorted();
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
