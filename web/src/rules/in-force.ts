// The rules in force in words, the versions before them, and resets by operators.

import type { RulesNow } from '../../../src/api/rules-contract.js';
import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { KeyedTable } from '../parts/table.js';
import { panel } from '../parts/panel.js';
import { lineHref } from '../shell/view.js';
import { dateTime } from '../shell/zone.js';
import { t } from './words.js';

type Version = RulesNow['versions'][number];
type Reset = RulesNow['resets'][number];

/** The keys of the words, in the order in which they are shown. */
const KEYS = [
  'flap',
  'quiet',
  'outage',
  'repeat',
  'mergeGap',
  'staleAfter',
  'sourceProfile',
  'maxSkew',
  'chatter',
  'detectors',
  'classes',
  'ignore',
] as const;

/** A value as one reads it: names of detectors and classes, durations as the rules have them. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? '–' : value.map((one) => textOf(one)).join(', ');
  }
  if (value === 'off' || value === false) return t('off');
  if (value === true) return t('on');
  if (typeof value !== 'object' || value === null) return String(value);
  const { name, shadow } = value as Record<string, unknown>;
  if (name !== undefined) return `${String(name)}${shadow === true ? ' (shadow)' : ''}`;
  return Object.entries(value)
    .map(([key, said]) => `${key} ${textOf(said)}`)
    .join(', ');
}

function versionsTable(): KeyedTable<Version> {
  return new KeyedTable<Version>(
    [
      { title: t('versionTitle'), class: 'number', text: (row) => String(row.version) },
      { title: t('partition'), text: (row) => `${row.topic} ${row.partition}` },
      {
        title: t('sinceOffset'),
        class: 'number',
        text: (row) => `${row.log} / ${whole(row.position)}`,
      },
      { title: t('r_flap'), text: (row) => textOf(row.words['flap']) },
      { title: t('r_quiet'), class: 'fill', text: (row) => textOf(row.words['quiet']) },
    ],
    (row) => `${row.cluster} ${row.topic} ${row.partition} ${row.version}`,
    { caption: t('history'), empty: t('noVersions'), test: 'rule-versions' },
  );
}

function resetsTable(): KeyedTable<Reset> {
  return new KeyedTable<Reset>(
    [
      { title: t('at'), class: 'number', text: (row) => dateTime(row.requested) },
      {
        title: t('line'),
        class: 'wide',
        text: (row) => row.line,
        href: (row) => lineHref(row.line),
      },
      { title: t('by'), text: (row) => row.by },
      { title: t('why'), class: 'fill', text: (row) => row.why },
    ],
    (row) => `${row.line} ${row.requested}`,
    { caption: t('resets'), empty: t('noResets'), test: 'resets' },
  );
}

/** The panel with all of it. */
export function inForce(now: RulesNow): HTMLElement {
  const shown = KEYS.filter((key) => now.words[key] !== undefined);
  const words = shown.flatMap((key) => [
    el('dt', { text: t(`r_${key}`) }),
    el('dd', { text: textOf(now.words[key]) }),
  ]);
  const [versions, resets] = [versionsTable(), resetsTable()];
  versions.update(now.versions);
  resets.update(now.resets);
  const box = panel(t('inForce'), {
    class: 'in-force',
    body: [
      el('dl', { class: 'words', test: 'rules-in-force' }, ...words),
      el('h3', { text: t('history') }),
      versions.element,
      el('h3', { text: t('resets') }),
      resets.element,
    ],
  });
  box.ready();
  box.note(t('version', { n: now.version }));
  return box.element;
}
