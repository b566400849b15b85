// The raw alarms of one interruption: the records that began and ended it, read back from Kafka. The
// address names them, so that they can be sent.

import type { Timeline } from '../../../src/api/contract.js';
import type { RawAlarm } from '../../../src/api/raw-contract.js';
import { go, hrefWith } from '../shell/address.js';
import { get } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { dateTime } from '../shell/zone.js';
import { t } from './words.js';

type Interruption = Timeline['interruptions'][number];

/** The address with the raw alarms of an interruption; '' where they did not come through Kafka. */
export function rawHref({ partition, firstOffset, lastOffset }: Interruption): string {
  if (firstOffset === null) return '';
  return hrefWith({
    raw: [partition, firstOffset, lastOffset].filter((at) => at !== null).join('.'),
  });
}

/** JSON with its lines, anything else as it is. */
function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A record, or why there is none. */
function recordPart({ state, record, partition, offset }: RawAlarm): HTMLElement {
  const place = t('rawPlace', { partition: String(partition), offset: String(offset) });
  if (record === null) return el('p', { class: 'dim', text: `${place}: ${t(`raw_${state}`)}` });
  const { timestamp, key, value, bytes, cut } = record;
  const facts = [
    place,
    timestamp === null ? '' : dateTime(timestamp),
    key === null ? '' : `${t('rawKey')} ${key}`,
    `${whole(bytes)} B`,
    cut ? t('rawCut') : '',
  ];
  return el(
    'div',
    {},
    el('p', { class: 'dim', text: facts.filter((one) => one !== '').join(' · ') }),
    el('pre', { text: value === null ? 'null' : laidOut(value), attrs: { tabindex: '0' } }),
  );
}

/** A record's part of the dialog, filled once it was read. */
function rawPart(line: string, title: string, place: object, signal: AbortSignal): HTMLElement {
  const body = el('div', {}, el('p', { class: 'dim', text: t('loading') }));
  get<RawAlarm>(`lines/${encodeURIComponent(line)}/raw`, { ...place }, signal)
    .then((answer) => body.replaceChildren(recordPart(answer)))
    .catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      if (!signal.aborted)
        body.replaceChildren(el('p', { class: 'failure', text: t('failed', { message }) }));
    });
  return el('section', {}, el('h3', { text: title }), body);
}

/** Shows the raw alarms that an address names, `PARTITION.FIRST.LAST`; how to close it. */
export function showRaw(line: string, named: string): () => void {
  const [partition, first, last] = named.split('.').map(Number);
  const abort = new AbortController();
  const part = (title: string, offset: number | undefined): HTMLElement | null =>
    offset === undefined ? null : rawPart(line, title, { partition, offset }, abort.signal);
  const close = el('button', {
    class: 'button',
    text: t('close'),
    attrs: { type: 'button' },
    click: () => dialog.close(),
  });
  const dialog = el(
    'dialog',
    { class: 'raw', test: 'raw', attrs: { 'aria-label': t('rawTitle') } },
    el('h2', { text: t('rawTitle') }),
    part(t('rawFirst'), first),
    last === first ? null : part(t('rawLast'), last),
    close,
  );
  let isShown = true;
  dialog.addEventListener('close', () => {
    abort.abort();
    dialog.remove();
    if (isShown) go(hrefWith({ raw: null }));
    isShown = false;
  });
  document.body.append(dialog);
  dialog.showModal();
  return () => {
    isShown = false;
    dialog.close();
  };
}
