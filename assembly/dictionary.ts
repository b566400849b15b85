// Names to dense indices (1, 2, ...) and back: keys and lines, alarm identities, causes. Open
// addressing, 4 bytes a slot, at most two thirds full; the bytes stand once in an arena. About two
// cache misses a look-up: the slot, then the arena entry, which also holds the index. A slot is
// where the entry stands, in words of the arena, and above it as many bits of the hash as are left,
// so that a slot of another name is seldom followed.

import * as L from './layout';
import { ctl, takeRegion } from './memory';

@unmanaged
class Dictionary {
  slots: usize;
  /** Slots: three for two names. */
  size: u32;
  /** Bits of a slot that say where the entry stands. */
  shift: u32;
  directory: usize;
  arena: usize;
  used: u32;
  bytes: u32;
  count: u32;
  capacity: u32;
}

/** The multipliers of MurmurHash3's 64-bit finalizer (Appleby), in two halves each. */
const HASH_1: u64 = ((<u64>0xff51afd7) << 32) | 0xed558ccd;
const HASH_2: u64 = ((<u64>0xc4ceb9fe) << 32) | 0x1a85ec53;
/** The arena's entry 0 means none, so the first entry stands at 8. */
const ARENA_START: u32 = 8;

const descriptors: usize = memory.data(offsetof<Dictionary>() * L.DICTIONARIES, 8);

/** The dictionary with one of the ids DICTIONARY_... */
export function dictionary(id: u32): Dictionary {
  return changetype<Dictionary>(descriptors + <usize>id * offsetof<Dictionary>());
}

function place(id: u32, capacity: u32, bytes: u32): void {
  const d = dictionary(id);
  d.size = <u32>min<u64>((<u64>capacity * 3) / 2 + 8, 0xffffffff);
  d.shift = 32 - clz<u32>(bytes >> 2);
  d.slots = takeRegion(<u64>d.size * L.SLOT_SIZE);
  d.directory = takeRegion((<u64>capacity + 1) * L.DIRECTORY_SIZE);
  d.arena = takeRegion(<u64>bytes + L.TEXT_PADDING);
  d.used = ARENA_START;
  d.bytes = bytes;
  d.count = 0;
  d.capacity = capacity;
}

/** Places the dictionaries by the capacities in the control block. */
export function placeDictionaries(): void {
  const names = <u32>ctl(L.CTL_NAMES_CAPACITY);
  const nameBytes = <u32>ctl(L.CTL_NAME_BYTES_CAPACITY);
  place(L.DICTIONARY_KEYS, <u32>ctl(L.CTL_LINES_CAPACITY), <u32>ctl(L.CTL_KEY_BYTES_CAPACITY));
  place(L.DICTIONARY_ALARMS, names, nameBytes);
  place(L.DICTIONARY_CAUSES, names, nameBytes);
}

/**
 * Hash of a text. Reads up to 7 bytes more than `length`: every text has TEXT_PADDING behind it.
 */
export function hash(text: usize, length: u32): u32 {
  let h: u64 = length;
  if (length >= 8) {
    const last = text + length - 8;
    for (; text < last; text += 8) {
      h = (h ^ load<u64>(text)) * HASH_1;
      h ^= h >> 33;
    }
    h ^= load<u64>(last);
  } else if (length != 0) {
    h ^= load<u64>(text) << (64 - 8 * <u64>length);
  }
  h ^= h >> 33;
  h *= HASH_1;
  h ^= h >> 33;
  h *= HASH_2;
  return <u32>(h >> 32);
}

function equal(a: usize, b: usize, length: u32): bool {
  if (length >= 8) {
    const end = a + length - 8;
    while (a < end) {
      if (load<u64>(a) != load<u64>(b)) return false;
      a += 8;
      b += 8;
    }
    b -= a - end;
    return load<u64>(end) == load<u64>(b);
  }
  if (length == 0) return true;
  return (load<u64>(a) ^ load<u64>(b)) << (64 - 8 * <u64>length) == 0;
}

/** Index of the name, or 0 when it is new and there is no room for it. */
export function intern(id: u32, text: usize, length: u32): u32 {
  return internHashed(id, text, length, hash(text, length));
}

/** The slot at which a name with this hash is looked for first. */
function home(h: u32, size: u32): usize {
  return <usize>((<u64>h * size) >> 32);
}

/**
 * Asks for the memory of look-ups to come: `count` hashes, `stride` bytes apart. First all slots,
 * then all entries, with as little between the loads as can be, so that they wait together. The sum
 * that is returned only keeps the compiler from dropping them.
 */
export function touchNames(id: u32, hashes: usize, count: u32, stride: usize): u32 {
  const d = dictionary(id);
  const size = d.size;
  const slots = d.slots;
  const arena = d.arena;
  const entryBits: u32 = (1 << d.shift) - 1;
  const end = hashes + <usize>count * stride;
  let sum: u32 = 0;
  for (let at = hashes; at < end; at += stride) {
    sum += load<u32>(slots + home(load<u32>(at), size) * L.SLOT_SIZE);
  }
  for (let at = hashes; at < end; at += stride) {
    const slot = load<u32>(slots + home(load<u32>(at), size) * L.SLOT_SIZE);
    sum += load<u32>(arena + ((<usize>(slot & entryBits)) << 2));
  }
  return sum;
}

/** `intern` with the hash known. */
export function internHashed(id: u32, text: usize, length: u32, h: u32): u32 {
  const d = dictionary(id);
  const end = d.slots + <usize>d.size * L.SLOT_SIZE;
  const shift = d.shift;
  const tag = h << shift;
  let at = d.slots + home(h, d.size) * L.SLOT_SIZE;
  while (true) {
    const slot = load<u32>(at);
    if (slot == 0) return append(d, at, tag, text, length);
    const entry = slot ^ tag;
    if (entry >> shift == 0) {
      const known = d.arena + ((<usize>entry) << 2);
      if (
        <u32>load<u16>(known, L.ENTRY_LENGTH) == length &&
        equal(known + L.ENTRY_BYTES, text, length)
      ) {
        return load<u32>(known, L.ENTRY_INDEX);
      }
    }
    at += L.SLOT_SIZE;
    if (at == end) at = d.slots;
  }
}

function append(d: Dictionary, slot: usize, tag: u32, text: usize, length: u32): u32 {
  const entry = d.used;
  const after = <u64>entry + ((<u64>(L.ENTRY_BYTES + length) + 3) & ~3);
  if (d.count == d.capacity || after > <u64>d.bytes) return 0;
  const index = ++d.count;
  d.used = <u32>after;
  const at = d.arena + entry;
  store<u32>(at, index, L.ENTRY_INDEX);
  store<u16>(at, <u16>length, L.ENTRY_LENGTH);
  memory.copy(at + L.ENTRY_BYTES, text, length);
  store<u32>(slot, tag | (entry >> 2));
  store<u32>(d.directory + <usize>index * L.DIRECTORY_SIZE, entry, L.DIRECTORY_ENTRY);
  return index;
}

/** Fills the slots of a restored dictionary from its arena and directory. */
export function rebuildSlots(id: u32): void {
  const d = dictionary(id);
  for (let index: u32 = 1; index <= d.count; index++) {
    const entry = load<u32>(d.directory + <usize>index * L.DIRECTORY_SIZE, L.DIRECTORY_ENTRY);
    const at = d.arena + entry;
    const h = hash(at + L.ENTRY_BYTES, load<u16>(at, L.ENTRY_LENGTH));
    let slot = home(h, d.size);
    while (load<u32>(d.slots + slot * L.SLOT_SIZE) != 0) slot = slot + 1 == d.size ? 0 : slot + 1;
    store<u32>(d.slots + slot * L.SLOT_SIZE, (h << d.shift) | (entry >> 2));
  }
}

/** The directory's second word: aliases of a key, the store's id of an alarm or a cause. */
export function extra(id: u32, index: u32): u32 {
  return load<u32>(dictionary(id).directory + <usize>index * L.DIRECTORY_SIZE, L.DIRECTORY_EXTRA);
}

/** Sets the directory's second word. */
export function setExtra(id: u32, index: u32, value: u32): void {
  store<u32>(dictionary(id).directory + <usize>index * L.DIRECTORY_SIZE, value, L.DIRECTORY_EXTRA);
}
