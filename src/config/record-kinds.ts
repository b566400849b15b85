// The operator's records (SPEC section 4): of each kind its file, its table and its columns. Readers,
// documented views and API follow from this table. A row holds over [valid_from, valid_to).

/** What a cell holds: text, true or false, a whole number, a number, or a time (stored as epoch ms). */
export type RecordType = 'text' | 'flag' | 'whole' | 'number' | 'time';

/** A column of a record file. */
export interface RecordColumn {
  /** Name in a file's header. */
  readonly column: string;
  /** Name in the store and in the views: times end in _ms. */
  readonly stored: string;
  readonly type: RecordType;
  /** A row without it is bad. */
  readonly needed: boolean;
  /** What it holds, for people. */
  readonly what: string;
}

/** A kind of record. */
export interface RecordKind {
  /** Its file is this and `.csv`. */
  readonly kind: RecordKindName;
  readonly table: string;
  /** The documented view of the rows in force; that of all rows ends in _history. */
  readonly view: string;
  readonly row: string;
  readonly columns: readonly RecordColumn[];
  /** Stored names of what tells rows apart; the other columns can change. */
  readonly key: readonly string[];
  /** Stored names, of the key: a file that names a group holds all its rows; the others have ended. */
  readonly group: readonly string[];
  /** A file holds all rows of the kind unless it is said otherwise: those it lacks have ended. */
  readonly isWhole: boolean;
}

const STORED_TYPES = {
  text: 'varchar',
  flag: 'boolean',
  whole: 'bigint',
  number: 'double',
  time: 'bigint',
} as const;

/** The type of a column in the store. */
export function storedType({ type }: RecordColumn): (typeof STORED_TYPES)[RecordType] {
  return STORED_TYPES[type];
}

function column(name: string, type: RecordType, what: string): RecordColumn {
  const stem = name.replace(/_at$/, '');
  return {
    column: name,
    stored: type === 'time' ? `${stem}_ms` : name,
    type,
    needed: false,
    what,
  };
}

function needed(name: string, type: RecordType, what: string): RecordColumn {
  return { ...column(name, type, what), needed: true };
}

const LINE = needed('line', 'text', 'name of the line');

type Told = Omit<RecordKind, 'kind' | 'group'> & Partial<Pick<RecordKind, 'group'>>;

/** A row without a group of its own is one. */
const KINDS = {
  lines: {
    table: 'line_row',
    view: 'line_records',
    row: 'one a line of the records',
    key: ['line'],
    isWhole: true,
    columns: [
      LINE,
      column('customer', 'text', 'its customer'),
      column('key_customer', 'flag', 'the customer is a key customer'),
      column('product', 'text', 'product, such as DDN'),
      column('branch', 'text', 'branch that looks after it'),
      column('a_end', 'text', 'address of the near end'),
      column('z_end', 'text', 'address of the far end'),
      column('a_branch', 'text', 'branch of the near end'),
      column('z_branch', 'text', 'branch of the far end, null abroad'),
      column('circuit_type', 'text', 'type of the circuit'),
      column('bandwidth_kbps', 'whole', 'bandwidth in kbit/s'),
      column('international', 'flag', 'an international circuit'),
      column('important', 'flag', 'an important circuit'),
      column('contact', 'text', "the customer's contact"),
      column('emergency_plan', 'text', 'number of its emergency plan, null without one'),
      column('inspected_at', 'time', "when the customer's premises were last inspected"),
      column('labelled_at', 'time', "when the customer's premises were labelled"),
      column('activated_at', 'time', 'when it was activated'),
    ],
  },
  aliases: {
    table: 'alias_row',
    view: 'aliases',
    row: 'one an alarmed key and line that it carries',
    key: ['key', 'line'],
    group: ['key'],
    isWhole: true,
    columns: [needed('key', 'text', 'the alarmed key'), LINE],
  },
  components: {
    table: 'component_row',
    view: 'components',
    row: 'one a line and component that it lies on',
    key: ['line', 'kind', 'component'],
    group: ['line', 'kind'],
    isWhole: true,
    columns: [
      LINE,
      needed('kind', 'text', 'kind of the component: port, card, cable, trunk, node, power, area'),
      needed('component', 'text', 'name of the component'),
    ],
  },
  works: {
    table: 'work_row',
    view: 'work_components',
    row: 'one a planned work and component, or line, that it touches',
    key: ['work', 'kind', 'component'],
    group: ['work'],
    isWhole: false,
    columns: [
      needed('work', 'text', 'name of the work'),
      needed('start', 'time', 'start of the work'),
      needed('end', 'time', 'end of the work'),
      column('status', 'text', 'planned, running, done or cancelled'),
      column('notified_department_at', 'time', 'when the key-account department was notified'),
      column('notified_customer_at', 'time', 'when the customers were notified'),
      needed('kind', 'text', 'kind of the component; line: the component is a line'),
      needed('component', 'text', 'name of the component'),
    ],
  },
  tickets: {
    table: 'ticket_row',
    view: 'tickets',
    row: 'one a fault report or complaint',
    key: ['ticket'],
    isWhole: false,
    columns: [
      needed('ticket', 'text', 'number of the ticket'),
      needed('kind', 'text', 'report or complaint'),
      LINE,
      needed('opened', 'time', 'when it was opened'),
      column('closed', 'time', 'when it was closed, null while open'),
      column('valid', 'flag', 'not customer-caused, no duplicate, and a fault was found'),
      column('cause', 'text', 'cause that was found'),
    ],
  },
  callbacks: {
    table: 'callback_row',
    view: 'callbacks',
    row: 'one a call-back to a customer',
    key: ['line', 'ticket', 'kind', 'at_ms'],
    isWhole: false,
    columns: [
      column('line', 'text', 'name of the line, null where only the ticket is named'),
      column('ticket', 'text', 'number of the ticket, null of an activation'),
      needed('kind', 'text', 'activation or fault'),
      needed('at', 'time', 'when the customer was called'),
      column('satisfied', 'flag', 'the customer is satisfied'),
      column('reason', 'text', 'reason for dissatisfaction'),
    ],
  },
  satisfaction: {
    table: 'satisfaction_row',
    view: 'satisfaction',
    row: 'one a branch and period',
    key: ['branch', 'period'],
    isWhole: false,
    columns: [
      needed('branch', 'text', 'name of the branch'),
      needed('period', 'text', 'period, such as 2006-11'),
      needed('score', 'number', 'satisfaction, 0 to 100'),
      column('samples', 'whole', 'answers it rests on'),
    ],
  },
  customers: {
    table: 'customer_row',
    view: 'customers',
    row: 'one a customer',
    key: ['customer'],
    isWhole: true,
    columns: [
      needed('customer', 'text', 'name of the customer'),
      column('key', 'flag', 'a key customer'),
      column('enrolled_at', 'time', 'since when it is enrolled for proactive notification'),
      column('contact', 'text', 'contact'),
    ],
  },
  branches: {
    table: 'branch_row',
    view: 'branches',
    row: 'one a branch',
    key: ['branch'],
    isWhole: true,
    columns: [
      needed('branch', 'text', 'name of the branch'),
      column('norms_since', 'time', 'since when the premises service norms are in force'),
    ],
  },
} as const satisfies Record<string, Told>;

/** The name of a kind of record. */
export type RecordKindName = keyof typeof KINDS;

/** All kinds by name. */
export const RECORD_KINDS = Object.fromEntries(
  Object.entries<Told>(KINDS).map(([kind, told]) => [kind, { group: told.key, ...told, kind }]),
) as Readonly<Record<RecordKindName, RecordKind>>;

/** The columns of lines.csv that a class of lines can be told by: all but times. */
export const CLASS_COLUMNS: readonly string[] = RECORD_KINDS.lines.columns
  .filter(({ type }) => type !== 'time')
  .map((one) => one.column);

/** The names of all kinds, in the order in which they are best loaded. */
export const RECORD_KIND_NAMES = Object.keys(RECORD_KINDS) as readonly RecordKindName[];
