// The dialog in which an operator says who acts and why. The service may want the operator's token for it:
// then the dialog asks for that too. The token goes along with this one action and is kept nowhere.

import { ApiFailure, post } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { words } from '../shell/i18n.js';

const t = words({
  by: ['Your name', '操作人'],
  why: ['Why', '原因'],
  token: ['Operator token', '操作令牌'],
  tokenWanted: [
    'Only an operator may do this. The token is used this once.',
    '需要操作令牌，仅本次使用。',
  ],
  tokenWrong: ['This token is not valid.', '令牌无效。'],
  refused: ['Refused: {message}', '未执行：{message}'],
  cancel: ['Cancel', '取消'],
});

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
/** Who acted last on this browser: the next dialog proposes the name. */
const NAME_KEY = 'flapline.by';

export interface OperatorAction {
  /** data-test of the dialog. */
  readonly test: string;
  readonly title: string;
  readonly hint: string;
  /** The button that does it. */
  readonly submit: string;
  /** Fields of the form beside who acts. */
  readonly fields: readonly HTMLElement[];
  /** Below /api. */
  readonly path: string;
  /** What is sent, of the form's values. */
  readonly body: (values: Values) => object;
  readonly done: () => void;
}

/** Values of a form by name, trimmed; '' where nothing was entered. */
export type Values = (name: string) => string;

/** A field with its label. */
export function field(label: string, input: HTMLElement): HTMLElement {
  return el('label', { class: 'field' }, el('span', { text: label }), input);
}

/** A line of text that must be there, unless `optional`. */
export function textField(name: string, label: string, most: number, optional = false) {
  const wanted: Record<string, string> = optional ? {} : { required: '', pattern: '.*\\S.*' };
  const attrs = { name, maxlength: String(most), autocomplete: 'off', ...wanted };
  return field(label, el('input', { attrs }));
}

/** One of several; the first is chosen unless another is `chosen`. */
export function choiceField(
  name: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen = '',
): HTMLElement {
  const select = el('select', { attrs: { name } });
  for (const [value, text] of options) select.append(el('option', { text, attrs: { value } }));
  if (chosen !== '') select.value = chosen;
  return field(label, select);
}

export const whyField = (optional = false): HTMLElement =>
  textField('why', t('why'), 500, optional);

function nameField(): HTMLElement {
  const attrs = {
    name: 'by',
    required: '',
    pattern: '.*\\S.*',
    maxlength: '100',
    autocomplete: 'name',
    value: localStorage.getItem(NAME_KEY) ?? '',
  };
  return field(t('by'), el('input', { attrs }));
}

function tokenField(): HTMLElement {
  const attrs = { name: 'token', type: 'password', autocomplete: 'off', maxlength: '1024' };
  const box = field(t('token'), el('input', { test: 'operator-token', attrs }));
  box.hidden = true;
  return box;
}

/** Why it was not done; asks for the operator's token where that is the reason. */
function refusal(error: unknown, token: HTMLElement): string {
  const status = error instanceof ApiFailure ? error.status : 0;
  if (status === UNAUTHORIZED || status === FORBIDDEN) {
    const asksFirst = token.hidden;
    token.hidden = false;
    token.querySelector('input')?.focus();
    return asksFirst ? t('tokenWanted') : t('tokenWrong');
  }
  return t('refused', { message: error instanceof Error ? error.message : String(error) });
}

/** Opens the dialog; it closes once the service has done it, and says why where it refuses. */
export function askOperator(action: OperatorAction): void {
  const said = el('p', { class: 'failure', attrs: { role: 'alert' } });
  const token = tokenField();
  const submit = el('button', {
    class: 'button strong',
    text: action.submit,
    attrs: { type: 'submit' },
  });
  const close = (): void => dialog.close();
  const cancel = el('button', {
    class: 'button',
    text: t('cancel'),
    attrs: { type: 'button' },
    click: close,
  });
  const form = el(
    'form',
    { attrs: { method: 'dialog' } },
    el('h2', { text: action.title }),
    el('p', { class: 'dim', text: action.hint }),
    nameField(),
    ...action.fields,
    token,
    said,
    el('div', { class: 'buttons' }, submit, cancel),
  );
  const attrs = { 'aria-label': action.title };
  const dialog = el('dialog', { class: 'operator', test: action.test, attrs }, form);
  const abort = new AbortController();
  const send = async (): Promise<void> => {
    const data = new FormData(form);
    const values: Values = (name) => String(data.get(name) ?? '').trim();
    submit.disabled = true;
    try {
      await post(
        action.path,
        { by: values('by'), ...action.body(values) },
        abort.signal,
        values('token'),
      );
      localStorage.setItem(NAME_KEY, values('by'));
      close();
      action.done();
    } catch (error) {
      if (abort.signal.aborted) return;
      said.textContent = refusal(error, token);
    } finally {
      submit.disabled = false;
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  dialog.addEventListener('close', () => {
    abort.abort();
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}
