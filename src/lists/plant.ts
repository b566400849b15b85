// Bad plant of a period: components whose lines are worse than the network's without acting together,
// the likeliest first, with what says so and how often such a saying is wrong.

import { readPlant } from '../store/plant.js';
import { GROUP_CONDITION, groupParameters } from '../store/queries.js';
import { column } from './column.js';
import type { List } from './list.js';

/** A row of plant as it goes through the statement. */
const SHAPE = JSON.stringify([
  {
    place: 'INTEGER',
    kind: 'VARCHAR',
    components: 'VARCHAR',
    lines: 'VARCHAR[]',
    bad: 'BOOLEAN',
    interruptions: 'BIGINT',
    in_bursts: 'BIGINT',
    counted: 'DOUBLE',
    expected: 'DOUBLE',
    score: 'DOUBLE',
    p: 'DOUBLE',
    q: 'DOUBLE',
    next: 'VARCHAR',
    next_by: 'DOUBLE',
  },
]);

const COLUMNS = [
  column('place', 'count', 'Place', '名次', 'from 1, the worst first'),
  column('kind', 'text', 'Kind', '类型', 'kind of the component'),
  column('components', 'text', 'Component', '部件', 'what cannot be told apart, the best first'),
  column('bad', 'flag', 'Bad', '劣化', 'called bad at a false-discovery rate of 5 %'),
  column(
    'false_percent',
    'percent',
    'False',
    '误判率',
    'of all called bad up to here, the share that is expected to be chance',
  ),
  column('lines', 'count', 'Lines', '线路数', 'lines on it that none before it explains'),
  column('interruptions', 'count', 'Interruptions', '中断次数', 'of these, unplanned, in no burst'),
  column(
    'counted',
    'number',
    'Counted',
    '计入',
    'of these what counts: each line cut at the 95th percentile of all, by soft membership',
  ),
  column('expected', 'number', 'Expected', '预期', "what the network's mean would give"),
  column('score', 'number', 'Score', '得分', 'log-likelihood ratio against one rate for all, nats'),
  column('p', 'value', 'p', 'p值', 'share of permutations of the counts that give as many'),
  column('next', 'text', 'Next best', '次选', 'what else explains most of its lines'),
  column('next_by', 'number', 'By', '差距', 'how far its score is above that, nats'),
  column(
    'in_bursts',
    'count',
    'In bursts',
    '突发中断',
    'of its lines together, by the causes list',
  ),
  column('customers', 'count', 'Customers', '客户数', 'customers of its lines, from the records'),
  column('key_customers', 'count', 'Key customers', '大客户数', 'of them key customers'),
] as const;

/** The list. */
export const PLANT: List = {
  name: 'plant',
  row: 'one a component whose lines were interrupted more than the network, at most 100, the worst first',
  by: ['line'],
  columns: () => COLUMNS,
  statement: async ({ read, period, filter, limit }, connection) => {
    const found = await readPlant(connection, read, period);
    const rows = found.map((plant, i) => ({
      place: i + 1,
      kind: plant.components[0]!.kind,
      components: plant.components.map(({ kind, name }) => `${kind} ${name}`).join('; '),
      lines: plant.lines,
      bad: plant.isBad,
      interruptions: plant.interruptions,
      in_bursts: plant.inBursts,
      counted: plant.counted,
      expected: plant.expected,
      score: plant.score,
      p: plant.p,
      q: plant.q,
      next: plant.next && `${plant.next.kind} ${plant.next.name}`,
      next_by: plant.nextBy,
    }));
    return {
      text: `with plant as (select unnest(from_json($rows::json, '${SHAPE}'), max_depth := 2)),
        hit as (select p.place, count(distinct r.customer) as customers,
            count(distinct r.customer) filter (r.key_customer) as key_customers,
            count(*) filter (${GROUP_CONDITION}) as of_group
          from (select place, unnest(lines) as line from plant) p
          left join line_record r on r.line = p.line group by p.place)
        select p.place, p.kind, p.components, p.bad, 100 * p.q as false_percent,
          len(p.lines) as lines, p.interruptions, p.counted, p.expected, p.score, p.p,
          p.next, p.next_by, p.in_bursts, h.customers, h.key_customers, count(*) over () as total
        from plant p join hit h on h.place = p.place
        where h.of_group > 0 order by p.place limit $limit`,
      parameters: { ...groupParameters(filter), rows: JSON.stringify(rows), limit },
    };
  },
};
