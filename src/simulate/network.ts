// The simulated provincial network: lines with their records, customers, branches and components.
// Invariant: a pure function of (seed, lines). Line names are ASCII, such as GZ-DDN-0001, and
// unique.

import { FlaplineError } from '../config/errors.js';
import { buildComponents, type Component } from './components.js';
import { buildCustomers, contactOf, type Customer } from './customers.js';
import { BRANCHES, PRODUCTS, PROVINCIAL_SCORE, sharesOf, type Branch } from './province.js';
import { Random } from './random.js';
import { WeightedChoice } from './weighted.js';

export const DEFAULT_LINES = 48_840;
/** At least as many lines as there are branches. */
export const MIN_LINES = BRANCHES.length;
export const MAX_LINES = 2_000_000;

/** One row of lines.csv. Empty text and null stand for what the record lacks. */
export interface LineRecord {
  readonly line: string;
  readonly customer: string;
  readonly keyCustomer: boolean;
  readonly product: string;
  readonly branch: string;
  readonly aEnd: string;
  readonly zEnd: string;
  readonly aBranch: string;
  /** "" where the far end lies abroad */
  readonly zBranch: string;
  readonly circuitType: string;
  readonly bandwidthKbps: number | null;
  readonly international: boolean;
  readonly important: boolean;
  readonly contact: string;
  /** the plan's number, "" if there is none */
  readonly emergencyPlan: string;
  /** days before the start of a simulated period; null if never */
  readonly inspectedDaysBefore: number | null;
  readonly labelledDaysBefore: number | null;
  /** below 0: activated during the period (such lines have next to no faults) */
  readonly activatedDaysBefore: number;
}

/** All of it; arrays with one entry a line share the line's index. */
export interface Network {
  readonly seed: number;
  readonly lineNames: readonly string[];
  readonly records: readonly LineRecord[];
  readonly branches: readonly Branch[];
  readonly customers: readonly Customer[];
  readonly components: readonly Component[];
  /** index in `branches` */
  readonly branchOf: Uint8Array;
  /** index in PRODUCTS */
  readonly productOf: Uint8Array;
  /** index in `customers` */
  readonly customerOf: Int32Array;
  /** interruption rate beside the mean line's: gamma of shape 0.25 by product and branch, mean 1 */
  readonly rate: Float64Array;
}

const RATE_SHAPE = 0.25;
const SCORE_SCALE = 45;
/** Key customers' share of the lines, and how much more of them lie in their home branch. */
const KEY_LINE_SHARE = 0.25;
const KEY_HOME_WEIGHT = 10;
/** A customer's lines fall off with its rank as 1 / (10 + rank). */
const SIZE_FALL = 10;
const SIZE_RANKS = 200;
const CROSS_AREA_SHARE = 0.22;
const IMPORTANT_SHARE = { key: 0.3, other: 0.03 };
const INTERNATIONAL_SDH_SHARE = 0.01;
const PLAN_SHARE = 0.85;
const INCOMPLETE_SHARE = { key: 0.12, other: 0.2 };
const NEW_RATE_BELOW = 0.002;
const NEW_SHARE = 0.1;
const NEW_WITHIN_DAYS = 365;
const ABROAD = ['Hong Kong', 'Singapore', 'Tokyo', 'Los Angeles', 'Frankfurt', 'London'];
const STREETS = ['中山路', '解放路', '人民路', '环市路', '滨江路', '工业大道', '科技园路'];

/**
 * Builds the network of a seed.
 * @param options.seed a whole number, 0 to 2^53 - 1
 * @param options.lines 21 to 2,000,000, default 48,840
 * @throws FlaplineError USAGE when either is outside its range
 */
export function buildNetwork(options: { seed: number; lines?: number }): Network {
  const { seed, lines = DEFAULT_LINES } = options;
  checkRange(seed, 'seed', 0, Number.MAX_SAFE_INTEGER);
  checkRange(lines, 'lines', MIN_LINES, MAX_LINES);
  const random = new Random(seed, lines);
  const branchOf = new Uint8Array(lines);
  let placed = 0;
  sharesOf(BRANCHES, lines).forEach((count, branch) => {
    branchOf.fill(branch, placed, placed + count);
    placed += count;
  });
  const productOf = drawProducts(branchOf, random);
  const rate = drawRates(branchOf, productOf, random);
  const customers = buildCustomers(lines, random);
  const customerOf = drawCustomers(branchOf, customers, random);
  const lineNames = nameLines(branchOf, productOf);
  const components = buildComponents(branchOf, random);
  const records = lineNames.map((line, index) =>
    recordOf(line, BRANCHES[branchOf[index]], productOf[index], customers[customerOf[index]], {
      quiet: rate[index] < NEW_RATE_BELOW,
      random,
    }),
  );
  return {
    seed,
    lineNames,
    records,
    branches: BRANCHES,
    customers,
    components,
    branchOf,
    productOf,
    customerOf,
    rate,
  };
}

function checkRange(value: number, what: string, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new FlaplineError(
    'USAGE',
    `${what} is ${value}: give a whole number from ${low} to ${high}`,
  );
}

function drawProducts(branchOf: Uint8Array, random: Random): Uint8Array {
  const shares = branchOf.length >= PRODUCTS.length ? sharesOf(PRODUCTS, branchOf.length) : [];
  const productOf = new Uint8Array(branchOf.length);
  let placed = 0;
  shares.forEach((count, product) => {
    productOf.fill(product, placed, placed + count);
    placed += count;
  });
  random.shuffle(productOf);
  return productOf;
}

function drawRates(branchOf: Uint8Array, productOf: Uint8Array, random: Random): Float64Array {
  const rate = new Float64Array(branchOf.length);
  let sum = 0;
  for (let line = 0; line < rate.length; line++) {
    const { score } = BRANCHES[branchOf[line]];
    const branchFactor = Math.exp((PROVINCIAL_SCORE - score) / SCORE_SCALE);
    rate[line] = random.gamma(RATE_SHAPE) * PRODUCTS[productOf[line]].factor * branchFactor;
    sum += rate[line];
  }
  return rate.map((value) => (value * rate.length) / sum);
}

function drawCustomers(
  branchOf: Uint8Array,
  customers: readonly Customer[],
  random: Random,
): Int32Array {
  const size = customers.map((_, index) => SIZE_FALL / (SIZE_FALL + (index % SIZE_RANKS)));
  const choiceOf = (weight: (customer: Customer) => number): WeightedChoice =>
    new WeightedChoice(customers.map((customer, index) => size[index] * weight(customer)));
  const choices = BRANCHES.map((_, branch) => ({
    key: choiceOf(({ key, branch: home }) => (key ? (home === branch ? KEY_HOME_WEIGHT : 1) : 0)),
    other: choiceOf(({ key, branch: home }) => (!key && home === branch ? 1 : 0)),
  }));
  const waiting = BRANCHES.map((_, branch) =>
    customers.flatMap((customer, index) => (customer.branch === branch ? [index] : [])),
  );
  return Int32Array.from(branchOf, (branch) => {
    const { key, other } = choices[branch];
    const choice = other.total === 0 || random.chance(KEY_LINE_SHARE) ? key : other;
    return waiting[branch].pop() ?? choice.pick(random);
  });
}

function nameLines(branchOf: Uint8Array, productOf: Uint8Array): string[] {
  const numbers = new Map<string, number>();
  return Array.from(branchOf, (branch, line) => {
    const stem = `${BRANCHES[branch].code}-${PRODUCTS[productOf[line]].code}`;
    const number = (numbers.get(stem) ?? 0) + 1;
    numbers.set(stem, number);
    return `${stem}-${String(number).padStart(4, '0')}`;
  });
}

function recordOf(
  line: string,
  branch: Branch,
  productIndex: number,
  customer: Customer,
  draw: { quiet: boolean; random: Random },
): LineRecord {
  const { random } = draw;
  const product = PRODUCTS[productIndex];
  const international =
    product.code === 'IVPN' || (product.code === 'SDH' && random.chance(INTERNATIONAL_SDH_SHARE));
  const crossArea = random.chance(CROSS_AREA_SHARE);
  const farBranch = crossArea ? random.choose(BRANCHES) : branch;
  const role = customer.key ? 'key' : 'other';
  const important = random.chance(IMPORTANT_SHARE[role]);
  const planned = (international || important) && random.chance(PLAN_SHARE);
  const missing = random.chance(INCOMPLETE_SHARE[role]) ? random.int(5) : -1;
  const newLine = draw.quiet && random.chance(NEW_SHARE);
  const zEnd = international ? `${random.choose(ABROAD)}, PoP ${1 + random.int(4)}` : '';
  return {
    line,
    customer: customer.name,
    keyCustomer: customer.key,
    product: product.name,
    branch: branch.name,
    aEnd: missing === 0 ? '' : addressIn(branch, random),
    zEnd: missing === 1 ? '' : zEnd || addressIn(farBranch, random),
    aBranch: branch.name,
    zBranch: international ? '' : farBranch.name,
    circuitType: missing === 2 ? '' : product.circuitType,
    bandwidthKbps: missing === 3 ? null : random.choose(product.bandwidthsKbps),
    international,
    important,
    contact: missing === 4 ? '' : customer.key ? customer.contact : contactOf(random),
    emergencyPlan: planned ? `EP-${String(1 + random.int(9_999)).padStart(4, '0')}` : '',
    inspectedDaysBefore: customer.inspectedDaysBefore,
    labelledDaysBefore: customer.labelledDaysBefore,
    activatedDaysBefore: newLine ? -random.int(NEW_WITHIN_DAYS) : 30 + random.int(3_000),
  };
}

function addressIn(branch: Branch, random: Random): string {
  return `${branch.name}市${random.choose(STREETS)}${1 + random.int(400)}号`;
}
