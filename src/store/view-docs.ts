// What the documented views hold, for people: shown by the README and by `flapline sql`. The order of
// the columns is the order in the database (a test holds the two together).

import { FEEDBACK_DOC } from './cause-feedback.js';
import { CAUSE_VIEW_DOCS } from './cause-views.js';
import { NOTES_DOC } from './notes.js';
import { NOTICES_DOC } from './notices-view.js';
import { PLANNED_VIEW_DOCS } from './planned.js';
import { RECORD_VIEW_DOCS } from './record-views.js';
import { SHELVES_DOC } from './shelves.js';
import { SPLIT_LINES_DOC } from './split-lines.js';

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

/** What a period adds up to; each finding counts where it starts. */
const SUMS = {
  from_ms: 'when it begins',
  until_ms: 'when the next one begins',
  interruptions: 'interruptions that started in it, open ones included',
  momentary: 'of them momentary ones',
  outages: 'of them outages',
  down_ms:
    'down time of the interruptions that started in it, of an open one up to the reading time',
  episodes: 'episodes of the primary detector that began in it',
  repeat_faults: 'repeat faults among the outages that started in it',
} as const;

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
      flapping: 'an episode of the primary detector is open',
      unknown: 'the state is not known: positions lost, an event rejected since, or alarms stale',
      n: 'interruptions so far, the open one included',
      effective_ms: 'effective time of the last event',
      transition_ms: 'time of the last start or end of an interruption, null without one',
      down_since_ms: 'start of the open interruption, null when up',
    },
  },
  lines_on_several_partitions: SPLIT_LINES_DOC,
  interruptions: {
    row: 'one an interruption, open ones included',
    columns: {
      ...LINE,
      n: 'ordinal of the interruption on its line, from 1',
      start_ms: 'start',
      end_ms: 'end, null while open',
      class:
        'momentary or outage, by the corrected duration and the rules of its class of lines; ' +
        'an open one as it reads at the reading time',
      corrected_ms: 'duration less the correction of its source, null while open',
      uncertain: 'its end is not known for certain: its alarms were stale, or an alias ended',
      cause: 'cause given by the first of its raises that has one, else null',
      alarm: 'identity of the alarm that started it, null for the unnamed alarm',
      first_offset: 'offset of the record that started it',
      last_offset: 'offset of the record that ended it, null while open',
    },
  },
  episodes: {
    row: 'one a flapping episode of any detector, open ones included',
    columns: {
      ...LINE,
      detector: 'name of the detector; window is the primary one',
      shadow: 'the detector is only compared: it raises nothing',
      rule: 'rule that started it, such as "4 in 10m", "penalty" or "weighted"',
      at_ms: 'when flapping was found',
      since_ms: 'first start that counted towards it',
      end_ms: 'when its own condition to end held, null while flapping at the reading time',
      interruptions: 'interruption starts from since to the end',
      reset_by: 'who ended it by a reset, null when it ended itself',
      reset_why: 'why',
      reset_recorded_at: 'when (wall clock, not compared between runs)',
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
  transients: {
    row: 'one a transient accumulation: too many momentary interruptions, or too long, in a window',
    columns: {
      ...LINE,
      detector: 'name of the detector',
      shadow: 'the detector is only compared: it raises nothing',
      at_ms: 'end of the interruption that passed a limit',
      interruptions: 'momentary interruptions in the window',
      duration_ms: 'the sum of their corrected durations',
    },
  },
  chatter: {
    row: 'one an alarm that was raised since chatter is counted',
    columns: {
      ...LINE,
      key: 'the alarmed key, null when it is the line itself',
      alarm: 'identity of the alarm, null for the unnamed alarm',
      raises: 'raises, of the active alarm too',
      chatter_index:
        'mean of 1/r over the seconds r between raises; > 0.05 is chatter; null of one',
      chatterings: 'raises that were the third within 60 s',
      chattered_ms: 'time of the last of those, null without one',
      raised_ms: 'time of the last raise',
    },
  },
  chronic_lines: {
    row: 'one a chronic line: over 30 days > 3 outages, > 24 h down, >= 60 momentary, >= 3 flapping days',
    columns: {
      ...LINE,
      reasons: 'what held within the last 30 days: down, flapping, momentary, outages',
      held_ms: 'when one of them last held; 30 days later it ends',
      outages: 'outages that started in the last 30 days',
      down_ms: 'down time in the last 30 days',
      momentary: 'momentary interruptions that started in the last 30 days',
      flapping_days: 'days with flapping in the last 30 days, cut in the configured time zone',
    },
  },
  detector_comparison: {
    row: 'one a detector beside the primary one and month in which it or the primary one found flapping',
    columns: {
      month: 'month of the finding, cut in the configured time zone, such as 2006-11',
      detector: 'name of the detector',
      shadow: 'the detector is only compared: it raises nothing',
      episodes: 'its episodes',
      primary_episodes: 'episodes of the primary detector',
      lines_both: 'lines flagged by both',
      lines_only_detector: 'lines that only it flagged',
      lines_only_primary: 'lines that only the primary detector flagged',
    },
  },
  interruptions_by_hour: {
    row: 'one a partition and UTC hour in which anything started',
    columns: { ...LOG, ...SUMS },
  },
  interruptions_by_day: {
    row: 'one a partition and local day in which anything started',
    columns: { ...LOG, ...SUMS },
  },
  line_months: {
    row: 'one a line, partition and local month with anything in it',
    columns: {
      ...LINE,
      ...SUMS,
      down_ms: 'down time in the month, of interruptions that started before it too',
      last_start_ms: 'start of the last interruption that started in it, null without one',
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
  control_records: {
    row: 'one a change that is no event: rules, reset, alias, class, mapping',
    columns: {
      ...LOG,
      log: 'log identity, raised when the topic was made again',
      position: 'it applies before the record at this offset',
      seq: 'order within the log',
      kind: 'rules, reset, alias, class or mapping',
      line: 'the line of a reset, else null',
      who: 'who asked for a reset, else null',
      why: 'why, null where it is no reset',
      payload: 'the change as JSON, null of a reset',
      requested_recorded_at: 'when a reset was asked for (wall clock, not compared between runs)',
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
    columns: {
      detector: 'name of the detector',
      rule: 'the rule',
      shadow: 'the detector is only compared: it raises nothing',
    },
  },
  notices: NOTICES_DOC,
  shelves: SHELVES_DOC,
  line_notes: NOTES_DOC,
  ...CAUSE_VIEW_DOCS,
  cause_feedback: FEEDBACK_DOC,
  ...PLANNED_VIEW_DOCS,
  ...RECORD_VIEW_DOCS,
};
