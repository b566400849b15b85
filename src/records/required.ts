// The fields without which the record of a key customer's circuit is incomplete (SPEC section 6).

/** What the record of a key customer's circuit must say. */
export const REQUIRED = [
  'customer',
  'product',
  'branch',
  'a_end',
  'z_end',
  'circuit_type',
  'bandwidth_kbps',
  'contact',
] as const;
