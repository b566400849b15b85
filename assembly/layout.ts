// Every record layout and every number that crosses between kernel and host, as plain integer
// constants derived from one another. No imports: it compiles in asc and in tsc alike. Index 0 of a
// line, key, alarm or cause always means "none", so that zeroed memory is an empty state.

/** Raised whenever a byte of a snapshot or of the boundary changes its meaning. */
export const LAYOUT_VERSION = 1;

// --- Limits ------------------------------------------------------------------------------------

/** Bytes of a line, alarm, cause or key name (SPEC section 2). */
export const NAME_BYTES_MAX = 256;
/** Nesting depth of JSON; deeper is an error. */
export const DEPTH_MAX = 1000;
/** Rules (K, W) of the window detector. */
export const FLAP_RULES_MAX = 8;
/** Starts that a rule may ask for. */
export const FLAP_STARTS_MAX = 64;
/** Entries of the table of a time zone's offsets. */
export const ZONE_ENTRIES_MAX = 1024;
/** Events whose lines are looked up together, so that the memory answers them side by side. */
export const NAMING_BLOCK = 64;
/** Scratch: field table and text buffer of the decoder, names that wait, the open containers. */
export const SCRATCH_BYTES = 8192;
/** Zero bytes kept behind every text, so that a 16-byte load never leaves its region. */
export const TEXT_PADDING = 64;

// --- Control block: float64 slots, read and written by both sides ---------------------------------
//
//  0 .. 47   capacities and rules: set by the host, never part of a snapshot
// 48 .. 79   state: counters, part of a snapshot
// 80 .. 111  hand-over: cursors and counts of the batch at hand

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

export const CTL_QUIET_MS = 16;
export const CTL_OUTAGE_MS = 17;
export const CTL_REPEAT_MS = 18;
export const CTL_FLAP_RULES = 19;
/** FLAP_RULES_MAX triples: starts, window in ms, the id that findings name the rule by. */
export const CTL_FLAP_RULE = 20;
export const CTL_FLAP_RULE_SLOTS = 3;
export const CTL_ZONE_ENTRIES = CTL_FLAP_RULE + CTL_FLAP_RULE_SLOTS * FLAP_RULES_MAX;
export const CTL_STARTS_STRIDE = CTL_ZONE_ENTRIES + 1;
/** Interruption starts are written as findings of their own (live views, causes). */
export const CTL_EMIT_STARTS = CTL_STARTS_STRIDE + 1;

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
export const CTL_SLOTS = 112;

// --- Stop reasons of decode, detect and read --------------------------------------------------------

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

// --- Regions: ids of `region(id)` ---------------------------------------------------------------------

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

// --- Columns: each table is its columns one after the other, each CAPACITY rows long -----------------
// A column's offset is COLUMN * capacity, with COLUMN the sum of the widths before it.

/** Frames: {offset f64, record time f64, value start u32, value length i32 (-1 = null), key length u32}; the key stands before the value. */
export const FRAME_OFFSET = 0;
export const FRAME_TIME = 8;
export const FRAME_START = 16;
export const FRAME_LENGTH = 20;
export const FRAME_KEY_LENGTH = 24;
export const FRAME_ROW = 28;

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

/** Rejects: {position f64, reason u32, error at u32 (inbox), object from u32 (inbox), line u32, frame u32} */
export const REJECT_POSITION = 0;
export const REJECT_REASON = 8;
export const REJECT_AT = 12;
export const REJECT_FROM = 16;
export const REJECT_LINE = 20;
export const REJECT_FRAME = 24;
export const REJECT_ROW = 28;
export const REJECTS_CAPACITY = 1024;

/** Findings, one table a kind. ORDINAL is that of the event that caused a row, over all kinds. */
export const KIND_INTERRUPTION = 0;
export const KIND_FLAP_START = 1;
export const KIND_FLAP_END = 2;
export const KIND_REPEAT = 3;
export const KIND_START = 4;
/** Coverage: a line unknown from a rejected event to its next event. */
export const KIND_UNKNOWN = 5;
export const KINDS = 6;

/** Every table has these columns; what a kind does not use costs no memory, since it is never touched. */
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

/** Open state of changed lines: what `changed()` writes, OPEN_CAPACITY rows a call. */
export const OPEN_EFFECTIVE = 0;
export const OPEN_TRANSITION = 8;
export const OPEN_START = 16;
export const OPEN_OUTAGE_END = 24;
export const OPEN_FIRST = 32;
export const OPEN_AT = 40;
export const OPEN_SINCE = 48;
export const OPEN_LINE = 56;
export const OPEN_N = 60;
export const OPEN_CAUSE = 64;
export const OPEN_ALARM = 68;
export const OPEN_RULE = 72;
export const OPEN_COUNT = 76;
export const OPEN_DOWN = 80;
export const OPEN_UNKNOWN = 81;
export const OPEN_EPISODE = 82;
export const OPEN_ROW = 84;
export const OPEN_CAPACITY = 16384;

// --- The record of a line: one cache line --------------------------------------------------------------
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
/** Bits 8 to 15: starts kept. */
export const FLAG_STARTS_SHIFT = 8;

// Beside each line, in a region of its own: the last starts, newest first, or the open episode. An
// episode forgets the starts when it ends and needs none while it lasts, so both share the place.

export const EPISODE_AT = 0;
export const EPISODE_SINCE = 8;
export const EPISODE_COUNT = 16;
export const EPISODE_RULE = 20;
export const EPISODE_SIZE = 24;

/** An active alarm: {key u32, name u32, next u32, spare u32} in a list a line. */
export const ALARM_KEY = 0;
export const ALARM_NAME = 4;
export const ALARM_NEXT = 8;
export const ALARM_SIZE = 16;

/** An alias: {line u32, next u32} in a list a key, in the file's order. */
export const ALIAS_LINE = 0;
export const ALIAS_NEXT = 4;
export const ALIAS_SIZE = 8;

// --- Dictionaries: slots {hash u32, entry u32}, directory {entry u32, extra u32}, arena -------------------
// An entry of the arena: {index u32, length u16, bytes}, aligned to 4. Entry 0 = none.

export const DICTIONARY_KEYS = 0;
export const DICTIONARY_ALARMS = 1;
export const DICTIONARY_CAUSES = 2;
export const DICTIONARIES = 3;
export const SLOT_SIZE = 8;
export const DIRECTORY_ENTRY = 0;
/** Keys: head of the list of aliases. Alarms and causes: the store's id. */
export const DIRECTORY_EXTRA = 4;
export const DIRECTORY_SIZE = 8;
export const ENTRY_INDEX = 0;
export const ENTRY_LENGTH = 4;
export const ENTRY_BYTES = 6;

// --- Snapshot: sections in this order, each {start u32, bytes u32} in REGION_SECTIONS ----------------------

export const SECTION_LINES = 0;
export const SECTION_STARTS = 1;
export const SECTION_ALARMS = 2;
export const SECTION_ALIASES = 3;
export const SECTION_CHANGED = 4;
export const SECTION_FRESH = 5;
/** Arena, then directory, of each dictionary. */
export const SECTION_DICTIONARIES = 6;
export const SECTIONS = SECTION_DICTIONARIES + 2 * DICTIONARIES;
export const SECTION_SIZE = 8;

// --- Reasons of a rejection -----------------------------------------------------------------------------------

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
/** From here on the text is good and only the event is wrong. */
export const REASON_EVENT = 32;
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
