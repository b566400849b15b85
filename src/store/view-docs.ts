// What the documented views hold, for people: shown by the README and by `flapline sql`. The order of
// the columns is the order in the database (a test holds the two together).

/** A documented view: what a row is, and what each column holds. */
export interface ViewDoc {
  readonly row: string;
  readonly columns: Readonly<Record<string, string>>;
}

const LOG = {
  cluster: 'name of the Kafka cluster, or of what stands for it',
  topic: 'topic, or what stands for it',
  partition: 'number of the partition that holds the line',
} as const;

const LINE = { line: 'name of the line', ...LOG } as const;

/** The documented views by name. Times are epoch milliseconds, UTC. */
export const VIEW_DOCS: Readonly<Record<string, ViewDoc>> = {
  lines: {
    row: 'one a line and partition that has had an event, as it stands at the reading time',
    columns: {
      ...LINE,
      branch: 'from the records, null without one',
      product: 'from the records, null without one',
      customer: 'from the records, null without one',
      down: 'at least one service-affecting alarm is active',
      flapping: 'an episode of the window detector is open',
      unknown: 'the state is not known: positions lost, or an event rejected since',
      n: 'interruptions so far, the open one included',
      effective_ms: 'effective time of the last event',
      transition_ms: 'time of the last start or end of an interruption, null without one',
      down_since_ms: 'start of the open interruption, null when up',
    },
  },
  interruptions: {
    row: 'one an interruption, open ones included',
    columns: {
      ...LINE,
      n: 'ordinal of the interruption on its line, from 1',
      start_ms: 'start',
      end_ms: 'end, null while open',
      class: 'momentary (< 60,000 ms) or outage; an open one as it reads at the reading time',
      cause: 'cause given by the first of its raises that has one, else null',
      alarm: 'identity of the alarm that started it, null for the unnamed alarm',
      first_offset: 'offset of the record that started it',
      last_offset: 'offset of the record that ended it, null while open',
    },
  },
  episodes: {
    row: 'one a flapping episode, open ones included',
    columns: {
      ...LINE,
      detector: 'name of the detector',
      rule: 'rule that started it, such as "4 in 10m"',
      at_ms: 'when flapping was found',
      since_ms: 'first start that counted towards it',
      end_ms: 'last transition + Q, null while flapping at the reading time',
      interruptions: 'interruption starts from since to the end',
    },
  },
  repeat_faults: {
    row: 'one an outage that started at most 30 days after the previous one of its line ended',
    columns: {
      ...LINE,
      start_ms: 'start of the outage',
      previous_end_ms: 'end of the previous outage',
    },
  },
  coverage_gaps: {
    row: 'one a period in which the state of a line, or of a whole partition, is unknown',
    columns: {
      ...LOG,
      line: 'name of the line, null for every line of the partition',
      from_ms: 'begin, null for since ever',
      until_ms: 'end, null while still unknown',
      reason: 'why',
    },
  },
  rejected_records: {
    row: 'one an object or record that could not be used',
    columns: {
      ...LOG,
      log: 'log identity, raised when the topic was made again',
      position: 'offset of the record',
      place: 'where in the record or file',
      reason: 'what is wrong',
      sample: 'the beginning of the text, bounded',
      rejected_recorded_at: 'when it was stored (wall clock, not compared between runs)',
    },
  },
  progress_now: {
    row: 'one a partition: how far its current log has been read',
    columns: {
      ...LOG,
      log: 'log identity, raised when the topic was made again',
      position: 'the next offset to be read',
      first_ms: 'smallest effective time',
      effective_ms: 'largest effective time',
      reading_ms: 'the time at which the views read this partition',
      events: 'events accepted, duplicates included',
      late: 'events that ran behind their line and were clamped',
      duplicates: 'raises of an active alarm and clears of one not active',
      rejected: 'objects rejected',
    },
  },
  rules: {
    row: 'one a rule that a stored episode or an open one refers to',
    columns: { detector: 'name of the detector', rule: 'the rule' },
  },
};
