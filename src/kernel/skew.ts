// The words for an event that is ahead of its record's own time (SPEC section 5, maxSkew). A whole
// number of quarter hours, give or take what a record waits on its way, is most likely a time zone.

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const QUARTER_MS = 15 * MINUTE_MS;
/** A record is stamped at most this much later than its event. */
const ON_THE_WAY_MS = 5 * MINUTE_MS;
/** Offsets from UTC lie between -12 and +14 hours. */
const OFFSET_MS_MIN = 30 * MINUTE_MS;
const OFFSET_MS_MAX = 14 * HOUR_MS;

/** "8 h", "1 h 30 min", "12 min", "40 s": the two largest units. */
export function amountWords(ms: number): string {
  const units = [
    [24 * HOUR_MS, 'd'],
    [HOUR_MS, 'h'],
    [MINUTE_MS, 'min'],
    [SECOND_MS, 's'],
    [1, 'ms'],
  ] as const;
  const first = Math.max(
    0,
    units.findIndex(([size]) => ms >= size),
  );
  const [size, unit] = units[first]!;
  const whole = Math.floor(ms / size);
  const next = units[first + 1];
  const rest = next ? Math.floor((ms - whole * size) / next[0]) : 0;
  return rest > 0 ? `${whole} ${unit} ${rest} ${next![1]}` : `${whole} ${unit}`;
}

/** "source clock ahead by 8 h: a time zone?" */
export function skewWords(aheadMs: number): string {
  const zone = Math.round(aheadMs / QUARTER_MS) * QUARTER_MS;
  const isZone =
    zone >= OFFSET_MS_MIN && zone <= OFFSET_MS_MAX && Math.abs(aheadMs - zone) <= ON_THE_WAY_MS;
  return isZone
    ? `source clock ahead by ${amountWords(zone)}: a time zone?`
    : `source clock ahead by ${amountWords(aheadMs)}: raise maxSkew if that is right`;
}
