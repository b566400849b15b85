// What operators say of a cause, how far that moves what is likely, and the buttons to say it: it was this,
// it was not, it was something else, or that what was said is taken back.

import type { CauseDetail } from '../../../src/api/cause-contract.js';
import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import * as zone from '../shell/zone.js';
import { causeName, componentName } from '../parts/cause-name.js';
import { KINDS, componentKind } from '../parts/component-kinds.js';
import { askOperator, choiceField, field, whyField } from '../parts/operator-dialog.js';
import { panel } from '../parts/panel.js';
import { t } from './words.js';

const VERDICTS = ['confirm', 'refute', 'relabel', 'withdraw'] as const;
type Verdict = (typeof VERDICTS)[number];
const NAME_CHARACTERS = 256;
const PROPOSALS = 'relabel-proposals';

type Said = CauseDetail['feedback'][number];

function saidText(said: Said): string {
  const { verdict, kind, component, who, why, feedbackMs, withdrawnBy } = said;
  const words = [
    `${componentName({ kind, name: component })} ${t(verdict)}`,
    `${who}, ${zone.dateTime(feedbackMs)}`,
    ...(why === null ? [] : [why]),
    ...(withdrawnBy === null ? [] : [t('withdrawn', { who: withdrawnBy })]),
  ];
  return words.join(' · ');
}

function priorText({ kind, name, confirmed, refuted, nats }: CauseDetail['priors'][number]) {
  return t('prior', {
    component: componentName({ kind, name }),
    confirmed: whole(confirmed),
    refuted: whole(refuted),
    factor: Number(Math.exp(nats).toPrecision(2)),
  });
}

/** Kind and name of what it was; the runners-up are proposed. */
function relabelFields({ cause }: CauseDetail): HTMLElement[] {
  const { components, runnersUp, within } = cause;
  const others = [
    ...runnersUp.flatMap((next) => next.components),
    ...components.slice(1),
    ...within,
  ];
  const first = others.find(({ kind }) => kind !== 'unknown');
  const recorded = others.map(({ kind }) => kind).filter((kind) => kind !== 'unknown');
  const kinds = [...new Set<string>([...KINDS, ...recorded])];
  const list = el('datalist', { attrs: { id: PROPOSALS } });
  for (const name of new Set(others.map((one) => one.name))) {
    list.append(el('option', { attrs: { value: name } }));
  }
  const attrs = {
    name: 'component',
    required: '',
    pattern: '.*\\S.*',
    maxlength: String(NAME_CHARACTERS),
    autocomplete: 'off',
    list: PROPOSALS,
    value: first?.name ?? '',
  };
  const options = kinds.map((kind) => [kind, componentKind(kind)] as const);
  return [
    choiceField('kind', t('kind'), options, first?.kind),
    field(t('componentWas'), el('input', { attrs })),
    list,
  ];
}

function judge(verdict: Verdict, detail: CauseDetail, done: () => void): void {
  const { cause } = detail;
  const isRelabel = verdict === 'relabel';
  askOperator({
    test: `${verdict}-dialog`,
    title: t(`title_${verdict}`, { cause: causeName(cause) }),
    hint: t('judgeHint'),
    submit: t(verdict),
    fields: [...(isRelabel ? relabelFields(detail) : []), whyField(true)],
    path: `causes/${encodeURIComponent(cause.id)}/feedback`,
    body: (values) => ({
      verdict,
      ...(values('why') === '' ? {} : { why: values('why') }),
      ...(isRelabel ? { as: { kind: values('kind'), name: values('component') } } : {}),
    }),
    done,
  });
}

/** The panel of one cause's feedback; `done` when something was said. */
export function feedbackPart(done: () => void) {
  const list = el('ul');
  const nothing = el('p', { class: 'dim', text: t('noFeedback') });
  const said = el('div', { test: 'feedback' }, list, nothing);
  let shown: CauseDetail | null = null;
  const buttons = VERDICTS.map((verdict) =>
    el('button', {
      class: 'button',
      text: t(`ask_${verdict}`),
      test: verdict,
      attrs: { type: 'button' },
      click: () => {
        if (shown !== null) judge(verdict, shown, done);
      },
    }),
  );
  const [confirm, refute, , withdraw] = buttons;
  const show = (detail: CauseDetail): void => {
    shown = detail;
    const { cause, feedback, priors } = detail;
    const isUnknown = cause.components.every(({ kind }) => kind === 'unknown');
    confirm.hidden = isUnknown;
    refute.hidden = isUnknown;
    withdraw.hidden = feedback.every(({ withdrawnMs }) => withdrawnMs !== null);
    const rows = [...feedback.map(saidText), ...priors.map(priorText)];
    list.replaceChildren(...rows.map((text) => el('li', { text })));
    nothing.hidden = rows.length > 0;
  };
  const box = panel(t('feedback'), {
    class: 'list-panel',
    body: [el('div', { class: 'inside' }, said, el('p', {}, ...buttons))],
  });
  box.ready();
  return { element: box.element, show };
}
