// Records: how complete they are, whose circuits have gaps, component records in doubt and how many each
// node lacks, lines that only the stream or only the records know, the last imports and what they left out.

import type { CauseDoubts } from '../../../src/api/cause-contract.js';
import type { RecordsNow } from '../../../src/api/record-contract.js';
import { get } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { percent, whole } from '../shell/format.js';
import { LiveQuery } from '../shell/live-query.js';
import type { Page, View } from '../shell/view.js';
import { componentKind } from '../parts/component-kinds.js';
import { recordField } from '../parts/record-fields.js';
import { exportLinks } from '../parts/export-links.js';
import { type Panel, panel } from '../parts/panel.js';
import {
  type Gap,
  doubtTable,
  gapTable,
  importTable,
  kindTable,
  lineLinks,
  nodeTable,
  problemTable,
  shareTable,
} from '../records/tables.js';
import { t } from '../records/words.js';

const GAP_MS = 5000;
const MAX_AGE_MS = 60_000;
/** Rows of a list, at most. */
const ROWS_MAX = 500;

interface Answer {
  readonly now: RecordsNow;
  readonly gaps: { readonly total: number; readonly rows: Gap[] };
  readonly doubted: CauseDoubts;
}

const box = (title: string, body: Node, controls: Node[] = []): Panel =>
  panel(title, { class: 'part', body: [body], controls });

function recordsView(): View {
  const tables = {
    kinds: kindTable(),
    fields: shareTable(t('fields'), t('field'), 'record-fields'),
    components: shareTable(t('componentsOf'), t('kind'), 'record-components'),
    gaps: gapTable(),
    imports: importTable(),
    problems: problemTable(),
    doubts: doubtTable(),
    nodes: nodeTable(),
  };
  const [unknown, unseen] = [el('div', { class: 'inside' }), el('div', { class: 'inside' })];
  const boxes = {
    kinds: box(t('kindRows'), tables.kinds.element),
    fields: box(t('fields'), tables.fields.element),
    components: box(t('componentsOf'), tables.components.element),
    gaps: box(t('gaps'), tables.gaps.element, [exportLinks('record-gaps', () => ({}))]),
    problems: box(t('problems'), tables.problems.element),
    nodes: box(t('nodes'), tables.nodes.element),
    doubts: box(t('doubts'), tables.doubts.element),
    unknown: box(t('unknownLines'), unknown),
    imports: box(t('imports'), tables.imports.element),
    unseen: box(t('unseenLines'), unseen),
  };
  boxes.imports.element.classList.add('double');
  const show = ({ now, gaps, doubted }: Answer): void => {
    for (const one of Object.values(boxes)) one.ready();
    const { seen, lines, fields, components } = now.coverage;
    tables.kinds.update(now.kinds);
    const share = seen.lines === 0 ? '–' : percent(seen.recorded / seen.lines);
    boxes.kinds.note(`${t('seenLines')}: ${share}`);
    tables.fields.update(
      fields.map(({ field, filled }) => {
        return { name: recordField(field), part: filled, whole: lines.recorded, note: field };
      }),
    );
    tables.components.update(
      components.map((one) => {
        const note = `${t('count')}: ${whole(one.components)}`;
        return { name: componentKind(one.kind), part: one.lines, whole: lines.known, note };
      }),
    );
    tables.gaps.update(gaps.rows);
    boxes.gaps.note(whole(gaps.total));
    tables.nodes.update(doubted.nodes);
    tables.doubts.update(doubted.doubts);
    boxes.doubts.note(whole(doubted.total));
    tables.imports.update(now.imports);
    tables.problems.update(now.problems);
    boxes.problems.note(whole(now.kinds.reduce((sum, { bad }) => sum + bad, 0)));
    for (const [place, list, into] of [
      ['unknown', now.unrecorded, unknown],
      ['unseen', now.unseen, unseen],
    ] as const) {
      into.replaceChildren(lineLinks(list, `${place}-lines`));
      const { length } = list.lines;
      const cut = { shown: whole(length), total: whole(list.total) };
      boxes[place].note(length < list.total ? t('firstOf', cut) : whole(list.total));
    }
  };
  const parts = el(
    'div',
    { class: 'line-parts' },
    ...Object.values(boxes).map((one) => one.element),
  );
  const failure = el('span', { class: 'failure', attrs: { role: 'status' } });
  const element = el('div', { class: 'view stacked line' }, failure, parts);
  const query = new LiveQuery<Answer>({
    panel: element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: () => false,
    load: async (signal) => {
      const [now, gaps, doubted] = await Promise.all([
        get<RecordsNow>('records', {}, signal),
        get<Answer['gaps']>('lists/record-gaps', { limit: ROWS_MAX }, signal),
        get<CauseDoubts>('cause-records', { limit: ROWS_MAX }, signal),
      ]);
      return { now, gaps, doubted };
    },
    apply: show,
  });
  return { element, unmount: () => query.stop() };
}

export const recordsPage: Page = {
  page: 'records',
  title: () => t('records'),
  key: 'd',
  mount: recordsView,
};
