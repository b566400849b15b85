// What others would name on the same bursts and the same records: SCORE (Kompella et al., NSDI 2005)
// with its hit-ratio threshold, and 007's voting (Arzani et al., NSDI 2018). Both take records as true.

/** Lines hit in a burst, and what each is recorded on. */
export interface PeerBurst {
  readonly at: number;
  readonly lines: readonly string[];
}

/** Recorded members of components, both ways. */
export interface Recorded {
  readonly ofLine: ReadonlyMap<string, readonly string[]>;
  readonly size: ReadonlyMap<string, number>;
}

/** Votes over this share of all: 007's own threshold. */
const VOTE_SHARE = 0.01;

/** The table of records, by kind/name. */
export function recordedOf(rows: readonly (readonly [string, string, string])[]): Recorded {
  const ofLine = new Map<string, string[]>();
  const size = new Map<string, number>();
  for (const [line, kind, name] of rows) {
    const component = `${kind}/${name}`;
    const list = ofLine.get(line);
    if (list) list.push(component);
    else ofLine.set(line, [component]);
    size.set(component, (size.get(component) ?? 0) + 1);
  }
  return { ofLine, size };
}

/** SCORE: of the components hit in at least `threshold` of their lines, that which explains the most, again and again. */
export function score({ lines }: PeerBurst, recorded: Recorded, threshold: number): string[] {
  const total = hitsOf(lines, recorded);
  const able = [...total].filter(([name, hit]) => hit / recorded.size.get(name)! >= threshold);
  const left = new Set(lines);
  const named: string[] = [];
  for (;;) {
    const open = hitsOf([...left], recorded);
    let best: string | null = null;
    for (const [name] of able) {
      if ((open.get(name) ?? 0) > (best === null ? 1 : open.get(best)!)) best = name;
    }
    if (best === null) return named;
    named.push(best);
    for (const line of left) if (recorded.ofLine.get(line)!.includes(best)) left.delete(line);
  }
}

/** 007: a hit line gives each of its components an equal part of one vote. */
export function voting({ lines }: PeerBurst, recorded: Recorded): string[] {
  const left = new Set(lines.filter((line) => recorded.ofLine.has(line)));
  const total = left.size;
  const named: string[] = [];
  for (;;) {
    const votes = new Map<string, number>();
    for (const line of left) {
      const on = recorded.ofLine.get(line)!;
      for (const name of on) votes.set(name, (votes.get(name) ?? 0) + 1 / on.length);
    }
    let best: string | null = null;
    for (const [name, vote] of votes) {
      const most = best === null ? 0 : votes.get(best)!;
      // Of equal ones the smaller: it says more.
      const isSmaller = best !== null && recorded.size.get(name)! < recorded.size.get(best)!;
      if (vote > most || (vote === most && isSmaller)) best = name;
    }
    if (best === null || votes.get(best)! < Math.max(1, VOTE_SHARE * total)) return named;
    named.push(best);
    for (const line of left) if (recorded.ofLine.get(line)!.includes(best)) left.delete(line);
  }
}

function hitsOf(lines: readonly string[], { ofLine }: Recorded): Map<string, number> {
  const hits = new Map<string, number>();
  for (const line of lines) {
    for (const name of ofLine.get(line) ?? []) hits.set(name, (hits.get(name) ?? 0) + 1);
  }
  return hits;
}
