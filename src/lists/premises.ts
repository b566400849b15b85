// Lists of key customers' lines for the people who go out and who keep the records: premises to inspect
// (巡检) or to label (挂牌), the worst lines' customer ends first, and what the records lack.

import { REQUIRED } from '../records/required.js';
import { START_FACTS } from '../store/facts.js';
import { GROUP_CONDITION, groupParameters } from '../store/queries.js';
import { BRANCH, CUSTOMER, INTERRUPTIONS, LINE, PRODUCT, column } from './column.js';
import type { List } from './list.js';

/** An inspection counts for so long. */
const INSPECTED_FOR_MS = 365 * 86_400_000;

const CONTACT = column('contact', 'text', 'Contact', '联系人', "the customer's contact");
const A_END = column('a_end', 'text', 'A end', 'A端', 'address of the near end');
const Z_END = column('z_end', 'text', 'Z end', 'Z端', 'address of the far end');

/** Premises of key customers that need a visit. */
export const INSPECT: List = {
  name: 'inspect',
  row:
    'one a line of a key customer whose premises were not inspected within a year before the end of ' +
    'the period, or are not labelled',
  by: ['line'],
  columns: () => [
    LINE,
    CUSTOMER,
    BRANCH,
    PRODUCT,
    A_END,
    Z_END,
    CONTACT,
    column('needs', 'text', 'Needs', '待办', 'inspection, label, or both'),
    column('inspected', 'time', 'Inspected', '巡检时间', 'when last inspected, null if never'),
    column('labelled', 'time', 'Labelled', '挂牌时间', 'when labelled, null if never'),
    INTERRUPTIONS,
    column(
      'customer_interruptions',
      'count',
      "Customer's",
      '客户中断',
      'of all lines of the customer',
    ),
  ],
  statement: ({ period: { fromMs, toMs }, filter, limit }) => ({
    text: `with counted as (
        select l.line, count(*) as interruptions
        from (${START_FACTS}) f join line l on l.line_id = f.line_id
        where f.start_ms >= $from and f.start_ms < $to group by l.line),
      key_line as (
        select r.*, coalesce(c.interruptions, 0) as interruptions,
          sum(coalesce(c.interruptions, 0)) over (partition by r.customer)::bigint as of_customer,
          coalesce(r.inspected_ms < $to - ${INSPECTED_FOR_MS}, true) as to_inspect,
          coalesce(r.labelled_ms >= $to, true) as to_label
        from line_record r left join counted c on c.line = r.line where r.key_customer)
      select r.line, r.customer, r.branch, r.product, r.a_end, r.z_end, r.contact,
        concat_ws(', ', if(r.to_inspect, 'inspection', null), if(r.to_label, 'label', null)) as needs,
        r.inspected_ms as inspected, r.labelled_ms as labelled, r.interruptions,
        r.of_customer as customer_interruptions, count(*) over () as total
      from key_line r where (r.to_inspect or r.to_label) and ${GROUP_CONDITION}
      order by r.interruptions desc, r.of_customer desc, r.customer, r.line limit $limit`,
    parameters: { ...groupParameters(filter), from: fromMs, to: toMs, limit },
  }),
};

const MISSING = REQUIRED.map(
  (field) => `if(coalesce(r.${field}::varchar, '') = '', '${field}', null)`,
);

/** Key circuits whose records lack something, by customer. */
export const RECORD_GAPS: List = {
  name: 'record-gaps',
  row: 'one a circuit of a key customer whose record lacks a required field, by customer',
  by: ['line'],
  columns: () => [
    CUSTOMER,
    LINE,
    BRANCH,
    PRODUCT,
    column('missing', 'text', 'Missing', '缺少', 'names of the fields of lines.csv that are empty'),
    column('gaps', 'count', 'Gaps', '缺项', 'how many these are'),
    column('customer_gaps', 'count', "Customer's", '客户缺项', 'of all circuits of the customer'),
  ],
  statement: ({ filter, limit }) => ({
    text: `with gaps as (
        select r.customer, r.line, r.branch, r.product, list_filter([${MISSING.join(', ')},
            if((r.important or r.international) and coalesce(r.emergency_plan, '') = '',
              'emergency_plan', null)], x -> x is not null) as missing
        from line_record r where r.key_customer),
      counted as (select *, len(missing) as n,
          sum(len(missing)) over (partition by customer)::bigint as of_customer from gaps)
      select r.customer, r.line, r.branch, r.product, array_to_string(r.missing, ', ') as missing,
        r.n as gaps, r.of_customer as customer_gaps, count(*) over () as total
      from counted r where r.n > 0 and ${GROUP_CONDITION}
      order by r.of_customer desc, r.customer, r.line limit $limit`,
    parameters: { ...groupParameters(filter), limit },
  }),
};
