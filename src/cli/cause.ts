// `flapline causes ID`: one cause with its evidence, its lines by time and the runners-up, as text or JSON.

import type { CauseDetail } from '../api/cause-contract.js';
import { nameOf, sparkline } from '../cause/explain.js';
import { FlaplineError } from '../config/errors.js';
import { readSecret, readSettings } from '../config/settings.js';
import { timeText } from '../config/zone.js';
import { type Flags, reportZone, sourcesOf } from './common.js';
import { type Destination, destinationOf, writeAll } from './list-output.js';
import { addressOf, askService } from './service.js';
import { STORE_LIMITS, sourceOf } from './store-source.js';
import { textTable } from './table.js';

/** Lines that the text names. */
const LINES_MAX = 40;

/** Writes one cause. */
export async function runCause(id: string, flags: Flags): Promise<void> {
  const sources = sourcesOf(flags);
  const { timeZone } = readSettings(['timeZone'], sources);
  const from = sourceOf(flags, sources);
  const to = destinationOf(flags);
  if (to.format !== 'table' && to.format !== 'json') {
    throw new FlaplineError(
      'USAGE',
      `--format ${to.format} is for the list: one cause is text or json`,
    );
  }
  const detail =
    from.store === undefined
      ? ((await askService(
          addressOf(from.url, `api/causes/${encodeURIComponent(id)}`),
          readSecret('viewerToken', sources),
          'viewer',
        )) as CauseDetail)
      : await ofStore(from.store, id);
  await write(to, detail, reportZone(timeZone));
}

async function ofStore(file: string, id: string): Promise<CauseDetail> {
  const { openReadStore } = await import('../store/read-store.js');
  const { storedDetail } = await import('../api/cause-items.js');
  const { connection, close } = await openReadStore(file, STORE_LIMITS);
  try {
    const found = await storedDetail(connection, { at: 'latest' }, id);
    if (found) return found;
    throw new FlaplineError(
      'NOT_FOUND',
      `${file} holds no cause "${id}"; flapline causes lists them`,
    );
  } finally {
    close();
  }
}

function write(to: Destination, detail: CauseDetail, zone: string): Promise<void> {
  const text =
    to.format === 'json' ? `${JSON.stringify(detail, null, 2)}\n` : causeText(detail, zone);
  return writeAll(to.file, [text]);
}

function named(all: CauseDetail['cause']['components']): string {
  return all.map((one) => nameOf(one)).join(', ');
}

function causeText(
  { cause, picture, customers, lines, reopens }: CauseDetail,
  zone: string,
): string {
  const percent = `${(100 * cause.confidence).toFixed(1)} %`;
  const seconds = (picture.stepMs * picture.counts.length) / 1_000;
  const facts = [
    `${named(cause.components)} (${cause.phase}, ${percent} that it is this)`,
    cause.explanation.en,
    ...(cause.components.length > 1 ? ['These cannot be told apart by the records.'] : []),
    ...(cause.within.length > 0 ? [`Its lines lie on ${named(cause.within)}.`] : []),
    `${timeText(cause.at, zone)}  |${sparkline(picture)}|  ${seconds.toFixed(1)} s`,
    cause.closedMs === null
      ? `${cause.linesDown ?? 0} lines still down`
      : `closed ${timeText(cause.closedMs, zone)}`,
    ...reopens.map(
      (one) =>
        `came back: ${nameOf(one)} was repaired ${timeText(one.repairedMs, zone)} (${one.proof})`,
    ),
    `customers: ${customers.map(({ customer, lines: n }) => `${customer} ${n}`).join(', ') || 'none recorded'}`,
  ];
  const next = cause.runnersUp.map(({ components, odds }) => [
    named(components),
    odds.toPrecision(2),
  ]);
  const shown = lines
    .slice(0, LINES_MAX)
    .map(({ line, start, end, customer }) => [
      line,
      timeText(start, zone),
      end === null ? '' : timeText(end, zone),
      customer ?? '',
    ]);
  const more = lines.length - shown.length;
  return [
    facts.join('\n'),
    ...(next.length > 0
      ? [textTable([{ title: 'next best' }, { title: 'odds', isNumber: true }], next).trimEnd()]
      : []),
    textTable(
      [{ title: 'line' }, { title: 'down' }, { title: 'up' }, { title: 'customer' }],
      shown,
    ).trimEnd(),
    ...(more > 0 ? [`and ${more} more: --format json has all`] : []),
    '',
  ].join('\n\n');
}
