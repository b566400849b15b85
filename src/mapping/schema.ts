// What a mapping file may hold, as a JSON Schema: where alarms stand in a message, and how a line,
// an alarm, a state and a time are read of each. Paths and templates are read by path.ts,
// template.ts.

import { Type, type Static } from 'typebox';

const Scalar = Type.Union([Type.String(), Type.Integer(), Type.Boolean()], {
  expects: 'a text, a whole number, true or false (quote anything else)',
});
const Values = Type.Union([Type.String(), Type.Integer(), Type.Boolean(), Type.Array(Scalar)], {
  expects: 'one value or a list of values',
});
const Template = (expects: string) => Type.String({ minLength: 1, expects });

/** What a state test may say of a value. */
export const OUTCOMES = ['down', 'up', 'skip', 'reject', 'next'] as const;
const Outcome = Type.Union(
  OUTCOMES.map((word) => Type.Literal(word)),
  { expects: `one of ${OUTCOMES.join(', ')}` },
);

/** Units of a time. */
export const UNITS = ['auto', 's', 'ms', 'us', 'ns'] as const;
const Unit = Type.Union(
  UNITS.map((word) => Type.Literal(word)),
  { expects: `one of ${UNITS.join(', ')}` },
);

const Condition = Type.Union(
  [
    Type.String(),
    Type.Integer(),
    Type.Boolean(),
    Type.Array(Scalar, { minItems: 1 }),
    Type.Object(
      { not: Type.Optional(Values), present: Type.Optional(Type.Boolean()) },
      { additionalProperties: false },
    ),
  ],
  { expects: 'a value, a list of values, {not: value or list}, or {present: true or false}' },
);

const StateTest = Type.Object(
  {
    down: Type.Optional(Values),
    up: Type.Optional(Values),
    skip: Type.Optional(Values),
    reject: Type.Optional(Values),
    otherwise: Type.Optional(Outcome),
    ifNull: Type.Optional(Outcome),
    ifAbsent: Type.Optional(Outcome),
  },
  {
    additionalProperties: false,
    expects: 'values by outcome; `otherwise`, `ifNull`, `ifAbsent`: an outcome',
  },
);

const Variant = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'for people' })),
    when: Type.Optional(
      Type.Record(Type.String(), Condition, { expects: 'path: condition; all must hold' }),
    ),
    line: Template('the line; {path} takes a value, [/{path}] adds it if it is there'),
    alarm: Type.Optional(Template('the identity of the alarm: equal in its raise and its clear')),
    cause: Type.Optional(Template('the cause')),
    severity: Type.Optional(Template('the severity, for rules that ignore some')),
    state: Type.Union(
      [
        Type.Literal('down'),
        Type.Literal('up'),
        Type.Record(Type.String(), StateTest, { minProperties: 1 }),
      ],
      { expects: 'down, up, or path: {down: values, up: values, ...}, tried in this order' },
    ),
    time: Type.Union([Type.String(), Type.Record(Type.String(), Unit, { minProperties: 1 })], {
      expects: 'a path, or path: unit; the first that is there',
    }),
  },
  { additionalProperties: false },
);

/** A mapping file. */
export const MappingSchema = Type.Object(
  {
    records: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        expects: 'where alarms stand: event, eventList[], ports.*, $ (the object itself)',
      }),
    ),
    variants: Type.Array(Variant, {
      minItems: 1,
      expects: 'the first whose `when` holds reads the record; none: it is no alarm',
    }),
  },
  { additionalProperties: false, title: 'a mapping of flapline' },
);

/** A mapping file as it was checked. */
export type MappingFile = Static<typeof MappingSchema>;
/** One way to read a record. */
export type VariantFile = Static<typeof Variant>;
/** What a state test says. */
export type OutcomeWord = (typeof OUTCOMES)[number];
/** A unit of time. */
export type UnitWord = (typeof UNITS)[number];
/** A value of a file, or several. */
export type ValuesFile = Static<typeof Values>;
/** A condition of `when`. */
export type ConditionFile = Static<typeof Condition>;
/** A test of `state`. */
export type StateTestFile = Static<typeof StateTest>;
