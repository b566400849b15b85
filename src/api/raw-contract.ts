// The shape of a record that is read back from the log.

import { Type, type Static } from 'typebox';

const TextOrNull = Type.Union([Type.String(), Type.Null()]);

export const RawAlarm = Type.Object({
  line: Type.String(),
  topic: Type.String(),
  partition: Type.Integer(),
  offset: Type.Integer(),
  state: Type.Union([Type.Literal('kept'), Type.Literal('gone'), Type.Literal('other')], {
    description:
      'gone: Kafka keeps it no longer; other: the topic was made again, another record stands there',
  }),
  record: Type.Union([
    Type.Object({
      timestamp: Type.Union([Type.Integer(), Type.Null()]),
      key: TextOrNull,
      value: TextOrNull,
      bytes: Type.Integer({ description: 'of the value' }),
      cut: Type.Boolean({ description: 'only its first 65,536 bytes are told' }),
    }),
    Type.Null(),
  ]),
});

export type RawAlarm = Static<typeof RawAlarm>;
