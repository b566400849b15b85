// KPIs of the records: tickets, works, call-backs, customers, satisfaction.

import type { Row, World } from './naive-files.js';
import { type Figures, groupsOf, type Month } from './naive-tally.js';

const DAY = 86_400_000;
const REQUIRED = [
  'customer',
  'product',
  'branch',
  'a_end',
  'z_end',
  'circuit_type',
  'bandwidth_kbps',
  'contact',
];

const timeOf = (text: string | undefined): number | null => (text ? Date.parse(text) : null);
const within = (ms: number | null, { from, end }: Month): boolean =>
  ms !== null && ms >= from && ms < end;
const isKey = (line: Row): boolean => line['key_customer'] === 'true';
const isInternational = (line: Row): boolean => line['international'] === 'true';
const isKeyCrossArea = (line: Row): boolean =>
  isKey(line) &&
  line['circuit_type'] === 'digital' &&
  line['z_branch'] !== '' &&
  line['a_branch'] !== line['z_branch'];

/** The first of each month, group and name counts. */
class Once {
  readonly #seen = new Set<string>();

  groups(what: string, groups: readonly string[]): string[] {
    return groups.filter((group) => {
      const key = `${what}|${group}`;
      if (this.#seen.has(key)) return false;
      this.#seen.add(key);
      return true;
    });
  }
}

/** All KPIs of the records. */
export function countRecords(figures: Figures, world: World, months: readonly Month[]): void {
  const lineOf = new Map(world.lines.map((line) => [line['line']!, line]));
  for (const month of months) {
    countTickets(figures, world, month, lineOf);
    countCallbacks(figures, world, month, lineOf);
    countWorks(figures, world, month, lineOf);
    countCustomers(figures, world, month);
  }
}

const sides = (line: Row): [string, string] => [
  line['product'] === 'International VPN' ? 'ivpn' : 'other',
  line['branch']!,
];

const raise = (counts: Map<string, number>, line: Row): void => {
  const [side, branch] = sides(line);
  for (const group of ['all|', `branch|${branch}`]) {
    counts.set(`${group}|${side}`, (counts.get(`${group}|${side}`) ?? 0) + 1);
  }
};

function countTickets(
  figures: Figures,
  world: World,
  month: Month,
  lineOf: ReadonlyMap<string, Row>,
): void {
  const circuits = new Map<string, number>();
  const complaints = new Map<string, number>();
  for (const line of world.lines) {
    const groups = groupsOf(line);
    figures.add('valid_report_rate', month, groups, 0, 1);
    figures.add('complaint_rate', month, groups, 0, 1);
    if (isKeyCrossArea(line)) figures.add('valid_report_rate_key', month, groups, 0, 1);
    raise(circuits, line);
  }
  const lastReport = new Map<string, number>();
  for (const ticket of world.tickets.toSorted(
    (a, b) => Date.parse(a['opened']!) - Date.parse(b['opened']!),
  )) {
    const opened = Date.parse(ticket['opened']!);
    const line = lineOf.get(ticket['line']!)!;
    const groups = groupsOf(line);
    const isReport = ticket['kind'] === 'report';
    const before = lastReport.get(ticket['line']!);
    if (isReport) lastReport.set(ticket['line']!, opened);
    if (!within(opened, month)) continue;
    if (!isReport) {
      figures.add('complaint_rate', month, groups, 1);
      raise(complaints, line);
      continue;
    }
    const repeats = before !== undefined && opened - before <= 30 * DAY;
    figures.add('repeat_report_rate', month, groups, repeats ? 1 : 0, 1);
    if (ticket['valid'] !== 'true') continue;
    figures.add('valid_report_rate', month, groups, 1);
    if (isKeyCrossArea(line)) figures.add('valid_report_rate_key', month, groups, 1);
  }
  for (const group of new Set([...circuits.keys()].map((key) => key.replace(/\|[a-z]+$/, '')))) {
    const of = (counts: Map<string, number>, side: string): number =>
      counts.get(`${group}|${side}`) ?? 0;
    figures.add(
      'complaint_ratio',
      month,
      [group],
      of(complaints, 'ivpn') * of(circuits, 'other'),
      of(complaints, 'other') * of(circuits, 'ivpn'),
    );
  }
}

function countCallbacks(
  figures: Figures,
  world: World,
  month: Month,
  lineOf: ReadonlyMap<string, Row>,
): void {
  const done = { activation: new Set<string>(), fault: new Set<string>() };
  for (const call of world.callbacks) {
    if (Date.parse(call['at']!) > world.lastMs) continue;
    if (call['kind'] === 'activation') done.activation.add(call['line']!);
    else done.fault.add(call['ticket']!);
  }
  for (const line of world.lines) {
    if (!within(timeOf(line['activated_at']), month)) continue;
    const called = done.activation.has(line['line']!) ? 1 : 0;
    figures.add('callbacks_activation', month, groupsOf(line), called, 1);
  }
  for (const ticket of world.tickets) {
    if (ticket['kind'] !== 'report' || !within(timeOf(ticket['closed']), month)) continue;
    const called = done.fault.has(ticket['ticket']!) ? 1 : 0;
    figures.add('callbacks_fault', month, groupsOf(lineOf.get(ticket['line']!)), called, 1);
  }
}

function countWorks(
  figures: Figures,
  world: World,
  month: Month,
  lineOf: ReadonlyMap<string, Row>,
): void {
  const members = new Map<string, string[]>();
  for (const { component, kind, line } of world.components) {
    const key = `${kind}|${component}`;
    const own = members.get(key);
    if (own) own.push(line!);
    else members.set(key, [line!]);
  }
  const linesOf = new Map<string, { work: Row; lines: Set<string> }>();
  for (const work of world.works) {
    if (work['status'] === 'cancelled') continue;
    const entry = linesOf.get(work['work']!) ?? { work, lines: new Set<string>() };
    linesOf.set(work['work']!, entry);
    for (const line of members.get(`${work['kind']}|${work['component']}`) ?? []) {
      entry.lines.add(line);
    }
  }
  const hits = { planned: new Map<string, number>(), actual: new Map<string, number>() };
  const once = new Once();
  for (const { work, lines } of linesOf.values()) {
    const start = Date.parse(work['start']!);
    const [from, until] = [start - 300_000, Date.parse(work['end']!) + 300_000];
    for (const name of lines) {
      if (!isInternational(lineOf.get(name)!)) continue;
      if (start >= month.from && start < month.to) {
        hits.planned.set(name, (hits.planned.get(name) ?? 0) + 1);
      }
      const hit = (world.interruptions.get(name) ?? []).some(
        (one) => one.start >= from && one.start < until && within(one.start, month),
      );
      if (hit) hits.actual.set(name, (hits.actual.get(name) ?? 0) + 1);
    }
    if (!within(start, month)) continue;
    const groups = [...(lines.size === 0 ? [undefined] : lines)].flatMap((name) =>
      groupsOf(name === undefined ? undefined : lineOf.get(name)),
    );
    const own = once.groups(work['work']!, groups);
    for (const who of ['department', 'customers'] as const) {
      const column = who === 'department' ? 'notified_department_at' : 'notified_customer_at';
      const at = timeOf(work[column]);
      const inTime = at !== null && start - at >= DAY;
      figures.add(`works_notified_${who}`, month, own, inTime ? 1 : 0, 1);
    }
  }
  for (const line of world.lines.filter(isInternational)) {
    for (const when of ['planned', 'actual'] as const) {
      const works = hits[when].get(line['line']!) ?? 0;
      figures.atLeast(`work_hits_${when}`, month, groupsOf(line), works);
      figures.add(`circuits_hit_twice_${when}`, month, groupsOf(line), works > 1 ? 1 : 0);
    }
  }
}

function countCustomers(figures: Figures, world: World, month: Month): void {
  const before = (text: string | undefined): boolean => {
    const ms = timeOf(text);
    return ms !== null && ms < month.end;
  };
  const once = new Once();
  for (const line of world.lines) {
    const groups = groupsOf(line);
    if (isKey(line)) {
      const complete = REQUIRED.every((field) => line[field] !== '');
      figures.add('records_complete', month, groups, complete ? 1 : 0, 1);
      for (const [kpi, column] of [
        ['customers_inspected', 'inspected_at'],
        ['customers_labelled', 'labelled_at'],
      ] as const) {
        figures.add(kpi, month, groups, 0);
        if (!before(line[column])) continue;
        figures.add(kpi, month, once.groups(`${kpi}|${line['customer']}`, groups), 1);
      }
    }
    if (line['important'] === 'true' || isInternational(line)) {
      figures.add('emergency_plans', month, groups, line['emergency_plan'] === '' ? 0 : 1, 1);
    }
  }
  for (const branch of world.branches) {
    const groups = ['all|', `branch|${branch['branch']}`];
    figures.add('norms_in_force', month, groups, before(branch['norms_since']) ? 1 : 0, 1);
  }
  for (const customer of world.customers) {
    if (customer['key'] !== 'true') continue;
    const groups = ['all|', `customer|${customer['customer']}`];
    figures.add('customers_enrolled', month, groups, before(customer['enrolled_at']) ? 1 : 0);
  }
  for (const row of world.satisfaction) {
    if (row['period'] !== month.name) continue;
    const samples = Number(row['samples']);
    const groups = ['all|', `branch|${row['branch']}`];
    figures.add('satisfaction', month, groups, Number(row['score']) * samples, samples);
  }
}
