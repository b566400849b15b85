// Rules of interruptions and alarms that are off by default, for the generators: limits that lie on
// the gaps and holds that scenarios have.

import fc from 'fast-check';

const NONE = { alarms: [], causes: [], severities: [] };

/** What a class may have of its own. */
export const someLineOptions = {
  mergeGapMs: fc.constantFrom(null, null, 0, 1, 1000, 60_000, 200_000),
  correctionMs: fc.constantFrom(0, 0, 1, 7500, -500),
  staleAfterMs: fc.constantFrom(null, null, 1, 1000, 60_000, 600_000, 1_800_000),
};

/** What is the same for all lines. */
export const someOptions = {
  chatter: fc.boolean(),
  ignore: fc.constantFrom(
    NONE,
    NONE,
    { ...NONE, alarms: ['LOS'] },
    { ...NONE, causes: ['card 3', 'no such'] },
    { ...NONE, alarms: ['*', 'AIS'], causes: ['cable 7'] },
  ),
};
