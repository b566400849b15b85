// What a file of rules, or the part `rules` of flapline.yaml, may hold, as a JSON Schema for the check
// at load and for editors. Durations are words such as 10m; what has a pattern is read, and
// complained about, by the reader of its words.

import { Type, type Static } from 'typebox';
import { PENALTY_PRESETS, WEIGHTED_PRESETS } from './presets.js';

const DURATION = '\\d+(\\.\\d+)? *(ms|s|m|h|d)';

/** A duration in words. */
export const Words = (description: string) =>
  Type.String({ pattern: `^${DURATION}$`, description, examples: ['10m'] });

const WordsOrOff = (description: string) =>
  Type.String({
    pattern: `^(off|${DURATION})$`,
    description: `${description}; or off`,
    examples: ['10m', 'off'],
  });

const Names = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { description });

const PresetName = (presets: object, description: string) =>
  Type.Enum(Object.keys(presets), { description });

/** What lines without a class have, and what a class may have of its own. */
const LINE_RULES = {
  flap: Type.Optional(
    Type.Array(Type.String({ pattern: '^ *\\d+ +in +\\S+ *$', examples: ['4 in 10m'] }), {
      description: 'rules such as "4 in 10m", tried in this order; none: nothing flaps',
    }),
  ),
  quiet: Type.Optional(Words('an episode ends after this time without a transition')),
  outage: Type.Optional(Words('an interruption of at least this length is an outage')),
  repeat: Type.Optional(Words('an outage this soon after the previous one is a repeat fault')),
  mergeGap: Type.Optional(WordsOrOff('interruptions with a gap of at most this are joined')),
  staleAfter: Type.Optional(WordsOrOff('an alarm raised longer ago than this reads as unknown')),
  sourceProfile: Type.Optional(
    Type.Object(
      {
        raiseDelay: Type.Optional(Words('the equipment raises an alarm so long after the fault')),
        clearDelay: Type.Optional(Words('and clears it so long after the repair')),
      },
      {
        additionalProperties: false,
        description: 'durations are corrected by clear delay - raise delay',
      },
    ),
  ),
};

const DETECTOR = {
  name: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]{1,32}$',
      description: 'unique; without it the preset, or the kind',
    }),
  ),
  shadow: Type.Optional(Type.Boolean({ description: 'counted and compared, raises nothing' })),
  classes: Type.Optional(Names('classes of lines it applies to; none: all lines')),
};

const Count = (description: string) => Type.Number({ minimum: 0, description });
const Percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });

const WindowDetector = Type.Object(
  { kind: Type.Literal('window'), ...DETECTOR, flap: LINE_RULES.flap, quiet: LINE_RULES.quiet },
  { additionalProperties: false, description: 'the primary detector has no place here' },
);

const PenaltyDetector = Type.Object(
  {
    kind: Type.Literal('penalty'),
    ...DETECTOR,
    preset: Type.Optional(PresetName(PENALTY_PRESETS, 'what is not said comes from here')),
    halfLifeUp: Type.Optional(Words('half-life while the line is up')),
    halfLifeDown: Type.Optional(Words('half-life while the line is down')),
    penaltyDown: Type.Optional(Count('added at the start of an interruption')),
    penaltyUp: Type.Optional(Count('added at its end')),
    suppress: Type.Optional(Count('an episode starts at this penalty')),
    reuse: Type.Optional(Count('and ends below this one')),
    maxSuppress: Type.Optional(Words('sets the ceiling: reuse * 2^(maxSuppress / half-life)')),
  },
  { additionalProperties: false },
);

const WeightedDetector = Type.Object(
  {
    kind: Type.Literal('weighted'),
    ...DETECTOR,
    preset: Type.Optional(PresetName(WEIGHTED_PRESETS, 'the form, and its thresholds')),
    high: Type.Optional(Percent('an episode starts here')),
    low: Type.Optional(Percent('and ends here')),
    quiet: LINE_RULES.quiet,
  },
  { additionalProperties: false },
);

const TransientDetector = Type.Object(
  {
    kind: Type.Literal('transient'),
    ...DETECTOR,
    window: Type.Optional(Words('cut in 32 slices')),
    count: Type.Optional(
      Type.Integer({ minimum: 1, description: 'fires at so many interruptions' }),
    ),
    duration: Type.Optional(Words('and at so long a sum of their durations')),
  },
  { additionalProperties: false },
);

const Cell = Type.Union([Type.String(), Type.Boolean(), Type.Number()]);

const ClassOfLines = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9-]{1,32}$' }),
    match: Type.Record(Type.String(), Type.Union([...Cell.anyOf, Type.Array(Cell)]), {
      description: 'columns of lines.csv and the value, or one of the values, each must have',
    }),
    ...LINE_RULES,
  },
  { additionalProperties: false, description: 'what it does not say is as for other lines' },
);

/** The rules (SPEC section 2). */
export const RulesSchema = Type.Object(
  {
    ...LINE_RULES,
    detectors: Type.Optional(
      Type.Array(
        Type.Union([WindowDetector, PenaltyDetector, WeightedDetector, TransientDetector]),
        { description: 'beside the primary window detector; each has episodes of its own' },
      ),
    ),
    classes: Type.Optional(
      Type.Array(ClassOfLines, { description: 'the first that matches a line is its class' }),
    ),
    chatter: Type.Optional(Type.Boolean({ description: 'chattering is counted for every alarm' })),
    maxSkew: Type.Optional(
      WordsOrOff("an event further ahead of its record's timestamp is rejected"),
    ),
    sourceSilence: Type.Optional(
      WordsOrOff('a partition without a record for longer than this is unknown until the next one'),
    ),
    ignore: Type.Optional(
      Type.Object(
        {
          alarms: Type.Optional(Names('alarms by identity')),
          causes: Type.Optional(Names('alarms by cause')),
          severities: Type.Optional(Names('alarms by severity')),
        },
        { additionalProperties: false, description: 'what is no event' },
      ),
    ),
  },
  { additionalProperties: false },
);

/** A file of rules as it was checked. */
export type RulesFile = Static<typeof RulesSchema>;
