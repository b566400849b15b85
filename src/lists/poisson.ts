// The exact interval of a Poisson mean from one count (Garwood 1936): quantiles of the gamma
// distribution. It is right where interruptions come one by one; flapping lines scatter more than this.

/** Most counts are small and many lines have the same. */
const KNOWN_MAX = 10_000;
const known = new Map<number, readonly [number, number]>();

/** The 95 % interval of the mean of which `count` was seen. */
export function poissonInterval(count: number): readonly [low: number, high: number] {
  const found = known.get(count);
  if (found) return found;
  const low = count === 0 ? 0 : gammaQuantile(count, 0.025);
  const interval = [low, gammaQuantile(count + 1, 0.975)] as const;
  if (known.size < KNOWN_MAX) known.set(count, interval);
  return interval;
}

/** The p-quantile of the gamma distribution of a shape >= 1 and scale 1, by bisection. */
export function gammaQuantile(shape: number, p: number): number {
  // Wilson and Hilferty's approximation is within a few per cent; three times that far is enough.
  const spread = 1 / (9 * shape);
  const z = p < 0.5 ? -4 : 4;
  let low = p < 0.5 ? 0 : shape - 1;
  let high = p < 0.5 ? shape : shape * (1 - spread + z * Math.sqrt(spread)) ** 3 + 10;
  for (let i = 0; i < 100 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (gammaBelow(shape, middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised lower incomplete gamma function P(shape, x): series below the shape, else fraction. */
export function gammaBelow(shape: number, x: number): number {
  if (x <= 0) return 0;
  const front = Math.exp(shape * Math.log(x) - x - lnGamma(shape));
  if (x < shape + 1) {
    let term = 1 / shape;
    let sum = term;
    for (let n = 1; term > sum * 1e-16; n++) sum += term *= x / (shape + n);
    return sum * front;
  }
  // Lentz's method for the continued fraction of the upper function.
  let b = x + 1 - shape;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1, step = 0; Math.abs(step - 1) > 1e-15 && n < 100_000; n++) {
    const a = -n * (n - shape);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    step = c * d;
    fraction *= step;
  }
  return 1 - front * fraction;
}

/** ln of the gamma function for x >= 1: Stirling's series, shifted to where it is exact. */
function lnGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 12; y++) shift += Math.log(y);
  const square = y * y;
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / y;
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - shift;
}
