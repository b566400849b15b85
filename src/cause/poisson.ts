// Logarithms and tails of the Poisson, binomial and gamma distributions.

/** P(X >= count) for a mean; exact to rounding where it is small. */
export function poissonTail(count: number, mean: number): number {
  if (count <= 0) return 1;
  if (mean <= 0) return 0;
  if (mean >= count) return 1;
  // Terms from `count` on: each is smaller than the one before by mean / k.
  let term = Math.exp(count * Math.log(mean) - mean - logFactorial(count));
  let sum = 0;
  for (let k = count + 1; term > sum * 1e-12; k++) {
    sum += term;
    term *= mean / k;
  }
  return Math.min(1, sum);
}

/** ln(n!), by Stirling's series from 20 on. */
export function logFactorial(n: number): number {
  let sum = 0;
  if (n < 20) {
    for (let k = 2; k <= n; k++) sum += Math.log(k);
    return sum;
  }
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
}

/** ln of the number of ways to choose k of n. */
export function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** ln P(X = count) of a binomial. */
export function logBinomial(count: number, n: number, probability: number): number {
  return (
    logChoose(n, count) + count * Math.log(probability) + (n - count) * Math.log1p(-probability)
  );
}

/** ln P(X = count) of a Poisson. */
export function logPoisson(count: number, mean: number): number {
  return count * Math.log(mean) - mean - logFactorial(count);
}

/** ln of the gamma function, x > 0: Stirling's series from 10 on. */
function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  for (; at < 10; at++) shift -= Math.log(at);
  const series = 1 / (12 * at) - 1 / (360 * at ** 3) + 1 / (1260 * at ** 5);
  return shift + (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series;
}

/** P(X > x) of a gamma distribution of scale 1: by series below its shape, else a continued fraction. */
export function gammaTail(shape: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(shape * Math.log(x) - x - logGamma(shape));
  if (x < shape + 1) {
    let term = 1 / shape;
    let sum = term;
    for (let k = 1; term > sum * 1e-12; k++) sum += term *= x / (shape + k);
    return Math.max(0, 1 - front * sum);
  }
  // Lentz's method.
  let b = x + 1 - shape;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k < 10_000; k++) {
    const a = -k * (k - shape);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return front * fraction;
}
