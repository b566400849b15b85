// The API's shape of the rules.

import { Type, type Static } from 'typebox';

const Words = Type.Record(Type.String(), Type.Unknown(), {
  description: 'the part `rules` of flapline.yaml, complete',
});

export const RulesNow = Type.Object({
  version: Type.Integer({ description: 'of the rules in force; 0 = none was written: defaults' }),
  words: Words,
  versions: Type.Array(
    Type.Object({
      version: Type.Integer(),
      cluster: Type.String(),
      topic: Type.String(),
      partition: Type.Integer(),
      log: Type.Integer(),
      position: Type.Integer({ description: 'they hold from this offset on' }),
      words: Words,
    }),
    { description: 'by partition, the newest first' },
  ),
  resets: Type.Array(
    Type.Object({
      line: Type.String(),
      by: Type.String(),
      why: Type.String(),
      requested: Type.Integer({ description: 'epoch milliseconds' }),
    }),
    { description: 'the newest' },
  ),
});

export type RulesNow = Static<typeof RulesNow>;
