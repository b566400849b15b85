// Logarithms and tails of the Poisson and binomial distributions.

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
