// The sliders of what-if: K and W of each rule, Q, and the way back to today's rules.

import { el, setText } from '../shell/dom.js';
import { duration, whole } from '../shell/format.js';
import { type FlapRule, type FlapRules, STARTS_MAX } from './kernel.js';
import { STEPS_MS } from './steps.js';
import { t } from './words.js';

const STARTS_MIN = 2;
const RULES_MAX = 4;
const NEW_RULE: FlapRule = { starts: 6, windowMs: 7_200_000 };

interface Slider {
  readonly element: HTMLElement;
  read(): number;
}

function slider(
  label: string,
  range: { min: number; max: number; at: number },
  shown: (at: number) => string,
  changed: () => void,
): Slider {
  const input = el('input', {
    attrs: { type: 'range', min: `${range.min}`, max: `${range.max}`, 'aria-label': label },
  });
  input.value = String(range.at);
  const output = el('output', { class: 'strong', text: shown(range.at) });
  const show = (): void => {
    const text = shown(Number(input.value));
    setText(output, text);
    input.setAttribute('aria-valuetext', text);
  };
  show();
  input.addEventListener('input', () => {
    show();
    changed();
  });
  const name = el('span', { class: 'dim', text: label });
  return {
    element: el('label', { class: 'slider' }, name, input, output),
    read: () => Number(input.value),
  };
}

/** A slider over the steps of time; a time between two steps of its own is a step as well. */
function timeSlider(label: string, ms: number, changed: () => void): Slider {
  const steps = [...new Set([...STEPS_MS, ms])].toSorted((a, b) => a - b);
  const range = { min: 0, max: steps.length - 1, at: steps.indexOf(ms) };
  const found = slider(label, range, (at) => duration(steps[at]), changed);
  return { element: found.element, read: () => steps[found.read()] };
}

export class RuleControls {
  readonly element = el('div', { class: 'rule-controls', test: 'rule-controls' });
  private rows: { starts: Slider; window: Slider }[] = [];
  private quiet: Slider;

  /** `changed` is called at every move. */
  constructor(
    rules: FlapRules,
    private readonly today: FlapRules,
    private readonly changed: () => void,
  ) {
    this.quiet = this.draw(rules);
  }

  value(): FlapRules {
    return {
      flap: this.rows.map(({ starts, window }) => {
        return { starts: starts.read(), windowMs: window.read() };
      }),
      quietMs: this.quiet.read(),
    };
  }

  set(rules: FlapRules): void {
    this.quiet = this.draw(rules);
  }

  private renew(rules: FlapRules): void {
    this.set(rules);
    this.changed();
  }

  private draw(rules: FlapRules): Slider {
    this.rows = rules.flap.map(({ starts, windowMs }) => {
      const range = { min: STARTS_MIN, max: STARTS_MAX, at: Math.min(STARTS_MAX, starts) };
      return {
        starts: slider(t('starts'), range, whole, this.changed),
        window: timeSlider(t('window'), windowMs, this.changed),
      };
    });
    const groups = this.rows.map((row, i) => this.ruleGroup(row, i));
    const quiet = timeSlider(t('quiet'), rules.quietMs, this.changed);
    quiet.element.title = t('quietHint');
    const end = el('fieldset', {}, el('legend', { text: t('quietHint') }), quiet.element);
    this.element.replaceChildren(...groups, end, this.buttons());
    return quiet;
  }

  private ruleGroup({ starts, window }: { starts: Slider; window: Slider }, i: number) {
    const n = i + 1;
    const remove = el('button', {
      class: 'button quiet',
      text: '×',
      attrs: {
        type: 'button',
        'aria-label': t('removeRule', { n }),
        title: t('removeRule', { n }),
      },
      click: () => {
        const { flap, quietMs } = this.value();
        this.renew({ flap: flap.toSpliced(i, 1), quietMs });
      },
    });
    const legend = el('legend', {}, el('span', { text: t('ruleNumber', { n }) }));
    return el('fieldset', {}, legend, remove, starts.element, window.element);
  }

  private buttons(): HTMLElement {
    const add = el('button', {
      class: 'button',
      text: t('addRule'),
      attrs: { type: 'button' },
      click: () => {
        const { flap, quietMs } = this.value();
        this.renew({ flap: [...flap, NEW_RULE], quietMs });
      },
    });
    add.disabled = this.rows.length >= RULES_MAX;
    const back = el('button', {
      class: 'button',
      text: t('asToday'),
      test: 'as-today',
      attrs: { type: 'button' },
      click: () => this.renew(this.today),
    });
    return el('div', { class: 'buttons' }, add, back);
  }
}
