// The keyboard: who listens to which key, and the list of keys that `?` shows. A view adds its keys when
// it is mounted and takes them back when it is unmounted. Nothing listens while one types into a field.

import { el } from './dom.js';
import { words } from './i18n.js';

export interface Key {
  /** As KeyboardEvent.key has it; two of them with a blank between follow one another (`g w`). */
  readonly key: string;
  /** What it does, in the page's language. */
  readonly what: () => string;
  readonly run: () => void;
}

const t = words({
  title: ['Keys', '键盘快捷键'],
  help: ['Show or hide this list', '显示或关闭本列表'],
  close: ['Close', '关闭'],
  arrows: [
    'In a chart: move the cursor; Enter opens what it points at',
    '图表中：移动光标，回车打开',
  ],
});

/** How long the second of two keys may take, ms. */
const SEQUENCE_MS = 1500;

const keys = new Set<Key>();
let first = { key: '', atMs: 0 };
let dialog: HTMLDialogElement | null = null;

/** Listens until the function it returns is called. */
export function addKeys(added: readonly Key[]): () => void {
  for (const key of added) keys.add(key);
  return () => {
    for (const key of added) keys.delete(key);
  };
}

function row(key: string, what: string): HTMLElement[] {
  const parts = key.split(' ').map((part) => el('kbd', { text: part === ' ' ? '␣' : part }));
  return [el('dt', {}, ...parts), el('dd', { text: what })];
}

/** Opens the list of keys, or closes it. */
export function toggleKeyList(): void {
  if (dialog !== null) return dialog.close();
  const listed = [...keys].flatMap(({ key, what }) => row(key, what()));
  const close = el('button', { class: 'button', text: t('close'), attrs: { type: 'button' } });
  dialog = el(
    'dialog',
    { class: 'keys', test: 'keys', attrs: { 'aria-label': t('title') } },
    el('h2', { text: t('title') }),
    el('dl', {}, ...listed, ...row('?', t('help')), ...row('← ↑ ↓ →', t('arrows'))),
    close,
  );
  const opened = dialog;
  close.addEventListener('click', () => opened.close());
  opened.addEventListener('close', () => {
    opened.remove();
    dialog = null;
  });
  document.body.append(opened);
  opened.showModal();
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, select, textarea, [contenteditable]');

function pressed(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === '?') return toggleKeyList();
  if (dialog !== null) return;
  const pair = event.timeStamp - first.atMs < SEQUENCE_MS ? `${first.key} ${event.key}` : '';
  const all = [...keys].toReversed();
  const found =
    all.find(({ key }) => key === pair) ?? all.find(({ key }) => key === event.key) ?? null;
  first = { key: event.key, atMs: event.timeStamp };
  if (found === null) return;
  event.preventDefault();
  first = { key: '', atMs: 0 };
  found.run();
}

/** Listens for the life of the page. */
export function startKeys(): void {
  document.addEventListener('keydown', pressed);
}
