// Bad plant: a month of counts on generated networks with 40 planted bad components, ranked by us and by
// plain sums, means and ratios. Background: gamma rates of shape 0.25, mean 10.44 a line-month, as in the
// shared generator. A strong cause adds twice that mean to each of its lines, a weak one the mean.

import { type Network, networkSteps } from '../src/cause/network.js';
import { likelihoodRatio, rankPlant } from '../src/cause/plant.js';
import { DEFAULT_CAUSE_SETTINGS } from '../src/cause/settings.js';
import { atOnce } from '../src/cause/steps.js';

const LINES = 48_840;
const NODES = 620;
const TRUNKS = 260;
const AREAS = 21;
const MEAN = 10.44;
const SHAPE = 0.25;
export const PLANTED = 40;
const MISSING = 0.3;
const WRONG = 0.05;
const SIZE_MIN = 6;
const SIZE_MAX = 1_500;
const KINDS = ['card', 'cable', 'node', 'trunk'];

/** Share of the first 40 that were planted, by method. */
export interface PlantScore {
  readonly ours: number;
  readonly sum: number;
  readonly mean: number;
  readonly ratio: number;
  /** Of those said to be bad, the share that was not planted. */
  readonly falseShare: number;
}

/** Plants 40 bad components that add `times` the mean to each line, and ranks. */
export function plantRun(seed: number, times: number): PlantScore {
  const random = generator(seed);
  const members = province(random);
  const names = [...members.keys()];
  const able = names.filter((key) => {
    const size = members.get(key)!.length;
    return size >= SIZE_MIN && size <= SIZE_MAX && KINDS.includes(key.split('/')[0]!);
  });
  const planted = new Set<string>();
  while (planted.size < PLANTED) {
    const kind = KINDS[Math.floor(random() * KINDS.length)]!;
    const ofKind = able.filter((key) => key.startsWith(`${kind}/`));
    planted.add(ofKind[Math.floor(random() * ofKind.length)]!);
  }
  const rate = Float64Array.from({ length: LINES }, () => (gamma(SHAPE, random) / SHAPE) * MEAN);
  for (const key of planted) for (const line of members.get(key)!) rate[line]! += times * MEAN;
  const counts = Float64Array.from(rate, (mean) => poisson(mean, random));
  const network = recorded(members, names, random);
  const same = (key: string): boolean =>
    [...planted].some((one) => one === key || isSame(members, one, key));
  const nameOf = (component: number): string => {
    const { kind, name } = network.components[component]!;
    return `${kind}/${name}`;
  };
  const share = (ranked: readonly number[]): number =>
    ranked.slice(0, PLANTED).filter((component) => same(nameOf(component))).length / PLANTED;
  const ranked = rankPlant(network, counts);
  const bad = ranked.filter(({ isBad }) => isBad);
  const wrong = bad.filter(({ component }) => !same(nameOf(component))).length;
  return {
    ours: share(ranked.map(({ component }) => component)),
    ...plainly(network, counts, share),
    falseShare: bad.length > 0 ? wrong / bad.length : 0,
  };
}

/** Sum, mean and ratio of recorded lines' counts, each component by itself. */
function plainly(
  network: Network,
  counts: Float64Array,
  share: (ranked: readonly number[]) => number,
): Pick<PlantScore, 'sum' | 'mean' | 'ratio'> {
  const { first, other, weight } = network.byComponent;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const rows = network.components.map((_, component) => {
    let [sum, lines] = [0, 0];
    for (let i = first[component]!; i < first[component + 1]!; i++) {
      if (weight[i]! < 0.9) continue;
      sum += counts[other[i]!]!;
      lines++;
    }
    const expected = (lines * total) / counts.length;
    return {
      component,
      sum,
      mean: sum / Math.max(1, lines),
      ratio: likelihoodRatio(sum, expected, total),
      lines,
    };
  });
  const by = (value: (row: (typeof rows)[number]) => number): number =>
    share(rows.toSorted((a, b) => value(b) - value(a)).map(({ component }) => component));
  return {
    sum: by(({ sum }) => sum),
    mean: by(({ mean, lines }) => (lines >= SIZE_MIN ? mean : 0)),
    ratio: by(({ ratio }) => ratio),
  };
}

function isSame(members: ReadonlyMap<string, readonly number[]>, a: string, b: string): boolean {
  const [one, other] = [members.get(a)!, members.get(b)!];
  return one.length === other.length && one.every((line, i) => line === other[i]);
}

/** True members by kind/name, lines in order. */
function province(random: () => number): Map<string, number[]> {
  const weights = Float64Array.from({ length: NODES }, () => gamma(1.5, random));
  let sum = 0;
  const upTo = weights.map((weight) => (sum += weight));
  const node = Array.from({ length: LINES }, () => {
    const at = random() * sum;
    return upTo.findIndex((limit) => at < limit);
  });
  const members = new Map<string, number[]>();
  const put = (key: string, line: number): void => {
    const list = members.get(key);
    if (list) list.push(line);
    else members.set(key, [line]);
  };
  const size = new Int32Array(NODES);
  for (const at of node) size[at]!++;
  const area = Array.from({ length: NODES }, () => Math.floor(random() * AREAS));
  const trunks = Array.from({ length: NODES }, () => {
    const count = 1 + Math.floor(random() * 3);
    return [...new Set(Array.from({ length: count }, () => Math.floor(random() * TRUNKS)))];
  });
  for (const [line, at] of node.entries()) {
    put(`node/${at}`, line);
    put(`area/${area[at]!}`, line);
    put(`card/${at}-${Math.floor(random() * Math.ceil(size[at]! / 16))}`, line);
    put(`cable/${at}-${Math.floor(random() * Math.ceil(size[at]! / 45))}`, line);
    for (const trunk of trunks[at]!) put(`trunk/${trunk}`, line);
  }
  return members;
}

/** The network as recorded: 30 % of cards, cables and trunks missing, 5 % wrong. */
function recorded(
  members: ReadonlyMap<string, readonly number[]>,
  names: readonly string[],
  random: () => number,
): Network {
  const line: number[] = [];
  const component: number[] = [];
  for (const [index, key] of names.entries()) {
    const isGappy = /^(card|cable|trunk)\//.test(key);
    for (const own of members.get(key)!) {
      if (isGappy && random() < MISSING) continue;
      line.push(isGappy && random() < WRONG ? Math.floor(random() * LINES) : own);
      component.push(index);
    }
  }
  const components = names.map((key) => {
    const at = key.indexOf('/');
    return { kind: key.slice(0, at), name: key.slice(at + 1) };
  });
  const lines = Array.from({ length: LINES }, (_, i) => `L${i}`);
  const rows = {
    lines,
    components,
    line: Int32Array.from(line),
    component: Int32Array.from(component),
  };
  return atOnce(networkSteps(rows, DEFAULT_CAUSE_SETTINGS));
}

/** Numbers in [0, 1): mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A gamma variate of scale 1 (Marsaglia and Tsang). */
function gamma(shape: number, random: () => number): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal(random);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

function poisson(mean: number, random: () => number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let count = -1;
  for (let product = 1; product > Math.exp(-mean); count++) product *= 1 - random();
  return Math.max(0, count);
}
