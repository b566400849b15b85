// The built-in simulated provincial network (SPEC section 1): what the command and the live demo
// use. Everything is a function of seeds; nothing reads a clock.

export { COMPONENT_KINDS, type Component, type ComponentKind } from './components.js';
export type { Customer } from './customers.js';
export { prepareEventBytes, writeEvent, type EventBytes } from './ndjson.js';
export {
  DEFAULT_LINES,
  MAX_LINES,
  MIN_LINES,
  buildNetwork,
  type LineRecord,
  type Network,
} from './network.js';
export { BRANCHES, PRODUCTS, type Branch, type Product } from './province.js';
export { writeLinesFile, type Period } from './records.js';
export type { Progress, StreamPeriod } from './period.js';
export { simulate, writeNetwork, type SimulateOptions, type Summary } from './simulate.js';
export { AlarmStream, type SimulatedEvent, type StreamOptions } from './stream.js';
export type { Bout, Hits, StreamTruth } from './truth.js';
