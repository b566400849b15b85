// The table of a mapping: what the host compiles from words and the walker executes. One block of
// bytes, little endian, every offset from its start. Plain constants, as in layout.ts.

/** Bytes of a table. */
export const MAPPING_BYTES_MAX = 65536;
/** What is captured of one record. */
export const SLOTS_MAX = 32;
/** Objects inside one another that a mapping may enter. */
export const MAPPING_DEPTH_MAX = 16;
/** Bytes of a member's key. */
export const MAPPED_KEY_MAX = 29;
/** "No slot". */
export const NO_SLOT = 0xffffffff;

// Header.
export const HEADER_ROOT = 0;
export const HEADER_RECORDS = 4;
export const HEADER_RECORDS_AT = 8;
export const HEADER_VARIANTS = 12;
export const HEADER_VARIANTS_AT = 16;
export const HEADER_SLOTS = 20;
/** Slots below this one belong to the object, the others to the record at hand. */
export const HEADER_ROOT_SLOTS = 24;
/** Severities that are ignored, as texts; the kernel's host writes them. */
export const HEADER_SEVERITIES = 28;
export const HEADER_SEVERITIES_AT = 32;
export const HEADER_SIZE = 36;

// Node: what is looked for in an object. GUESS is the member expected first; the walker learns it.
export const NODE_MEMBERS_AT = 0;
export const NODE_MEMBERS = 4;
export const NODE_GUESS = 8;
/** A member for every other key, or 0. */
export const NODE_ANY = 12;
export const NODE_SIZE = 16;

// Member: PATTERN is `"key":`, zero padded; NEXT is the member expected behind it (the walker's).
export const MEMBER_PATTERN = 0;
export const MEMBER_LENGTH = 32;
export const MEMBER_ACTION = 36;
export const MEMBER_TARGET = 40;
export const MEMBER_NEXT = 44;
/** Takes the key's text, for the member of every other key; else NO_SLOT. */
export const MEMBER_KEY_SLOT = 48;
/** The slot that ENTER_AND_TAKE fills; else NO_SLOT. */
export const MEMBER_SLOT = 52;
/** {from u8, count u8}: the slots of this member and those below it: absent when it is met. */
export const MEMBER_CLEAR_FROM = 56;
export const MEMBER_CLEAR = 57;
/** The walker's: the usual length of the value, how often it was another, the key's bits. */
export const MEMBER_USUAL = 58;
export const MEMBER_UNUSUAL = 59;
export const MEMBER_NEED = 60;
export const MEMBER_SIZE = 64;

/** Behind the table: a member that no text equals, and keys learnt to be skipped. */
export const MAPPING_NEVER = MAPPING_BYTES_MAX;
export const MAPPING_LEARNT = MAPPING_NEVER + MEMBER_SIZE;
export const LEARNT_MAX = 32;
/** Bytes of the region. */
export const MAPPING_REGION_BYTES = MAPPING_LEARNT + LEARNT_MAX * MEMBER_SIZE;

/** The value goes into slot TARGET. */
export const ACTION_TAKE = 1;
/** The value, when it is an object, is walked by node TARGET. */
export const ACTION_ENTER = 2;
/** Both: node TARGET, and the whole span into SLOT. */
export const ACTION_ENTER_AND_TAKE = 3;

// Record: where events stand in the object. None = the object itself is the one record.
/** NO_SLOT in the last record: the object itself, when none of the others is there. */
export const RECORD_SLOT = 0;
export const RECORD_FORM = 4;
export const RECORD_NODE = 8;
export const RECORD_KEY_SLOT = 12;
export const RECORD_SIZE = 16;

export const FORM_OBJECT = 0;
export const FORM_ARRAY = 1;
export const FORM_MEMBERS = 2;

// Variant: how an event is made of a record's slots, if its conditions hold.
export const VARIANT_CONDITIONS = 0;
export const VARIANT_CONDITIONS_AT = 4;
export const VARIANT_LINE = 8;
export const VARIANT_ALARM = 12;
export const VARIANT_CAUSE = 16;
export const VARIANT_STATES = 20;
export const VARIANT_STATES_AT = 24;
export const VARIANT_TIMES = 28;
export const VARIANT_TIMES_AT = 32;
export const VARIANT_SEVERITY = 36;
export const VARIANT_SIZE = 48;

export const CONDITION_SLOT = 0;
export const CONDITION_VALUES = 4;
export const CONDITION_VALUES_AT = 8;
export const CONDITION_NEGATED = 12;
export const CONDITION_SIZE = 16;

/** A text of the table: {offset, length}. */
export const VALUE_SIZE = 8;

/** Template: {parts u32}, then its parts. */
export const TEMPLATE_PARTS = 4;
export const PART_CONSTANT_AT = 0;
export const PART_CONSTANT_LENGTH = 4;
export const PART_SLOT = 8;
export const PART_OPTIONAL = 12;
export const PART_SIZE = 16;

export const TEST_SLOT = 0;
export const TEST_VALUES = 4;
export const TEST_VALUES_AT = 8;
export const TEST_OTHER = 12;
export const TEST_NULL = 16;
export const TEST_ABSENT = 20;
export const TEST_SIZE = 24;
/** {offset, length, outcome}. */
export const STATE_VALUE_OUTCOME = 8;
export const STATE_VALUE_SIZE = 12;

export const OUTCOME_NEXT = 0;
export const OUTCOME_DOWN = 1;
export const OUTCOME_UP = 2;
export const OUTCOME_SKIP = 3;
export const OUTCOME_REJECT = 4;

export const TIME_SLOT = 0;
export const TIME_UNIT = 4;
export const TIME_SIZE = 8;

/** By magnitude: below 1e11 seconds, below 1e14 ms, below 1e17 microseconds, else nanoseconds. */
export const UNIT_AUTO = 0;
export const UNIT_S = 1;
export const UNIT_MS = 2;
export const UNIT_US = 3;
export const UNIT_NS = 4;

// Native: the slots of SPEC section 3's own form.
export const NATIVE_LINE = 0;
export const NATIVE_TIME = 1;
export const NATIVE_STATE = 2;
export const NATIVE_ALARM = 3;
export const NATIVE_CAUSE = 4;
export const NATIVE_KEY = 5;
export const NATIVE_SEVERITY = 6;
export const NATIVE_SLOTS = 7;
