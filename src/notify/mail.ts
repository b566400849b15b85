// A channel that mails notices through an SMTP server (nodemailer): one mail a batch, with an identity
// that stays the same when it is sent again. Names are text of the body; line breaks never reach a head.

import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { sentenceOf } from './notice.js';
import type { Channel } from './webhook.js';

const TIMEOUT_MS = 10_000;

/** A mailbox to write to. */
export interface MailOptions {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly user: string | null;
  readonly password: string | null;
  readonly from: string;
  readonly to: readonly string[];
}

/** The channel `mail`. `send` throws when the server does not take the mail. */
export function mailChannel(options: MailOptions): Channel {
  const { host, port, secure, user, password, from, to } = options;
  const transport = createTransport({
    host,
    port,
    secure,
    ...(user !== null && { auth: { user, pass: password ?? '' } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    name: 'mail',
    close: () => transport.close(),
    async send(notices) {
      const ids = notices.map(({ id }) => id).join('\n');
      const digest = createHash('sha256').update(ids).digest('hex').slice(0, 32);
      const [first, ...more] = notices.map(sentenceOf);
      const subject = more.length === 0 ? first! : `${first} and ${more.length} more`;
      const sent = await transport.sendMail({
        from,
        to: [...to],
        messageId: `<${digest}@flapline>`,
        subject: subject.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200),
        text: `${[first, ...more].join('\n')}\n\n${ids}\n`,
      });
      return String(sent.response).slice(0, 200);
    },
  };
}
