// A channel that posts notices: CloudEvents 1.0 in batches, or the webhook of Alertmanager (version 4).
// Signed as Standard Webhooks have it when there is a secret. Redirects are not followed: notices go to
// the address of the configuration and nowhere else.

import { createHmac, createHash } from 'node:crypto';
import { type Notice, sentenceOf } from './notice.js';

const TIMEOUT_MS = 10_000;
const PROOF_CHARACTERS_MAX = 200;

/** How a batch of one customer's notices is sent; resolves with the receiver's proof. */
export interface Channel {
  readonly name: string;
  send(notices: readonly Notice[]): Promise<string>;
  close(): void;
}

/** A webhook. Durations in ms. */
export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  readonly form: 'cloudevents' | 'alertmanager';
  readonly secret: string | null;
}

/** The channel of a webhook. `send` throws when it is not acknowledged by a status 2xx. */
export function webhookChannel({ name, url, form, secret }: WebhookOptions): Channel {
  return {
    name,
    close: () => undefined,
    async send(notices) {
      const body = JSON.stringify(form === 'cloudevents' ? cloudEvents(notices) : alerts(notices));
      const type =
        form === 'cloudevents' ? 'application/cloudevents-batch+json' : 'application/json';
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': type, ...signature(notices, body, secret) },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`status ${response.status}`);
      return `status ${response.status}, ${response.headers.get('date') ?? 'no date'}`.slice(
        0,
        PROOF_CHARACTERS_MAX,
      );
    },
  };
}

/** The same batch has the same identity however often it is sent. */
function batchId(notices: readonly Notice[]): string {
  return createHash('sha256')
    .update(notices.map(({ id }) => id).join('\n'))
    .digest('hex');
}

function signature(
  notices: readonly Notice[],
  body: string,
  secret: string | null,
): Record<string, string> {
  const id = batchId(notices);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const head = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === null) return head;
  const hmac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...head, 'webhook-signature': `v1,${hmac}` };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function cloudEvents(notices: readonly Notice[]): object[] {
  return notices.map((notice) => ({
    specversion: '1.0',
    id: notice.id,
    source: '/flapline',
    type: `flapline.${notice.kind}.${notice.step.replace(/-.*/, '')}`,
    subject: notice.line,
    time: time(notice.step === 'end' ? (notice.endMs ?? notice.detectedMs) : notice.detectedMs),
    datacontenttype: 'application/json',
    data: { ...notice, text: sentenceOf(notice) },
  }));
}

const ALERT_NAMES = {
  fault: 'LineFault',
  flap: 'LineFlapping',
  reopened: 'TicketReopened',
} as const;

function alerts(notices: readonly Notice[]): object {
  const { customer } = notices[0]!;
  const made = notices.map((notice) => ({
    status: notice.step === 'end' ? 'resolved' : 'firing',
    labels: {
      alertname: ALERT_NAMES[notice.kind],
      line: notice.line,
      customer,
      branch: notice.branch ?? '',
      product: notice.product ?? '',
    },
    annotations: { summary: sentenceOf(notice), notice_id: notice.id },
    startsAt: time(notice.startMs),
    endsAt: notice.endMs === null ? '0001-01-01T00:00:00Z' : time(notice.endMs),
    generatorURL: '',
    fingerprint: createHash('sha256')
      .update(`${notice.kind}/${notice.line}`)
      .digest('hex')
      .slice(0, 16),
  }));
  const firing = made.some(({ status }) => status === 'firing');
  return {
    version: '4',
    groupKey: `{}:{customer="${customer.replaceAll(/["\\]/g, '\\$&')}"}`,
    truncatedAlerts: 0,
    status: firing ? 'firing' : 'resolved',
    receiver: 'flapline',
    groupLabels: { customer },
    commonLabels: { customer },
    commonAnnotations: {},
    externalURL: '',
    alerts: made,
  };
}
