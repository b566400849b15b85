// What an operator changes of a line: notes, shelving and its end, a reset. Each opens a dialog that asks
// who and why; each is done by the service, which keeps that with the line.

import type { LineDetail } from '../../../src/api/line-contract.js';
import { el } from '../shell/dom.js';
import { duration } from '../shell/format.js';
import { serverNowMs } from '../shell/store.js';
import { askOperator, choiceField, textField, whyField } from '../parts/operator-dialog.js';
import { t } from './words.js';

const HOUR_MS = 3_600_000;
/** For how long a line may be shelved: the service takes 30 days at most. */
const SHELF_HOURS = [1, 4, 8, 24, 72, 168, 720];
const SHELF_USUAL = '8';
/** The service's clock may be so far behind what the page knows of it. */
const CLOCK_MS = 1_000;
const NOTE_CHARACTERS = 1_000;

const pathOf = (line: string, what: string): string => `lines/${encodeURIComponent(line)}/${what}`;

function button(text: string, test: string, click: () => void): HTMLButtonElement {
  return el('button', { class: 'button', text, test, attrs: { type: 'button' }, click });
}

/** The alarms a line had in the period, behind the line as a whole. */
function alarmField(detail: LineDetail | null): HTMLElement {
  const alarms = (detail?.alarms ?? []).flatMap(({ alarm }) => (alarm === null ? [] : [alarm]));
  const options = alarms.map((alarm) => [alarm, alarm] as const);
  return choiceField('alarm', t('shelveWhat'), [['', t('wholeLine')], ...options]);
}

function shelve(line: string, detail: LineDetail | null, done: () => void): void {
  const lengths = SHELF_HOURS.map((hours) => [String(hours), duration(hours * HOUR_MS)] as const);
  askOperator({
    test: 'shelve-dialog',
    title: t('shelveTitle', { line }),
    hint: t('shelveHint'),
    submit: t('shelve'),
    fields: [
      alarmField(detail),
      choiceField('hours', t('shelveFor'), lengths, SHELF_USUAL),
      whyField(),
    ],
    path: pathOf(line, 'shelve'),
    body: (values) => ({
      why: values('why'),
      until: Math.round(serverNowMs() - CLOCK_MS + Number(values('hours')) * HOUR_MS),
      ...(values('alarm') === '' ? {} : { alarm: values('alarm') }),
    }),
    done,
  });
}

function unshelve(line: string, done: () => void): void {
  askOperator({
    test: 'unshelve-dialog',
    title: t('unshelveTitle', { line }),
    hint: t('unshelveHint'),
    submit: t('unshelve'),
    fields: [],
    path: pathOf(line, 'unshelve'),
    body: () => ({}),
    done,
  });
}

function reset(line: string, done: () => void): void {
  askOperator({
    test: 'reset-dialog',
    title: t('resetTitle', { line }),
    hint: t('resetHint'),
    submit: t('reset'),
    fields: [whyField()],
    path: pathOf(line, 'reset'),
    body: (values) => ({ why: values('why') }),
    done,
  });
}

/** The button that writes a note; `done` once the service has it. */
export function noteButton(line: string, done: () => void): HTMLElement {
  const ask = (): void =>
    askOperator({
      test: 'note-dialog',
      title: t('noteTitle', { line }),
      hint: t('noteHint'),
      submit: t('write'),
      fields: [textField('text', t('note'), NOTE_CHARACTERS)],
      path: pathOf(line, 'notes'),
      body: (values) => ({ text: values('text') }),
      done,
    });
  return button(t('writeNote'), 'note-line', ask);
}

/** The buttons that shelve, end that, and reset; `show` is told what is known of the line. */
export function changeButtons(line: string, done: () => void) {
  let shown: LineDetail | null = null;
  const end = button(t('unshelveAsk'), 'unshelve-line', () => unshelve(line, done));
  end.hidden = true;
  const buttons = [
    button(t('shelveAsk'), 'shelve-line', () => shelve(line, shown, done)),
    end,
    button(t('resetAsk'), 'reset-line', () => reset(line, done)),
  ];
  const show = (detail: LineDetail): void => {
    shown = detail;
    end.hidden = detail.shelves.length === 0;
  };
  return { buttons, show };
}
