// The sweep of the cause bench: networks and records from good to poor, one thing changed at a time.

import type { CauseSettings } from '../src/cause/settings.js';

/** One point of the sweep. */
export interface Cell {
  readonly name: string;
  /** Options of the generator. */
  readonly options: readonly string[];
  /** All seeds of the gates, or a few. */
  readonly isGate: boolean;
  readonly settings?: Partial<CauseSettings>;
  readonly withPeers?: boolean;
}

const POOR = ['--missing', '0.4', '--wrong', '0.05'];
/** Times the usual background. */
export const BACKGROUND = [1, 10, 40];

/** All points. */
export const CELLS: readonly Cell[] = [
  { name: 'h .6 one', options: ['--h', '0.6', ...POOR], isGate: true, withPeers: true },
  {
    name: 'h .6 three',
    options: ['--h', '0.6', '--together', '3', ...POOR],
    isGate: true,
    withPeers: true,
  },
  { name: 'h .3 one', options: ['--h', '0.3', ...POOR], isGate: true, withPeers: true },
  {
    name: 'h .6 by node',
    options: ['--h', '0.6', '--by-node', ...POOR],
    isGate: true,
    withPeers: true,
  },
  { name: 'hidden', options: ['--hidden', '1', ...POOR], isGate: true },
  ...BACKGROUND.map((times) => ({
    name: `background alone x${times}`,
    options: ['--together', '0', '--background', String(times), ...POOR],
    isGate: true,
  })),
  {
    name: 'h .3 three',
    options: ['--h', '0.3', '--together', '3', ...POOR],
    isGate: false,
    withPeers: true,
  },
  { name: 'h .95 one', options: ['--h', '0.95', ...POOR], isGate: false, withPeers: true },
  {
    name: 'h .95 three',
    options: ['--h', '0.95', '--together', '3', ...POOR],
    isGate: false,
    withPeers: true,
  },
  {
    name: 'records exact',
    options: ['--missing', '0', '--wrong', '0'],
    isGate: false,
    withPeers: true,
  },
  { name: '20 % missing', options: ['--missing', '0.2', '--wrong', '0'], isGate: false },
  { name: '80 % missing', options: ['--missing', '0.8', '--wrong', '0.05'], isGate: false },
  { name: 'by node, three', options: ['--by-node', '--together', '3', ...POOR], isGate: false },
  { name: 'by node, h .3', options: ['--by-node', '--h', '0.3', ...POOR], isGate: false },
  { name: 'background x10', options: ['--background', '10', ...POOR], isGate: false },
  { name: 'background x40', options: ['--background', '40', ...POOR], isGate: false },
  { name: 'half hidden', options: ['--hidden', '0.5', ...POOR], isGate: false },
  { name: 'assumed missing .1', options: POOR, isGate: false, settings: { missingRate: 0.1 } },
  { name: 'assumed missing .7', options: POOR, isGate: false, settings: { missingRate: 0.7 } },
  {
    name: 'by node, assumed .4',
    options: ['--by-node', ...POOR],
    isGate: false,
    settings: { missingRate: 0.4 },
  },
];
