// The key `causes` of flapline.yaml as settings of the cause engine.

import { type CauseSettings, DEFAULT_CAUSE_SETTINGS } from '../cause/settings.js';
import { parseDuration } from '../config/rules.js';
import type { Sources } from '../config/settings.js';

/** What causes are judged by. Throws BAD_CONFIG. */
export function causeSettingsFrom({ file }: Sources): CauseSettings {
  const said = file?.value.causes;
  if (!file || !said) return DEFAULT_CAUSE_SETTINGS;
  const { window, burstMax, missing } = said;
  const time = (words: string | undefined, key: string, otherwise: number): number =>
    words === undefined ? otherwise : parseDuration(words, file.placeOf(['causes', key]));
  const usual = DEFAULT_CAUSE_SETTINGS;
  return {
    ...usual,
    windowMs: time(window, 'window', usual.windowMs),
    burstMaxMs: time(burstMax, 'burstMax', usual.burstMaxMs),
    distinctMin: said.lines ?? usual.distinctMin,
    tailMax: said.chance ?? usual.tailMax,
    historyDays: said.historyDays ?? usual.historyDays,
    recordError: said.recordError ?? usual.recordError,
    missingRate: missing ?? usual.missingRate,
    gainMin: said.gain ?? usual.gainMin,
    supportMin: said.support ?? usual.supportMin,
    causesMax: said.most ?? usual.causesMax,
    sameMin: said.same ?? usual.sameMin,
  };
}
