// The key `notify` of flapline.yaml: who is told of the faults and flapping of enrolled customers' lines.

import { Type } from 'typebox';

const File = (description: string) =>
  Type.String({ minLength: 1, description: `${description}; relative to this file` });

const Webhook = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64, pattern: '^[\\w.-]+$' }),
    url: Type.String({ pattern: '^https?://', description: 'where notices are posted' }),
    form: Type.Optional(Type.Union([Type.Literal('cloudevents'), Type.Literal('alertmanager')])),
    secretFile: Type.Optional(File('file with the secret that signs (Standard Webhooks)')),
  },
  { additionalProperties: false },
);

const Mail = Type.Object(
  {
    host: Type.String({ minLength: 1 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    secure: Type.Optional(Type.Boolean({ description: 'TLS from the start (else STARTTLS)' })),
    user: Type.Optional(Type.String({ minLength: 1 })),
    passwordFile: Type.Optional(File("file with the user's password")),
    from: Type.String({ minLength: 3 }),
    to: Type.Array(Type.String({ minLength: 3 }), { minItems: 1, maxItems: 50 }),
  },
  { additionalProperties: false },
);

/** The key. */
export const NotifySchema = Type.Object(
  {
    digestEvery: Type.Optional(Type.String({ description: 'between two notices of one fault' })),
    webhooks: Type.Optional(Type.Array(Webhook, { maxItems: 20 })),
    mail: Type.Optional(Mail),
  },
  { additionalProperties: false, description: 'notices to enrolled customers' },
);
