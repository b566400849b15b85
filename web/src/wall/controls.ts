// The wall's controls: not there until the mouse moves or a key is pressed, and gone soon after.

import { go, hrefOf, hrefWith } from '../shell/address.js';
import { el } from '../shell/dom.js';
import { addKeys } from '../shell/keys.js';
import { allowSound } from './sound.js';
import { t } from './words.js';

const SHOWN_MS = 4000;
/** What a browser takes for a person. */
const TOUCHES = ['keydown', 'pointerdown'] as const;

export interface WallState {
  readonly sound: boolean;
  readonly rotates: boolean;
  readonly next: () => void;
}

function fullScreen(): void {
  if (document.fullscreenElement !== null) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen().catch(() => undefined);
}

function soundSwitch(on: boolean): void {
  allowSound();
  go(hrefWith({ sound: on ? null : 'on' }), true);
}

const rotationSwitch = (rotates: boolean): void =>
  go(hrefWith({ every: rotates ? '0' : null }), true);

const button = (text: string, click: () => void, test: string): HTMLElement =>
  el('button', { class: 'button', text, click, test, attrs: { type: 'button' } });

/** The controls in `frame`, and how to end them. */
export function wallControls(frame: HTMLElement, state: WallState): () => void {
  const actions: [string, () => string, () => void, string][] = [
    ['f', () => t('fullScreen'), fullScreen, 'wall-full'],
    [
      's',
      () => t(state.sound ? 'soundOff' : 'soundOn'),
      () => soundSwitch(state.sound),
      'wall-sound',
    ],
    [
      ' ',
      () => t(state.rotates ? 'pause' : 'resume'),
      () => rotationSwitch(state.rotates),
      'wall-rotate',
    ],
    ['n', () => t('next'), state.next, 'wall-next'],
    ['Escape', () => t('leave'), () => go(hrefOf('')), 'wall-leave'],
  ];
  const bar = el(
    'div',
    { class: 'wall-controls', test: 'wall-controls' },
    ...actions.map(([, what, run, test]) => button(what(), run, test)),
  );
  frame.append(bar);
  let timer = 0;
  const wake = (): void => {
    frame.classList.add('awake');
    clearTimeout(timer);
    timer = window.setTimeout(() => frame.classList.remove('awake'), SHOWN_MS);
  };
  const touched = (): void => {
    if (state.sound) allowSound();
  };
  if (navigator.userActivation?.hasBeenActive) touched();
  document.addEventListener('mousemove', wake);
  for (const touch of TOUCHES) document.addEventListener(touch, touched);
  document.addEventListener('keydown', wake);
  const stopKeys = addKeys(actions.map(([key, what, run]) => ({ key, what, run })));
  return () => {
    clearTimeout(timer);
    document.removeEventListener('mousemove', wake);
    for (const touch of TOUCHES) document.removeEventListener(touch, touched);
    document.removeEventListener('keydown', wake);
    stopKeys();
  };
}
