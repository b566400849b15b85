// A line's figures of the period, each with the rule it was judged by and the version of the rules.

import type { LineDetail } from '../../../src/api/line-contract.js';
import { el } from '../shell/dom.js';
import { duration, percent, whole } from '../shell/format.js';
import { t } from './words.js';

type Figure = LineDetail['figures'][number];

/** Shown large, in this order. */
const SHOWN = [
  'interruptions',
  'momentary',
  'outages',
  'planned',
  'down',
  'net-down',
  'longest',
  'flap-episodes',
  'repeat-faults',
  'tickets',
  'availability',
  'coverage',
] as const;

function valueText({ value, unit }: Figure): string {
  if (value === null) return '–';
  if (unit === 'ms') return duration(Math.round(value));
  return unit === '%' ? percent(value / 100) : whole(value);
}

/** What a figure is judged by, in the page's language; durations as flapline.yaml says them. */
function ruleText(name: (typeof SHOWN)[number], rules: LineDetail['rules'][number]): string {
  const { outage, repeat, quiet, flap, correctionMs } = rules;
  const corrected =
    correctionMs === 0 ? '' : ` · ${t('corrected', { by: duration(correctionMs) })}`;
  if (name === 'momentary') return `< ${outage}${corrected}`;
  if (name === 'outages') return `≥ ${outage}${corrected}`;
  if (name === 'flap-episodes') return t('by_flap-episodes', { flap: flap.join(', '), quiet });
  if (name === 'repeat-faults') return t('by_repeat-faults', { repeat });
  return t(`by_${name}`);
}

/** The figures as a list; what each is judged by stands below it. */
export class LineFigures {
  readonly element = el('dl', { class: 'line-figures', test: 'line-facts' });

  show({ figures, rules }: LineDetail): void {
    const entries = SHOWN.map((name) => {
      const figure = figures.find((one) => one.figure === name)!;
      const words = ruleText(name, rules[0]);
      const rule = `${words} · ${t('rulesVersion', { n: figure.version })}`;
      return el(
        'div',
        { attrs: { title: rule } },
        el('dt', { text: t(`f_${name}`) }),
        el('dd', { text: valueText(figure) }),
        el('dd', { class: 'by-rule', text: rule }),
      );
    });
    this.element.replaceChildren(...entries);
  }
}
