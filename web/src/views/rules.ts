// Rules: those in force, and what-if: a period fetched once as columns and judged in this browser under
// rules that one moves. The rules moved to are part of the address; saving them makes a file.

import type { RulesNow } from '../../../src/api/rules-contract.js';
import { get } from '../shell/api.js';
import { type Address, go, hrefWith } from '../shell/address.js';
import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { type Span, scopeOf, spanOf } from '../shell/scope.js';
import type { Page, View } from '../shell/view.js';
import { dateTime } from '../shell/zone.js';
import { download } from '../parts/download.js';
import { type Panel, panel } from '../parts/panel.js';
import { periodPicker } from '../parts/period-picker.js';
import { WhatIfClient } from '../rules/client.js';
import { RuleControls } from '../rules/controls.js';
import { inForce } from '../rules/in-force.js';
import type { FlapRules } from '../rules/kernel.js';
import type { Opened } from '../rules/messages.js';
import { proposalYaml } from '../rules/proposal.js';
import { WhatIfResult } from '../rules/result.js';
import type { WhatIf } from '../rules/session.js';
import { durationWords, ruleWords, rulesOf } from '../rules/steps.js';
import { t } from '../rules/words.js';

const PERIODS = ['7d', '30d', 'month'] as const;
const LINES_MAX = 200;
/** The address follows the sliders once they rest. */
const REST_MS = 400;
const QUIET_MS = 1_800_000;

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** The rules in force that the sliders begin with. */
const todayOf = ({ words }: RulesNow): FlapRules =>
  rulesOf(strings(words['flap']), String(words['quiet']), QUIET_MS);

/** The rules of an address; those of today where it says none. */
function askedRules({ query }: Address, today: FlapRules): FlapRules {
  if (query['flap'] === undefined) return today;
  return rulesOf(query['flap'].split(','), query['quiet'] ?? '', today.quietMs);
}

const words = (rules: FlapRules): string =>
  `${rules.flap.map(ruleWords).join(', ')}; quiet ${durationWords(rules.quietMs)}`;

/** What-if over one period. */
class WhatIfPart {
  private readonly result: WhatIfResult;
  private readonly client: WhatIfClient;
  private readonly controls: RuleControls;
  private last: { whatIf: WhatIf; rules: FlapRules } | null = null;
  private readonly intro = el('p', { class: 'dim intro', text: t('intro') });
  private fetched = '';
  private rest = 0;

  constructor(
    private readonly box: Panel,
    private readonly list: Panel,
    private readonly now: RulesNow,
    private readonly span: Span,
    address: Address,
  ) {
    const today = todayOf(now);
    this.result = new WhatIfResult(() => span);
    this.controls = new RuleControls(askedRules(address, today), today, () => this.moved());
    this.client = new WhatIfClient(
      {
        opened: (opened) => this.opened(opened),
        moved: (whatIf, rules) => this.show(whatIf, rules),
        failed: (message) => this.say(t('failed', { message })),
      },
      LINES_MAX,
    );
    const save = el('button', {
      class: 'button',
      text: t('proposal'),
      test: 'save-proposal',
      attrs: { type: 'button' },
      click: () => this.save(),
    });
    this.controls.element.append(save);
    const columns = el('div', { class: 'what-if' }, this.controls.element, this.result.element);
    box.element.append(this.intro, columns);
    list.element.append(this.result.table.element);
    this.client.open(span, today);
    this.client.move(this.controls.value());
  }

  stop(): void {
    clearTimeout(this.rest);
    this.client.stop();
  }

  /** The rules of another address: Back, or a link. */
  follow(address: Address): void {
    const rules = askedRules(address, todayOf(this.now));
    if (words(rules) === words(this.controls.value())) return;
    this.controls.set(rules);
    this.client.move(rules);
  }

  private moved(): void {
    this.client.move(this.controls.value());
    clearTimeout(this.rest);
    this.rest = window.setTimeout(() => {
      const { flap, quietMs } = this.controls.value();
      const parts = { flap: flap.map(ruleWords).join(','), quiet: durationWords(quietMs) };
      go(hrefWith(parts), true);
    }, REST_MS);
  }

  private say(text: string): void {
    const place = this.box.element.querySelector('.failure');
    if (place !== null) place.textContent = text;
  }

  private opened(opened: Opened): void {
    const { fromMs, toMs, interruptions, lines, bytes, fetchMs, unsure } = opened;
    const facts = {
      n: whole(interruptions),
      lines: whole(lines),
      mb: (bytes / 1e6).toFixed(1),
      ms: whole(fetchMs),
    };
    this.fetched = t('fetched', facts);
    this.box.element.dataset['opened'] = JSON.stringify(opened);
    this.list.ready();
    this.box.note(`${dateTime(fromMs)} – ${dateTime(toMs)} · ${this.fetched}`);
    if (unsure > 0) this.intro.append(` ${t('unsure', { n: whole(unsure) })}`);
  }

  private show(whatIf: WhatIf, rules: FlapRules): void {
    this.last = { whatIf, rules };
    this.box.ready();
    this.result.show(whatIf);
    const { lines, different, tookMs } = whatIf;
    const shown = lines.length === different ? whole(different) : this.shownOf(whatIf);
    this.list.note(`${shown} · ${t('judged', { ms: whole(tookMs) })}`);
    this.box.element.dataset['moved'] = JSON.stringify({ rules, ...whatIf, lines: undefined });
  }

  private shownOf({ lines, different }: WhatIf): string {
    return t('shown', { shown: whole(lines.length), total: whole(different) });
  }

  private save(): void {
    if (this.last === null) return;
    const { whatIf, rules } = this.last;
    const { both, onlyStored, onlyFound } = whatIf.flagged;
    const notes = [
      t('yamlHead'),
      `${dateTime(this.span.from)} – ${dateTime(this.span.to)}: ${this.fetched}`,
      `${t('today')}: ${words(todayOf(this.now))} · ${t('wouldBe')}: ${words(rules)}`,
      `${t('linesFlagged')}: ${both + onlyStored} → ${both + onlyFound}`,
      `${t('episodes')}: ${whatIf.stored} → ${whatIf.found}`,
    ];
    const text = proposalYaml(this.now.words, rules, notes);
    download('flapline-proposal.yaml', text, 'application/yaml');
  }
}

/** The page over one period. */
function periodView(address: Address) {
  const scope = scopeOf(address.query, '30d');
  const span = spanOf(scope);
  const abort = new AbortController();
  const picker = el('div', {}, periodPicker(scope, PERIODS));
  const box = panel(t('whatIf'), {
    class: 'what-if-panel',
    controls: [picker],
    body: [],
    loading: t('loadingPeriod'),
  });
  const list = panel(t('differing'), { class: 'list-panel', body: [] });
  const below = el('div', { class: 'rules-below' }, list.element);
  let part: WhatIfPart | null = null;
  get<RulesNow>('rules', {}, abort.signal)
    .then((now) => {
      part = new WhatIfPart(box, list, now, span, address);
      below.append(inForce(now));
    })
    .catch((error: unknown) => {
      if (abort.signal.aborted) return;
      const place = box.element.querySelector('.failure');
      if (place !== null) place.textContent = t('failed', { message: String(error) });
    });
  return {
    element: el('div', { class: 'view stacked rules' }, box.element, below),
    follow: (next: Address): void => {
      picker.replaceChildren(periodPicker(scopeOf(next.query, '30d'), PERIODS));
      part?.follow(next);
    },
    stop: (): void => {
      abort.abort();
      part?.stop();
    },
  };
}

const periodOf = ({ query }: Address): string =>
  [query['period'], query['from'], query['to']].join(' ');

/** Moved rules change the address without fetching anything anew; another period fetches its own. */
function rulesView(address: Address): View {
  let shown = address;
  let view = periodView(address);
  const element = el('div', { class: 'view' }, view.element);
  return {
    element,
    update: (next) => {
      if (periodOf(next) === periodOf(shown)) view.follow(next);
      else {
        view.stop();
        view = periodView(next);
        element.replaceChildren(view.element);
      }
      shown = next;
    },
    unmount: () => view.stop(),
  };
}

export const rulesPage: Page = {
  page: 'rules',
  title: () => t('rules'),
  key: 'r',
  mount: rulesView,
};
