// Every record layout and every number that crosses between kernel and host, as plain integer
// constants derived from one another. No imports: it compiles in asc and in tsc alike. Index 0 of a
// line, key, alarm or cause always means "none", so that zeroed memory is an empty state.

/** Raised whenever a byte of a snapshot or of the boundary changes its meaning. */
export const LAYOUT_VERSION = 6;
/**
 * The oldest layout whose snapshots are read: what 5 adds to it reads from zeros, and 6 moves parts of
 * the tails (src/kernel/detector-places.ts).
 */
export const LAYOUT_VERSION_READ = 4;

// --- Limits --------------------------------------------------------------------------------------

/** Bytes of a line, alarm, cause or key name (SPEC section 2). */
export const NAME_BYTES_MAX = 256;
/** Nesting depth of JSON; deeper is an error. */
export const DEPTH_MAX = 1000;
/** Rules (K, W) of the window detector. */
export const FLAP_RULES_MAX = 8;
/** Starts that a rule may ask for. */
export const FLAP_STARTS_MAX = 64;
/** Rule sets: index 0 for lines of no class, then one a class. */
export const RULE_SETS = 16;
/** Detectors beside the primary window detector. */
export const DETECTORS_MAX = 8;
/**
 * Raises of one alarm within CHATTER_MS that are chatter [ISA-18.2]: this one and the two before.
 */
export const CHATTER_RAISES = 3;
export const CHATTER_MS = 60_000;
/** Alarms of a line that are kept for their chatter after a clear; further ones are not counted. */
export const CHATTER_ALARMS_PER_LINE_MAX = 32;
/** Entries of the table of a time zone's offsets. */
export const ZONE_ENTRIES_MAX = 1024;
/** Events whose lines are looked up together, so that the memory answers them side by side. */
export const NAMING_BLOCK = 64;
/** Bytes for a line and a key that are put together, or whose escapes are resolved. */
export const WAITING_TEXT_BYTES = 2 * NAME_BYTES_MAX + 16;
// Scratch: slots and text buffer of the decoder, the open containers, events that wait for names.
export const SCRATCH_CONTAINERS = 4096;
export const SCRATCH_WAITING = 6144;
export const SCRATCH_WAITING_TEXTS = SCRATCH_WAITING + 64 * NAMING_BLOCK;
export const SCRATCH_BYTES = SCRATCH_WAITING_TEXTS + NAMING_BLOCK * WAITING_TEXT_BYTES;
/** Zero bytes kept behind every text, so that a 16-byte load never leaves its region. */
export const TEXT_PADDING = 64;

// --- Control block: float64 slots, read and written by both sides --------------------------------
//
//  0 .. 47   capacities and rules: set by the host, never part of a snapshot
// 48 .. 79   state: counters, part of a snapshot
// 80 .. 111  hand-over: cursors and counts of the batch at hand
// 112 ..     options: set by the host like the first ones

export const CTL_LINES_CAPACITY = 0;
export const CTL_KEY_BYTES_CAPACITY = 1;
export const CTL_NAMES_CAPACITY = 2;
export const CTL_NAME_BYTES_CAPACITY = 3;
export const CTL_ALARMS_CAPACITY = 4;
export const CTL_ALIASES_CAPACITY = 5;
export const CTL_INBOX_CAPACITY = 6;
export const CTL_FRAMES_CAPACITY = 7;
export const CTL_EVENTS_CAPACITY = 8;
export const CTL_FINDINGS_CAPACITY = 9;
/** Limits: reached means rejected with a reason, not grown. */
export const CTL_LINES_MAX = 10;
export const CTL_NAMES_MAX = 11;
export const CTL_ALARMS_MAX = 12;
export const CTL_ALARMS_PER_LINE_MAX = 13;
export const CTL_KEY_BYTES_MAX = 14;

export const CTL_ZONE_ENTRIES = 16;
/** Bytes beside each line for its starts or its open episode, and how many starts are kept. */
export const CTL_STARTS_STRIDE = 17;
export const CTL_STARTS_KEPT = 18;
/** Detectors beside the primary one, and the bytes of their heads and tails beside each line. */
export const CTL_DETECTORS = 19;
export const CTL_HEADS_STRIDE = 20;
export const CTL_TAILS_STRIDE = 22;
/** Where the samples stand among a line's heads; -1 = no detector asks for them. */
export const CTL_SAMPLES = 23;
/** Where the times of samples stand in a line's tail. */
export const CTL_TIMES = 24;
/** Interruption starts are written as findings of their own (live views, causes). */
export const CTL_EMIT_STARTS = 21;

export const CTL_STATE = 48;
export const CTL_EVENTS_APPLIED = 48;
export const CTL_LATE = 49;
export const CTL_DUPLICATES = 50;
export const CTL_REJECTED = 51;
/** Smallest and largest effective time, -1 before the first event. */
export const CTL_FIRST_MS = 52;
export const CTL_EFFECTIVE_MS = 53;
export const CTL_ALARMS_USED = 54;
export const CTL_ALARMS_FREE = 55;
export const CTL_ALIASES_USED = 56;
/** Alarms active at this time (entries in use). */
export const CTL_ALARMS_ACTIVE = 57;
/** Lines that have had an event, or a rejected one that named them. */
export const CTL_LINES_SEEN = 58;
/** Lines of the key that has most. */
export const CTL_FAN_OUT_MAX = 59;
/** CTL_NAMED + DICTIONARY_...: alarms and causes to which the host has given the store's ids. */
export const CTL_NAMED = 60;
/** Head of the list of aliases that have ended. */
export const CTL_ALIASES_FREE = 63;
/** Records that by their mapping are no alarms. */
export const CTL_SKIPPED = 64;
/** Events that are to be ignored: by their severity, alarm or cause. */
export const CTL_IGNORED = 65;
/** Head of the list of alarms whose chatter the host has yet to take; CHATTER_LAST ends it. */
export const CTL_CHATTER_CHANGED = 66;
/** Alarms that are kept for their chatter, and raises of alarms that are not. */
export const CTL_CHATTER_KEPT = 67;
export const CTL_CHATTER_UNCOUNTED = 68;
/** Newest timestamp of a record while sourceSilence is on, else 0; the host's. */
export const CTL_NEWEST_RECORD_MS = 69;
export const CTL_STATE_END = 80;

/** Bytes in the inbox; in a stream what stays at its front is not yet read. */
export const CTL_INBOX_LENGTH = 80;
/** Frames in the inbox; 0 in stream mode. */
export const CTL_FRAMES = 81;
/** Position of the inbox's first byte in the stream. */
export const CTL_STREAM_POSITION = 82;
/** Newlines read so far of the stream, or of the frame at hand. */
export const CTL_STREAM_LINES = 83;
export const CTL_EVENTS = 84;
export const CTL_EVENT_CURSOR = 85;
export const CTL_REJECTS = 86;
/** Lines changed, and lines first seen, since the host last drained them. */
export const CTL_CHANGED = 87;
export const CTL_FRESH = 88;
/** Rows in the table of each kind: CTL_FOUND + KIND_... */
export const CTL_FOUND = 89;
/** Where decode, fan-out and read go on after a stop: all that a larger kernel must take over. */
export const CTL_PLACE = 96;
export const CTL_TEXT_CURSOR = 97;
export const CTL_FRAME_CURSOR = 98;
export const CTL_FRAME_OPEN = 99;
export const CTL_STREAM_STARTED = 100;
export const CTL_ALIAS_CURSOR = 101;
export const CTL_READ_CURSOR = 102;
/** Events whose line is named already; those behind them wait in the scratch region. */
export const CTL_EVENTS_NAMED = 103;
/** Open episodes that the last `takeChanged` wrote into REGION_OPEN_EPISODES. */
export const CTL_OPEN_EPISODES = 104;
/** Records already read of the object at hand, where one object holds several. */
export const CTL_RECORD_CURSOR = 105;
export const CTL_BATCH_END = 112;

/** An event further ahead of its record's time is rejected; -1 = off. */
export const CTL_MAX_SKEW_MS = 112;
/** Bytes beside each line for an end that waits under mergeGap: PENDING_SIZE, or 0 = no room. */
export const CTL_PENDING_STRIDE = 113;
/** Bytes beside each alarm: 0, HISTORY_RAISED_SIZE (staleness) or HISTORY_SIZE (chatter). */
export const CTL_HISTORY_STRIDE = 114;
/** Bytes of the list of ignored names; 0 = nothing is ignored. */
export const CTL_IGNORED_BYTES = 115;
/** Durations of some class are corrected. */
export const CTL_CORRECTS = 116;
export const CTL_SLOTS = 120;

// --- Stop reasons of decode, detect and read -----------------------------------------------------

/** All input at hand is read. */
export const STOP_DONE = 0;
/** The event columns are full: detect, then call again. */
export const STOP_EVENTS = 1;
/** The reject columns are full: take them, then call again. */
export const STOP_REJECTS = 2;
/** A table of findings is full: drain, then call again. */
export const STOP_FINDINGS = 3;
/** A dictionary or the alarms are full: grow, then call again. */
export const STOP_GROW = 4;

/** Outcomes of addAlias. */
export const ALIAS_ADDED = 0;
export const ALIAS_KNOWN = 1;
export const ALIAS_NO_ROOM = 2;

/** Outcomes of endAlias. */
export const ALIAS_ENDED = 0;
export const ALIAS_UNKNOWN = 1;
/** A table of findings is full: drain, then call again. */
export const ALIAS_FINDINGS = 2;

// --- Regions: ids of `region(id)` ----------------------------------------------------------------

export const REGION_CONTROL = 0;
export const REGION_INBOX = 1;
export const REGION_FRAMES = 2;
export const REGION_EVENTS = 3;
export const REGION_REJECTS = 4;
export const REGION_FINDINGS = 5;
export const REGION_OPEN = 6;
export const REGION_CHANGED = 7;
export const REGION_FRESH = 8;
export const REGION_ZONE = 9;
export const REGION_SECTIONS = 10;
export const REGION_SCRATCH = 11;
export const REGION_RULES = 12;
export const REGION_LINES = 13;
export const REGION_HEADS = 14;
export const REGION_OPEN_EPISODES = 15;
/** The table of mapping-layout.ts; its header all zero = the kernel's own form. */
export const REGION_MAPPING = 16;
export const REGION_CHATTER = 17;
export const REGION_IGNORED = 18;
export const REGION_PENDING = 19;
export const REGION_TAILS = 20;
export const REGIONS = 21;

// --- Rules: REGION_RULES, written by the host after init -----------------------------------------
//
//   RULE_SETS × RULE_SET_SIZE, by the class bits of a line's flags │ DETECTORS_MAX × DETECTOR_SIZE
//
// A rule set:
//
//   0       8        16       24         32           40         48      52    64
//   ├───────┼────────┼────────┼──────────┼────────────┼──────────┼───────┼─────┼─────────────────
//   │ quiet │ outage │ repeat │ merge gap│ correction │ stale    │ count │     │ FLAP_RULES_MAX ×
//   │ ms    │ ms     │ ms     │ ms, -1   │ ms         │ ms, -1   │ of flap rules│ {window, starts, id}

export const RULE_QUIET_MS = 0;
export const RULE_OUTAGE_MS = 8;
export const RULE_REPEAT_MS = 16;
/** -1 = off. */
export const RULE_MERGE_GAP_MS = 24;
export const RULE_CORRECTION_MS = 32;
/** -1 = off. */
export const RULE_STALE_AFTER_MS = 40;
export const RULE_FLAP_RULES = 48;
export const RULE_FLAP = 64;

/** A rule (K, W): {window ms i64, starts u32, the id that findings name it by u32}. */
export const FLAP_WINDOW_MS = 0;
export const FLAP_STARTS = 8;
export const FLAP_ID = 12;
export const FLAP_SIZE = 16;
export const RULE_SET_SIZE = RULE_FLAP + FLAP_SIZE * FLAP_RULES_MAX;

// A detector beside the primary one: {kind u8, its number u8, where its episode stands in a line's
// tail, its head in the heads, its ring in the tail (three u16), mask of the classes that it judges
// (bit = class), rule id}, then what its kind needs. The window detector has no id of its own but one a flap rule.

export const RULES_DETECTORS = RULE_SETS * RULE_SET_SIZE;
export const DETECTOR_KIND = 0;
export const DETECTOR_NUMBER = 1;
export const DETECTOR_EPISODE = 2;
export const DETECTOR_HEAD = 4;
export const DETECTOR_RING = 6;
export const DETECTOR_CLASSES = 8;
export const DETECTOR_ID = 12;
export const DETECTOR_COMMON = 16;

export const DETECTOR_WINDOW = 1;
export const DETECTOR_PENALTY = 2;
export const DETECTOR_ICINGA = 3;
export const DETECTOR_NAGIOS = 4;
export const DETECTOR_TRANSIENT = 5;

/** Window: {quiet ms i64, starts kept u32, flap rules u32}, then the rules at RULE_FLAP. */
export const WINDOW_QUIET_MS = 16;
export const WINDOW_KEPT = 24;
export const WINDOW_FLAP_RULES = 28;
/** Penalty: float64, half-lives in ms. */
export const PENALTY_HALF_LIFE_UP_MS = 16;
export const PENALTY_HALF_LIFE_DOWN_MS = 24;
export const PENALTY_DOWN = 32;
export const PENALTY_UP = 40;
export const PENALTY_SUPPRESS = 48;
export const PENALTY_REUSE = 56;
export const PENALTY_CEILING = 64;
/**
 * Weighted: {quiet ms i64, what a change weighs at the oldest place u32, and more at each later one
 * u32, the smallest sums at which an episode begins, and is kept open (two u32)}.
 */
export const WEIGHTED_QUIET_MS = 16;
export const WEIGHTED_WEIGHT = 24;
export const WEIGHTED_STEP = 28;
export const WEIGHTED_BEGINS = 32;
export const WEIGHTED_STAYS = 36;
/** Transient: {ms of a slice i64, duration ms i64, count u32}. */
export const TRANSIENT_SLICE_MS = 16;
export const TRANSIENT_DURATION_MS_MAX = 24;
export const TRANSIENT_COUNT_MAX = 32;
/** Bytes of a detector of any kind: the window detector's are the most. */
export const DETECTOR_SIZE = 192;
export const RULES_BYTES = RULES_DETECTORS + DETECTORS_MAX * DETECTOR_SIZE;

// --- Columns: each table is its columns one after the other, each CAPACITY rows long -------------
// A column's offset is COLUMN * capacity, with COLUMN the sum of the widths before it.

/** Frames: {offset f64, record time f64, start u32, length i32 (-1 = null)} of a record's value. */
export const FRAME_OFFSET = 0;
export const FRAME_TIME = 8;
export const FRAME_START = 16;
export const FRAME_LENGTH = 20;
export const FRAME_ROW = 24;

/** Events: what `decode` writes and `detect` reads. */
export const EVENT_TIME = 0;
/** Kafka: the record's offset. File: the byte position of the object. */
export const EVENT_POSITION = 8;
/** The line, or the alarmed key that leads to lines. */
export const EVENT_TARGET = 16;
/** The alarmed key where it is named beside the line, else 0. */
export const EVENT_KEY = 20;
export const EVENT_ALARM = 24;
export const EVENT_CAUSE = 28;
export const EVENT_STATE = 32;
export const EVENT_ROW = 36;

export const STATE_UP = 0;
export const STATE_DOWN = 1;
/** A rejected event that names a line: changes the line's coverage only. */
export const STATE_REJECTED = 2;
/** Rejected after it was written: changes nothing. */
export const STATE_NONE = 3;

/** The alarm named `*`, always interned first. */
export const ALARM_ALL = 1;

/**
 * Rejects: {position f64, ahead f64 (ms, REASON_SKEW only), reason u32, error at u32 (inbox),
 * object from u32 (inbox), line u32, frame u32}
 */
export const REJECT_POSITION = 0;
export const REJECT_AHEAD = 8;
export const REJECT_REASON = 16;
export const REJECT_AT = 20;
export const REJECT_FROM = 24;
export const REJECT_LINE = 28;
export const REJECT_FRAME = 32;
export const REJECT_ROW = 36;
export const REJECTS_CAPACITY = 1024;

/** Findings, one table a kind. ORDINAL is that of the event that caused a row, over all kinds. */
export const KIND_INTERRUPTION = 0;
export const KIND_FLAP_START = 1;
export const KIND_FLAP_END = 2;
export const KIND_REPEAT = 3;
export const KIND_START = 4;
/**
 * Coverage: a line unknown from a rejected event to its next event, or while its alarms are stale.
 */
export const KIND_UNKNOWN = 5;
export const KIND_TRANSIENT = 6;
export const KINDS = 7;
/** Rows of one kind that one event may cause of one detector: an episode begun as another ends. */
export const FINDINGS_PER_DETECTOR = 2;

/** FOUND_CAUSE of an end of an episode: its own condition held, or a reset ended it. */
export const ENDED_ITSELF = 0;
export const ENDED_BY_RESET = 1;

/** KIND_INTERRUPTION: bits of FOUND_RULE; FOUND_AT is the correction of the duration in ms. */
export const FOUND_UNCERTAIN = 1;
export const FOUND_OUTAGE = 2;
/** KIND_UNKNOWN: FOUND_RULE says why. */
export const UNKNOWN_REJECTED = 0;
export const UNKNOWN_STALE = 1;
/** FOUND_ALARM of starts and ends of episodes: of the primary detector, or of one beside it. */
export const PRIMARY_DETECTOR = 0;
export const OTHER_DETECTOR = 1;

/**
 * Every table has these columns; what a kind does not use costs no memory, since it is never
 * touched.
 */
export const FOUND_FROM = 0;
export const FOUND_UNTIL = 8;
export const FOUND_AT = 16;
export const FOUND_FIRST = 24;
export const FOUND_LAST = 32;
export const FOUND_LINE = 40;
export const FOUND_N = 44;
export const FOUND_CAUSE = 48;
export const FOUND_ALARM = 52;
export const FOUND_RULE = 56;
export const FOUND_ORDINAL = 60;
export const FOUND_ROW = 64;

/**
 * Open state of changed lines: what `takeChanged` writes, OPEN_CAPACITY rows a call. An
 * interruption whose end waits under mergeGap is open (OPEN_DOWN): it reads as ended at OPEN_ENDED
 * when c > OPEN_ENDED + OPEN_MERGE. Of a line with OPEN_RAISED >= 0 the state reads as unknown when
 * c > OPEN_RAISED + OPEN_STALE_AFTER.
 */
export const OPEN_EFFECTIVE = 0;
export const OPEN_TRANSITION = 8;
export const OPEN_START = 16;
export const OPEN_OUTAGE_END = 24;
export const OPEN_FIRST = 32;
export const OPEN_AT = 40;
export const OPEN_SINCE = 48;
/** When the open episode ends if nothing more happens. */
export const OPEN_ENDS = 56;
/** The open interruption reads as an outage from start + this on: outage + correction. */
export const OPEN_OUTAGE_AFTER = 64;
export const OPEN_REPEAT = 72;
/** The end that waits, -1 = none, and the position of its event. */
export const OPEN_ENDED = 80;
export const OPEN_LAST = 88;
/** mergeGap, -1 = off. */
export const OPEN_MERGE = 96;
/** Newest raise among the active alarms, -1 = none or staleness is off. */
export const OPEN_RAISED = 104;
export const OPEN_STALE_AFTER = 112;
/** What a duration that is reported is too long by. */
export const OPEN_CORRECTION = 120;
export const OPEN_LINE = 128;
export const OPEN_N = 132;
export const OPEN_CAUSE = 136;
export const OPEN_ALARM = 140;
export const OPEN_RULE = 144;
export const OPEN_COUNT = 148;
export const OPEN_DOWN = 152;
export const OPEN_UNKNOWN = 153;
export const OPEN_EPISODE = 154;
/** A part of the interruption whose end waits ended uncertain. */
export const OPEN_UNCERTAIN = 155;
export const OPEN_ROW = 156;
/** No power of two: all columns of a row would compete for the same places of a cache. */
export const OPEN_CAPACITY = 16408;

/**
 * Chatter of changed alarms: what `takeChatter` writes. KEY 0 = the line itself, else a key's
 * index.
 */
export const CHATTER_RAISED = 0;
export const CHATTER_AT = 8;
export const CHATTER_INVERSE = 16;
export const CHATTER_LINE = 24;
export const CHATTER_KEY = 28;
export const CHATTER_ALARM = 32;
export const CHATTER_COUNT = 36;
export const CHATTER_CHATTERED = 40;
export const CHATTER_ROW = 44;
export const CHATTER_CAPACITY = 4096;

/**
 * Open episodes of the detectors beside the primary one, of the lines that `takeChanged` took, as they
 * are once an end that waits is stored; OPEN_EPISODE_FORM says what that makes of them.
 */
export const OPEN_EPISODE_AT = 0;
export const OPEN_EPISODE_SINCE = 8;
/** When it ends if nothing more happens. */
export const OPEN_EPISODE_ENDS = 16;
export const OPEN_EPISODE_LINE = 24;
export const OPEN_EPISODE_RULE = 28;
export const OPEN_EPISODE_COUNT = 32;
export const OPEN_EPISODE_FORM = 36;
export const OPEN_EPISODE_ROW = 40;
/** Open, or beginning by the end that waits; or no episode but a transient found by that end, SINCE its
 * durations in ms and COUNT the interruptions. */
export const FORM_OPEN = 0;
export const FORM_BEGINS = 1;
export const FORM_TRANSIENT = 2;

// --- The record of a line: one cache line --------------------------------------------------------
//
//   0      8      16     24          32     40 44    48     52    56       60
//   ├──────┼──────┼──────┼───────────┼──────┼──┼─────┼──────┼─────┼────────┼──────┤ 64
//   effect transi start  outage end  first  n  flags alarms cause store id alarm

export const LINE_EFFECTIVE = 0;
export const LINE_TRANSITION = 8;
export const LINE_START = 16;
export const LINE_OUTAGE_END = 24;
export const LINE_FIRST = 32;
export const LINE_N = 40;
export const LINE_FLAGS = 44;
export const LINE_ALARMS = 48;
export const LINE_CAUSE = 52;
export const LINE_STORE_ID = 56;
export const LINE_ALARM = 60;
export const LINE_SIZE = 64;

/** Seen in the stream: it has a place in the order of first appearance. */
export const FLAG_SEEN = 1;
export const FLAG_DOWN = 2;
/** The unnamed alarm of the key that is the line itself is active. */
export const FLAG_PLAIN = 4;
export const FLAG_EPISODE = 8;
export const FLAG_CHANGED = 16;
export const FLAG_UNKNOWN = 32;
/** The key leads to other lines (aliases). */
export const FLAG_ALIASED = 64;
/** The interruption's end waits under mergeGap: nothing is active, and it may yet be joined. */
export const FLAG_PENDING = 128;
/** Bits 8 to 15: starts kept. */
export const FLAG_STARTS_SHIFT = 8;
/** Bits 16 to 19: the line's class, the index of its rule set. */
export const FLAG_CLASS_SHIFT = 16;
export const FLAG_CLASS_MASK = RULE_SETS - 1;
/** The end of the interruption, or of a part joined to it, is not known for certain. */
export const FLAG_UNCERTAIN = 1 << 20;
/** Bits 21 to 28: the detectors beside the primary one that have an open episode. */
export const FLAG_OTHERS_SHIFT = 21;
export const FLAG_OTHERS = ((1 << DETECTORS_MAX) - 1) << FLAG_OTHERS_SHIFT;

// Beside each line, in a region of its own: the last starts, newest first, or the open episode. An
// episode forgets the starts when it ends and needs none while it lasts, so both share the place.

export const EPISODE_AT = 0;
export const EPISODE_SINCE = 8;
export const EPISODE_COUNT = 16;
export const EPISODE_RULE = 20;
export const EPISODE_SIZE = 24;

// State of the detectors beside the primary one, in two regions. Beside a line stand the heads, all
// that an event of a quiet line touches: up to a cache line together, they never cross one. And the
// tail: an episode of each detector; the times of the line's samples; the rings. Zero is the empty
// state of all.

/**
 * Samples, among the heads at CTL_SAMPLES where there is a weighted detector: at which of the last an
 * interruption started, as bits, the newest bit 19; from SAMPLES_CURSOR_SHIFT on the newest one's
 * place among the times, which follow the episodes in the tail. Two times are written at once, at
 * every other sample: one that has an even place is the line's last effective time until then.
 */
export const SAMPLES = 20;
export const SAMPLES_CURSOR_SHIFT = 20;
export const SAMPLES_CURSOR_MASK = 31;
/**
 * Above the place: samples taken since one was at the instant of the one before it, at most SAMPLES.
 * Layout 4 has zeros here, as if that had just been: then a start that leaves is looked at in vain.
 */
export const SAMPLES_APART_SHIFT = 25;
export const SAMPLES_SIZE = 4;
/**
 * Behind the times: when the last start was that is no longer among the samples, and how many of them
 * were at that instant. {time i64, starts u32}
 */
export const SAMPLES_GONE = 8 * SAMPLES;
export const SAMPLES_GONE_STARTS = SAMPLES_GONE + 8;
export const SAMPLES_TIMES_SIZE = SAMPLES_GONE + 16;
/** Window detector: {starts kept u32}; in the ring the starts, newest first. */
export const WINDOW_STARTS_KEPT = 0;
export const WINDOW_SIZE = 4;
/**
 * Penalty detector: the value at the line's last transition; since when it was never below R, and the
 * starts since then, 0 = it is below.
 */
export const PENALTY_VALUE = 0;
export const PENALTY_SINCE = 8;
export const PENALTY_STARTS = 16;
export const PENALTY_SIZE = 20;
/** Weighted detector: {changes u32}: as bits, the newest bit 19, and two flags above them. */
export const WEIGHTED_CHANGES = 0;
export const WEIGHTED_SIZE = 4;
/** A sample has been seen: before the first, Icinga's state is unknown and Nagios' is up. */
export const WEIGHTED_KNOWN = 1 << SAMPLES;
export const WEIGHTED_DOWN = 2 << SAMPLES;
/**
 * Transient accumulation: newest slice, sums over all slices and those of the newest; in the ring
 * {count u32, duration ms u32} of each of the others.
 */
export const TRANSIENT_SLICES = 32;
export const TRANSIENT_SLICE = 0;
export const TRANSIENT_DURATION_MS = 8;
/** With TRANSIENT_FIRED: a limit has been passed. */
export const TRANSIENT_COUNT = 16;
export const TRANSIENT_NOW_COUNT = 20;
export const TRANSIENT_NOW_DURATION_MS = 24;
export const TRANSIENT_SIZE = 28;
export const TRANSIENT_FIRED = 1 << 31;
export const TRANSIENT_RING_SIZE = 8 * TRANSIENT_SLICES;
/** Heads, and the tail, of a line with the most detectors of the kind that has most. */
export const HEADS_BYTES_MAX = 320;
export const TAIL_BYTES_MAX =
  SAMPLES_TIMES_SIZE + DETECTORS_MAX * (EPISODE_SIZE + 8 * FLAP_STARTS_MAX) + 64;
/** A line with its starts and the state of all its detectors, at most. */
export const LINE_STATE_BYTES_MAX =
  LINE_SIZE + 8 * FLAP_STARTS_MAX + HEADS_BYTES_MAX + TAIL_BYTES_MAX;

/** The end that waits, beside each line in a region of its own where mergeGap is on. */
export const PENDING_END = 0;
export const PENDING_LAST = 8;
export const PENDING_SIZE = 16;

/**
 * An alarm: {key u32, name u32, next u32, flags u32} in a list a line; active unless it is cleared.
 */
export const ALARM_KEY = 0;
export const ALARM_NAME = 4;
export const ALARM_NEXT = 8;
export const ALARM_FLAGS = 12;
export const ALARM_SIZE = 16;
/** Not active: kept for its chatter only. */
export const ALARM_CLEARED = 1;
/** Stays in the list when it is cleared. */
export const ALARM_KEPT = 2;

// Beside each alarm, in a region of its own where staleness or chatter is on:
//
//   0        8        16        24           32     36     40       44      48
//   ├────────┼────────┼─────────┼────────────┼──────┼──────┼────────┼───────┤
//   │ raised │ before │ inverse │ chatteredAt│ line │ count│ chatt. │ next  │
//
// Staleness alone keeps the first 8 bytes. 0 in `next` = the host has taken it.

export const HISTORY_RAISED = 0;
export const HISTORY_BEFORE = 8;
export const HISTORY_INVERSE = 16;
export const HISTORY_CHATTERED_AT = 24;
export const HISTORY_LINE = 32;
export const HISTORY_COUNT = 36;
export const HISTORY_CHATTERED = 40;
export const HISTORY_NEXT = 44;
export const HISTORY_SIZE = 48;
export const HISTORY_RAISED_SIZE = 8;
/** Ends the list of alarms whose chatter changed. */
export const CHATTER_LAST = 0xffffffff;

/** An alias: {line u32, next u32} in a list a key, in the file's order. */
export const ALIAS_LINE = 0;
export const ALIAS_NEXT = 4;
export const ALIAS_SIZE = 8;

// --- Dictionaries: slots, directory {entry u32, extra u32}, arena --------------------------------
// A slot: {bits of the hash, entry / 4}, together u32. An entry of the arena: {index u32, length u16,
// bytes}, aligned to 4. Entry 0 = none.

export const DICTIONARY_KEYS = 0;
export const DICTIONARY_ALARMS = 1;
export const DICTIONARY_CAUSES = 2;
export const DICTIONARIES = 3;
export const SLOT_SIZE = 4;
export const DIRECTORY_ENTRY = 0;
/** Keys: head of the list of aliases. Alarms and causes: the store's id. */
export const DIRECTORY_EXTRA = 4;
export const DIRECTORY_SIZE = 8;
export const ENTRY_INDEX = 0;
export const ENTRY_LENGTH = 4;
export const ENTRY_BYTES = 6;

// --- Snapshot: sections in this order, each {start u32, bytes u32} in REGION_SECTIONS ------------

export const SECTION_LINES = 0;
export const SECTION_STARTS = 1;
export const SECTION_ALARMS = 2;
export const SECTION_ALIASES = 3;
export const SECTION_CHANGED = 4;
export const SECTION_FRESH = 5;
export const SECTION_HEADS = 6;
export const SECTION_PENDING = 7;
export const SECTION_HISTORIES = 8;
export const SECTION_TAILS = 9;
/** Arena, then directory, of each dictionary. */
export const SECTION_DICTIONARIES = 10;
export const SECTIONS = SECTION_DICTIONARIES + 2 * DICTIONARIES;
export const SECTION_SIZE = 8;

// --- Reasons of a rejection ----------------------------------------------------------------------

export const REASON_SYNTAX = 1;
export const REASON_CONTROL = 2;
export const REASON_ESCAPE = 3;
export const REASON_NUMBER = 4;
export const REASON_DEPTH = 5;
export const REASON_TRUNCATED = 6;
export const REASON_TOP_LEVEL = 7;
export const REASON_NESTED_ARRAY = 8;
export const REASON_SEPARATOR = 9;
export const REASON_NULL_VALUE = 10;
export const REASON_TOO_LONG = 11;
// From 32 on the text is good and only the event is wrong.
export const REASON_LINE_MISSING = 32;
export const REASON_LINE_TYPE = 33;
export const REASON_LINE_LENGTH = 34;
export const REASON_LINE_TEXT = 35;
export const REASON_KEY = 36;
export const REASON_STATE_MISSING = 37;
export const REASON_STATE = 38;
export const REASON_TIME_MISSING = 39;
export const REASON_TIME_TYPE = 40;
export const REASON_TIME_RANGE = 41;
export const REASON_TIME_FORMAT = 42;
export const REASON_TIME_OFFSET = 43;
export const REASON_ALARM = 44;
export const REASON_CAUSE = 45;
export const REASON_LINES_MAX = 46;
export const REASON_NAMES_MAX = 47;
export const REASON_ALARMS_MAX = 48;
/** The event's time is too far ahead of its record's. */
export const REASON_SKEW = 49;
