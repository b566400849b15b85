// Exponential decay in plain float64 arithmetic, in the subset of the language that asc and tsc
// compile alike: kernel, host and twin get the same bits. Cost: one polynomial of degree 13 whose
// steps overlap, and at most six multiplications for 32 half-lives.

const LN_2 = Math.LN2;
/** After 2^-1080 nothing is left of a float64. */
const HALVINGS_MAX = 1080.0;
/** A penalty is at most 2^32 times its limit R: what is left is below 2^-32 of R. */
const HALF_LIVES_MAX = 64.0;

/** 2^-n of a whole n from 0 to HALVINGS_MAX, exact. */
function halved(n: number): number {
  let power = 1.0;
  let left = n;
  while (left >= 32.0) {
    power *= 2.3283064365386963e-10;
    left -= 32.0;
  }
  if (left >= 16.0) {
    power *= 1.52587890625e-5;
    left -= 16.0;
  }
  if (left >= 8.0) {
    power *= 0.00390625;
    left -= 8.0;
  }
  if (left >= 4.0) {
    power *= 0.0625;
    left -= 4.0;
  }
  if (left >= 2.0) {
    power *= 0.25;
    left -= 2.0;
  }
  return left >= 1.0 ? power * 0.5 : power;
}

/** 2^x within 2 units in the last place; 0 where nothing is left. x <= 1023. */
export function exp2(x: number): number {
  if (x < -HALVINGS_MAX) return 0.0;
  const k = Math.floor(x + 0.5);
  // The Taylor series of e^y for |y| <= ln 2 / 2: the first term left out is below 2^-57. Summed by
  // halves (Estrin), so that the steps overlap; what is added last is the largest.
  const y = (x - k) * LN_2;
  const y2 = y * y;
  const y4 = y2 * y2;
  const low = 0.5 + y * (1.0 / 6.0) + y2 * (1.0 / 24.0 + y * (1.0 / 120.0));
  const middle = 1.0 / 720.0 + y * (1.0 / 5040.0) + y2 * (1.0 / 40320.0 + y * (1.0 / 362880.0));
  const high =
    1.0 / 3628800.0 + y * (1.0 / 39916800.0) + y2 * (1.0 / 479001600.0 + y * (1.0 / 6227020800.0));
  const sum = 1.0 + (y + y2 * (low + y4 * (middle + y4 * high)));
  if (k === 0.0) return sum;
  return k < 0.0 ? sum * halved(-k) : sum / halved(k);
}

/**
 * What is left of a value after a time: half of it after each half-life, nothing after
 * HALF_LIVES_MAX. Both in ms.
 */
export function decayed(value: number, elapsedMs: number, halfLifeMs: number): number {
  const halfLives = elapsedMs / halfLifeMs;
  return halfLives > HALF_LIVES_MAX ? 0.0 : value * exp2(-halfLives);
}

/** Whole ms until a value is first below a limit > 0; 0 when it is already. */
export function msUntilBelow(value: number, limit: number, halfLifeMs: number): number {
  if (value < limit) return 0.0;
  let ms = Math.floor(halfLifeMs * Math.log2(value / limit));
  // The logarithm only says where to look: a ms changes the value by far more than its rounding.
  while (ms > 0.0 && decayed(value, ms - 1.0, halfLifeMs) < limit) ms -= 1.0;
  while (decayed(value, ms, halfLifeMs) >= limit) ms += 1.0;
  return ms;
}
