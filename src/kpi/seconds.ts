// Errored and unavailable seconds (SPEC section 2): a second touched by down is ES and SES, and a
// zero-length interruption touches one. UAS begins with ten consecutive SES (included) and ends with ten
// seconds that are none. Seconds are counted on either side of a month's edge; what is told of them is
// clipped to spans by whoever listens.

/** SES that begin unavailable time, and seconds without that end it. */
const RUN = 10;

/** Takes the seconds [fromS, toS) since the epoch: errored ones, or unavailable ones. */
type Tell = (fromS: number, toS: number, unavailable: boolean) => void;

/** Down periods of one line, one after the other, to seconds. */
export class Seconds {
  private readonly tell: Tell;
  /** Seconds without a break; none yet while toS is below every second. */
  private fromS = 0;
  private toS = -Infinity;
  /** Where unavailable time began; -1 = it is not. */
  private unavailableS = -1;

  constructor(tell: Tell) {
    this.tell = tell;
  }

  /** Adds a period that does not begin before the one added last. */
  add(startMs: number, untilMs: number): void {
    const fromS = Math.floor(startMs / 1000);
    const toS = Math.max(fromS + 1, Math.ceil(untilMs / 1000));
    if (fromS <= this.toS) {
      this.toS = Math.max(this.toS, toS);
      return;
    }
    this.endRun();
    if (fromS - this.toS >= RUN) this.endUnavailable();
    this.fromS = fromS;
    this.toS = toS;
  }

  /** Tells what is left; the next period is of another line. */
  end(): void {
    this.endRun();
    this.endUnavailable();
    this.toS = -Infinity;
  }

  private endRun(): void {
    if (this.toS === -Infinity) return;
    this.tell(this.fromS, this.toS, false);
    if (this.unavailableS < 0 && this.toS - this.fromS >= RUN) this.unavailableS = this.fromS;
  }

  private endUnavailable(): void {
    if (this.unavailableS >= 0) this.tell(this.unavailableS, this.toS, true);
    this.unavailableS = -1;
  }
}
