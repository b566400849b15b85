// The presets ves and 3gpp on the messages of ONAP and O-RAN, held against events written by hand.
// The templates of O-RAN are filled as their scripts fill them; ONAP's are taken as they are.

import { readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import type { ModelEvent } from '../model.js';
import { describeShared, sharedPath } from '../shared.js';
import { CHECKS, itemsOf, presetWords } from './checks.js';

/** 2023-11-14T22:13:20Z. */
const AT_MS = 1_700_000_000_000;

const FILLED: Readonly<Record<string, string>> = {
  domain: 'fault',
  eventId: 'id-1',
  eventType: 'O_RAN_COMPONENT',
  controllerName: 'controller-1',
  pnfId: 'pnf-7',
  interface: 'eth0',
  alarm: 'linkDown',
  severity: 'MAJOR',
  timestamp: `${AT_MS}000`,
  eventTime: '2023-11-14T22:13:20.5Z',
  type: 'router',
  vendor: 'vendor-1',
  model: 'model-1',
  action: 'SET',
  collectionTimestamp: 'Tue, 14 Nov 2023 22:13:20 +0000',
  eventStartTimestamp: 'Tue, 14 Nov 2023 22:13:20 +0000',
};

function template(file: string, filled: Readonly<Record<string, string>> = {}): string {
  const text = readFileSync(sharedPath('data', 'ves-samples', 'o-ran-sc-templates', file), 'utf8');
  const values = { ...FILLED, ...filled };
  return text.replaceAll(/@(\w+)@/g, (_, name: string) => {
    if (values[name] === undefined) throw new Error(`no value for @${name}@`);
    return values[name];
  });
}

function onap(file: string): string {
  return readFileSync(sharedPath('data', 'ves-samples', 'onap', file), 'utf8');
}

/** An event with the names that most of O-RAN's have. */
function oran(part: Partial<ModelEvent>): ModelEvent {
  const names = { line: 'pnf-7/eth0', alarm: 'linkDown', cause: 'linkDown' };
  return { ...names, time: AT_MS, state: 'down', ...part };
}

const STANDARD = { domain: 'stndDefined' };
/** ONAP's notification: its eventTime is "xyz", its probableCause the number 1. */
const NOTIFIED: ModelEvent = {
  line: 'scfx0001vm002cap001',
  alarm: '1',
  cause: '1',
  time: 1_413_378_172_000,
  state: 'down',
};
const POOL: ModelEvent = {
  line: 'scfx0001vm002cap001',
  alarm: 'PilotNumberPoolExhaustion',
  cause: 'PilotNumberPoolExhaustion',
  time: 1_413_378_172_000,
  state: 'down',
};
/** startEpochMicrosec 1469528413000: really milliseconds, 2016-07-26. */
const VES4: ModelEvent = {
  line: 'owb-rdm-003/1/0/0 E1',
  alarm: 'lossOfSignal',
  cause: 'lossOfSignal',
  time: Date.UTC(2016, 6, 26, 10, 20, 13),
  state: 'down',
};
const RAISED = oran({ line: 'pnf-7' });
const CLEARED = oran({ line: 'pnf-7', state: 'up' });
const NUMBER_TIMES = (text: string): string => text.replaceAll(`"${AT_MS}000"`, `${AT_MS}000`);

/** What it is, its text, the events in it, and how many records are no alarm. */
type Sample = [name: string, text: () => string, events: ModelEvent[], skipped?: number];

const VES: Sample[] = [
  ['a fault', () => template('fault.json'), [oran({})]],
  ['a fault, times as numbers', () => NUMBER_TIMES(template('fault.json')), [oran({})]],
  ['a clear', () => template('fault.json', { severity: 'NORMAL' }), [oran({ state: 'up' })]],
  ['CLEARED', () => template('fault.json', { severity: 'CLEARED' }), [oran({ state: 'up' })]],
  ['a fault without interface', () => template('fault.json', { interface: '' }), [RAISED]],
  ['a list of heartbeat and fault', () => template('event-list.json'), [oran({})], 1],
  [
    'a new alarm, Rel-16',
    () => template('stndDefined-r16-notify-new-alarm.json', STANDARD),
    [RAISED],
  ],
  [
    'a new alarm, Rel-18',
    () => template('stndDefined-r18-notify-new-alarm.json', STANDARD),
    [RAISED],
  ],
  [
    'a clear, Rel-16',
    () => template('stndDefined-r16-notify-cleared-alarm.json', STANDARD),
    [CLEARED],
  ],
  [
    'a clear, Rel-18',
    () => template('stndDefined-r18-notify-cleared-alarm.json', STANDARD),
    [CLEARED],
  ],
  ['a state change', () => template('stateChange.json', { domain: 'stateChange' }), [], 1],
  [
    'a threshold',
    () => template('thresholdCrossingAlert.json', { domain: 'thresholdCrossingAlert' }),
    [],
    1,
  ],
  ['VES 4, milliseconds and a list', () => onap('ves4_valid.json'), [VES4]],
  ['VES 7', () => onap('ves7_valid_30_1_1_event.json'), [POOL]],
  ['VES 7 of an unknown version', () => onap('ves7_invalid_30_1_1_event.json'), [POOL]],
  [
    'a batch',
    () => onap('ves7_batch_valid.json'),
    [POOL, { ...POOL, alarm: 'RecordingServerUnreachable', cause: 'RecordingServerUnreachable' }],
  ],
  [
    'a batch of two domains',
    () => onap('ves7_batch_valid_two_different_domain.json'),
    [POOL, NOTIFIED],
  ],
  ['a batch of 3GPP', () => onap('ves7_batch_with_stndDefined_valid.json'), [NOTIFIED, NOTIFIED]],
  [
    'a batch of one namespace',
    () => onap('ves7_batch_stdnDefined_withSameStndDefinedNamespace.json'),
    [NOTIFIED, NOTIFIED],
  ],
  ['3GPP', () => onap('ves_stdnDefined_valid.json'), [NOTIFIED]],
];

const BARE = {
  notificationType: 'notifyNewAlarm',
  eventTime: '2023-11-14T22:13:20Z',
  systemDN: 'DC=a,ManagedElement=1',
  alarmId: '77',
  probableCause: 'LOSS_OF_SIGNAL',
};
const OBJECT = 'ManagedElement=1,Interface=2';
const BARE_EVENT: ModelEvent = {
  line: OBJECT,
  alarm: '77',
  cause: 'LOSS_OF_SIGNAL',
  time: AT_MS,
  state: 'down',
};

const GPP: Sample[] = [
  ...VES.filter(([name]) => /Rel-1|3GPP|of one namespace/.test(name)),
  ['a fault of VES, which is none of 3GPP', () => template('fault.json'), [], 1],
  [
    'a batch of two domains',
    () => onap('ves7_batch_valid_two_different_domain.json'),
    [NOTIFIED],
    1,
  ],
  ['a bare new alarm', () => JSON.stringify({ ...BARE, href: OBJECT }), [BARE_EVENT]],
  [
    'a bare clear',
    () => JSON.stringify({ ...BARE, href: OBJECT, notificationType: 'notifyClearedAlarm' }),
    [{ ...BARE_EVENT, state: 'up' }],
  ],
  [
    'a bare alarm without an object',
    () => JSON.stringify(BARE),
    [{ ...BARE_EVENT, line: BARE.systemDN }],
  ],
  [
    'a bare notification of another kind',
    () => JSON.stringify({ ...BARE, notificationType: 'notifyAckStateChanged' }),
    [],
    1,
  ],
];

describe.each(Object.entries(CHECKS))('by %s', (_, check) => {
  describeShared('preset ves', () => {
    it.each<Sample>(VES)('%s', (_name, text, events, skipped = 0) => {
      const bytes = Buffer.from(text());
      check(presetWords('ves'), bytes, itemsOf(bytes, events, skipped));
    });

    it('rejects a fault without its source, as the schema does', () => {
      const bytes = Buffer.from(onap('ves4_invalid.json').trim());
      const place = { at: 0, end: bytes.length };
      check(presetWords('ves'), bytes, [{ kind: 'wrong-event', ...place, wrong: ['line'] }]);
    });
  });

  describeShared('preset 3gpp', () => {
    it.each<Sample>(GPP)('%s', (_name, text, events, skipped = 0) => {
      const bytes = Buffer.from(text());
      check(presetWords('3gpp'), bytes, itemsOf(bytes, events, skipped));
    });
  });
});
