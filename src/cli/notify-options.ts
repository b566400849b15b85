// The key `notify` of flapline.yaml as options; secrets are read from their files.

import { dirname, resolve } from 'node:path';
import { FlaplineError } from '../config/errors.js';
import { parseDuration } from '../config/rules.js';
import { type Sources, secretIn } from '../config/settings.js';
import type { NotifyOptions } from '../notify/options.js';

const DIGEST_EVERY_MS = 900_000;

/** Who is to be told; null = nobody. Throws BAD_CONFIG. */
export function notifyFrom({ file }: Sources): NotifyOptions | null {
  const config = file?.value.notify;
  if (!file || !config) return null;
  const secret = (name: string | undefined, path: (string | number)[]): string | null => {
    if (name === undefined) return null;
    return secretIn(resolve(dirname(file.name), name), file.placeOf(['notify', ...path]));
  };
  const { digestEvery, mail } = config;
  const webhooks = (config.webhooks ?? []).map((hook, i) => ({
    name: hook.name,
    url: hook.url,
    form: hook.form ?? ('cloudevents' as const),
    secret: secret(hook.secretFile, ['webhooks', i, 'secretFile']),
  }));
  const names = new Set(['mail', ...webhooks.map(({ name }) => name)]);
  if (names.size !== webhooks.length + 1) {
    const text = "each webhook needs a name of its own, other than 'mail'";
    throw new FlaplineError('BAD_CONFIG', `${file.placeOf(['notify', 'webhooks'])}: ${text}`);
  }
  return {
    digestEveryMs:
      digestEvery === undefined
        ? DIGEST_EVERY_MS
        : parseDuration(digestEvery, file.placeOf(['notify', 'digestEvery'])),
    webhooks,
    mail: mail
      ? {
          ...mail,
          secure: mail.secure ?? false,
          user: mail.user ?? null,
          password: secret(mail.passwordFile, ['mail', 'passwordFile']),
        }
      : null,
  };
}
