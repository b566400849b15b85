// The tables of the records page.

import type { CauseDoubts } from '../../../src/api/cause-contract.js';
import type { RecordsNow } from '../../../src/api/record-contract.js';
import { el } from '../shell/dom.js';
import { percent, whole } from '../shell/format.js';
import { lineHref } from '../shell/view.js';
import { dateTime } from '../shell/zone.js';
import { componentKind } from '../parts/component-kinds.js';
import { recordField } from '../parts/record-fields.js';
import { KeyedTable, type TableColumn } from '../parts/table.js';
import { t } from './words.js';

/** A row of GET /api/lists/record-gaps. */
export interface Gap {
  readonly customer: string | null;
  readonly line: string;
  readonly branch: string | null;
  readonly missing: string;
}

type Kind = RecordsNow['kinds'][number];
type Import = RecordsNow['imports'][number];
type Problem = RecordsNow['problems'][number];
type Doubt = CauseDoubts['doubts'][number];
type NodeRecords = CauseDoubts['nodes'][number];

const KINDS = [
  'lines',
  'aliases',
  'components',
  'works',
  'tickets',
  'callbacks',
  'satisfaction',
  'customers',
  'branches',
] as const;

export function kindText(kind: string): string {
  const known = KINDS.find((one) => one === kind);
  return known === undefined ? kind : t(`k_${known}`);
}

const counted = <Row>(title: string, of: (row: Row) => number): TableColumn<Row> => ({
  title,
  class: 'number',
  text: (row) => whole(of(row)),
});

export function kindTable(): KeyedTable<Kind> {
  return new KeyedTable<Kind>(
    [
      { title: t('kind'), class: 'fill', text: (row) => kindText(row.kind) },
      counted(t('rows'), (row) => row.rows),
      {
        ...counted<Kind>(t('leftOut'), (row) => row.bad),
        mark: (row) => (row.bad > 0 ? 'is-warn' : ''),
      },
    ],
    (row) => row.kind,
    { caption: t('kindRows'), empty: t('none'), test: 'record-kinds' },
  );
}

/** A share of a whole, with a bar. */
export interface Share {
  readonly name: string;
  readonly part: number;
  readonly whole: number;
  readonly note: string;
}

export function shareTable(title: string, name: string, test: string): KeyedTable<Share> {
  const of = (row: Share): number => (row.whole === 0 ? 0 : row.part / row.whole);
  return new KeyedTable<Share>(
    [
      { title: name, class: 'fill', text: (row) => row.name, sub: (row) => row.note },
      counted(t('filled'), (row) => row.part),
      {
        title: t('coverage'),
        class: 'number strong barred',
        text: (row) => (row.whole === 0 ? '–' : percent(of(row))),
        bar: of,
      },
    ],
    (row) => row.name,
    { caption: title, empty: t('none'), test },
  );
}

export function gapTable(): KeyedTable<Gap> {
  return new KeyedTable<Gap>(
    [
      { title: t('customer'), class: 'rest', text: (row) => row.customer ?? t('unnamed') },
      {
        title: t('line'),
        text: (row) => row.line,
        href: (row) => lineHref(row.line),
        sub: (row) => row.branch ?? '',
      },
      {
        title: t('missing'),
        class: 'fill',
        text: (row) => row.missing.split(', ').map(recordField).join(', '),
      },
    ],
    (row) => row.line,
    { caption: t('gaps'), empty: t('noGaps'), test: 'record-gaps' },
  );
}

export function importTable(): KeyedTable<Import> {
  return new KeyedTable<Import>(
    [
      { title: t('at'), class: 'number', text: (row) => dateTime(row.at) },
      { title: t('kind'), text: (row) => kindText(row.kind) },
      { title: t('source'), class: 'rest', text: (row) => row.source },
      counted(t('rows'), (row) => row.rows),
      counted(t('added'), (row) => row.added),
      counted(t('changed'), (row) => row.changed),
      counted(t('ended'), (row) => row.ended),
      counted(t('leftOut'), (row) => row.bad),
    ],
    (row) => `${row.at} ${row.kind} ${row.source}`,
    { caption: t('imports'), empty: t('noImports'), test: 'record-imports' },
  );
}

export function problemTable(): KeyedTable<Problem> {
  return new KeyedTable<Problem>(
    [
      { title: t('kind'), text: (row) => kindText(row.kind) },
      { title: t('source'), class: 'rest', text: (row) => row.source },
      counted(t('row'), (row) => row.row),
      { title: t('reason'), class: 'fill', text: (row) => row.reason },
    ],
    (row) => `${row.kind} ${row.source} ${row.row} ${row.reason}`,
    { caption: t('problems'), empty: t('noProblems'), test: 'record-problems' },
  );
}

/** Component records that the line's other ones speak against. */
export function doubtTable(): KeyedTable<Doubt> {
  return new KeyedTable<Doubt>(
    [
      { title: t('line'), text: (row) => row.line, href: (row) => lineHref(row.line) },
      {
        title: t('recorded'),
        class: 'fill',
        text: (row) => `${componentKind(row.kind)} ${row.component}`,
      },
      { title: t('otherRecords'), text: (row) => row.node ?? t('unnamed') },
    ],
    (row) => `${row.line} ${row.kind} ${row.component}`,
    { caption: t('doubts'), empty: t('noDoubts'), test: 'record-doubts' },
  );
}

/** How many card and cable records each node lacks. */
export function nodeTable(): KeyedTable<NodeRecords> {
  return new KeyedTable<NodeRecords>(
    [
      { title: t('node'), class: 'fill', text: (row) => row.node },
      counted(t('linesOf'), (row) => row.lines),
      {
        title: t('lacking'),
        class: 'number strong barred',
        text: (row) => percent(row.missing),
        bar: (row) => row.missing,
      },
    ],
    (row) => row.node,
    { caption: t('nodes'), empty: t('none'), test: 'record-nodes' },
  );
}

/** Names of lines that lead to their pages. */
export function lineLinks({ lines, total }: RecordsNow['unseen'], test: string): HTMLElement {
  if (total === 0) return el('p', { class: 'empty', text: t('none') });
  const links = lines.map((line) => {
    const link = el('a', { attrs: { href: lineHref(line) } }, el('bdi', { text: line }));
    return el('li', {}, link);
  });
  return el('ul', { class: 'line-links', test }, ...links);
}
