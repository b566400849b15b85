// What is told to whom, as a service is given it, and the channels that follow.

import { type MailOptions, mailChannel } from './mail.js';
import { type Channel, type WebhookOptions, webhookChannel } from './webhook.js';

/** Durations in ms. */
export interface NotifyOptions {
  /** Between two notices of one fault or episode, but for its end. */
  readonly digestEveryMs: number;
  readonly webhooks: readonly WebhookOptions[];
  /** null = no mail. */
  readonly mail: MailOptions | null;
}

/** The channels of the options. */
export function channelsOf({ webhooks, mail }: NotifyOptions): Channel[] {
  return [...webhooks.map(webhookChannel), ...(mail === null ? [] : [mailChannel(mail)])];
}
