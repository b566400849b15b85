// Days and months of a configured time zone in SQL text (SPEC section 2: months and days are cut in it).
// Stored times are epoch milliseconds, UTC. The zone's name was checked by the configuration.

function quoted(timeZone: string): string {
  return `'${timeZone.replaceAll("'", "''")}'`;
}

/** The local time of an expression in epoch ms, a timestamp. */
function localTime(ms: string, timeZone: string): string {
  return `timezone(${quoted(timeZone)}, timezone('UTC', epoch_ms(${ms})))`;
}

/** The local day of an expression in epoch ms, a date. */
export function dayOf(ms: string, timeZone: string): string {
  return `(${localTime(ms, timeZone)})::date`;
}

/** The local month of an expression in epoch ms, a text such as 2006-11. */
export function monthOf(ms: string, timeZone: string): string {
  return `strftime(${localTime(ms, timeZone)}, '%Y-%m')`;
}

/** When a local day (a date, or a timestamp at midnight) begins, epoch ms. */
export function dayStartMs(day: string, timeZone: string): string {
  return `epoch_ms(timezone(${quoted(timeZone)}, (${day})::timestamp))`;
}

/** When the local month of an expression in epoch ms begins: a local timestamp. */
export function monthStart(ms: string, timeZone: string): string {
  return `date_trunc('month', ${localTime(ms, timeZone)})`;
}

/** The hour of the local week of an expression in epoch ms: 0 = Monday 0:00 to 167. */
export function hourOfWeek(ms: string, timeZone: string): string {
  const local = localTime(ms, timeZone);
  return `((isodow(${local}) - 1) * 24 + hour(${local}))`;
}
