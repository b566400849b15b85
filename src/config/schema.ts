// What flapline.yaml may hold, as a JSON Schema: checked at load, and printed by
// `flapline run --print-config-schema` for editors. Durations are words such as 10m.

import { Type, type Static } from 'typebox';
import { CausesSchema } from './causes-schema.js';
import { NotifySchema } from './notify-schema.js';
import { RulesSchema, Words } from './rules-schema.js';

const Path = (description: string) =>
  Type.String({ minLength: 1, description: `${description}; relative to this file` });

/** flapline.yaml. */
export const ConfigSchema = Type.Object(
  {
    data: Type.Optional(Path('folder of the store and its snapshots')),
    kafka: Type.Optional(Type.String({ minLength: 1, description: 'bootstrap brokers' })),
    topic: Type.Optional(Type.String({ minLength: 1, maxLength: 249 })),
    kafkaSet: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
        description: "librdkafka's settings by its own names",
      }),
    ),
    kafkaSetFile: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1 }), {
        description: 'the same, of each the file that holds its value: for secrets',
      }),
    ),
    cluster: Type.Optional(
      Type.String({ minLength: 1, description: 'name in progress and views' }),
    ),
    app: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: '^[a-zA-Z0-9._-]+$',
        description: 'scaled form: names its topics, group and transactions',
      }),
    ),
    findingsTopic: Type.Optional(
      Type.String({ minLength: 1, maxLength: 249, description: 'where findings are published' }),
    ),
    deadLetterTopic: Type.Optional(
      Type.String({ minLength: 1, maxLength: 249, description: 'where rejects are sent' }),
    ),
    host: Type.Optional(Type.String({ minLength: 1, description: 'address to listen on' })),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    viewerToken: Type.Optional(Type.String({ minLength: 1 })),
    viewerTokenFile: Type.Optional(Path('file that holds the token of viewers')),
    operatorToken: Type.Optional(Type.String({ minLength: 1 })),
    operatorTokenFile: Type.Optional(Path('file that holds the token of operators')),
    insecure: Type.Optional(
      Type.Boolean({ description: 'listen beyond loopback without any token' }),
    ),
    lines: Type.Optional(Path('lines.csv')),
    aliases: Type.Optional(Path('aliases.csv')),
    components: Type.Optional(Path('components.csv')),
    works: Type.Optional(Path('works.csv')),
    records: Type.Optional(Path('folder of record files, looked at while it runs')),
    targets: Type.Optional(Path('targets.yaml')),
    format: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'what messages look like: native, ves, 3gpp, napalm-logs, or a mapping file',
      }),
    ),
    notify: Type.Optional(NotifySchema),
    causes: Type.Optional(CausesSchema),
    rules: Type.Optional(RulesSchema),
    timeZone: Type.Optional(
      Type.String({ description: 'IANA name; days and months, and times without an offset' }),
    ),
    seed: Type.Optional(Type.Integer({ minimum: 0, description: 'of the simulated network' })),
    simLines: Type.Optional(Type.Integer({ minimum: 1, description: 'of the simulated network' })),
    historyDays: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 366, description: 'of the simulated network' }),
    ),
    startTimeout: Type.Optional(Words('how long to wait for a broker at start')),
    idle: Type.Optional(Words('a partition read to its end is read at the wall clock less this')),
    backupHour: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0, maximum: 23 }), Type.Literal('off')], {
        description: "of the local day, when the store's backup is written",
      }),
    ),
    backupKeep: Type.Optional(Type.Integer({ minimum: 1, description: 'backups that are kept' })),
    shelveMax: Type.Optional(Words('for how long a line is shelved at most')),
    storeMemory: Type.Optional(
      Type.String({ description: "the store's memory, cache included, such as 512MB or 2GB" }),
    ),
    storeThreads: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: "the store's threads: the cores but one, two at most",
      }),
    ),
    commitEvery: Type.Optional(Words('time between two commits')),
    snapshotEvery: Type.Optional(Words('longest time between two snapshots of a partition')),
    linesMax: Type.Optional(Type.Integer({ minimum: 1, description: 'lines of a partition' })),
    keyBytesMax: Type.Optional(Type.Integer({ minimum: 1_024, description: 'of their names' })),
    namesMax: Type.Optional(Type.Integer({ minimum: 2, description: 'of alarms, of causes' })),
    alarmsMax: Type.Optional(Type.Integer({ minimum: 1, description: 'active in a partition' })),
    alarmsPerLineMax: Type.Optional(Type.Integer({ minimum: 1, description: 'active on a line' })),
    objectBytesMax: Type.Optional(
      Type.Integer({ minimum: 4_096, description: 'of one object in a file, or one record' }),
    ),
    quiet: Type.Optional(Type.Boolean({ description: 'no progress' })),
    url: Type.Optional(Type.String({ minLength: 1, description: 'of a service, for lists' })),
  },
  { additionalProperties: false, title: 'flapline.yaml' },
);

/** flapline.yaml as it was checked. */
export type ConfigFile = Static<typeof ConfigSchema>;
