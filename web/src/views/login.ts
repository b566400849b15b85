// What stands in place of a view while the service wants a token. The token goes into the body
// of one request and is kept by nobody but the browser, in a cookie that scripts cannot read.

import { openSession } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { t } from '../shell/head-words.js';
import { admit } from '../shell/store.js';
import type { View } from '../shell/view.js';

/** The form; once a token is accepted the page goes on by itself. */
export function loginView(): View {
  const abort = new AbortController();
  const token = el('input', {
    test: 'token',
    attrs: { type: 'password', required: '', autocomplete: 'current-password', maxlength: '1024' },
  });
  const button = el('button', { class: 'button', text: t('open'), attrs: { type: 'submit' } });
  const reason = el('p', { class: 'failure', attrs: { role: 'alert' }, test: 'token-failure' });
  const label = el('label', { class: 'field' }, el('span', { text: t('token') }), token);
  const form = el(
    'form',
    { class: 'panel login', attrs: { method: 'post' }, test: 'login' },
    el('h1', { text: t('tokenTitle') }),
    el('p', { class: 'dim', text: t('tokenHint') }),
    el('div', { class: 'span-form' }, label, button),
    reason,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    openSession(token.value, abort.signal)
      .then(() => admit())
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        token.select();
        const message = error instanceof Error ? error.message : String(error);
        reason.textContent = t('tokenRefused', { message });
      })
      .finally(() => {
        button.disabled = false;
      });
  });
  return { element: el('div', { class: 'view centred' }, form), unmount: () => abort.abort() };
}
