// The columns of lines.csv that are kept, with their types: what a class of lines can be told by.

/** Column in the file and in the store, key in a row, type in the store. */
export const LINE_COLUMNS = [
  { column: 'line', key: 'line', type: 'varchar' },
  { column: 'customer', key: 'customer', type: 'varchar' },
  { column: 'key_customer', key: 'keyCustomer', type: 'boolean' },
  { column: 'product', key: 'product', type: 'varchar' },
  { column: 'branch', key: 'branch', type: 'varchar' },
  { column: 'a_end', key: 'aEnd', type: 'varchar' },
  { column: 'z_end', key: 'zEnd', type: 'varchar' },
  { column: 'a_branch', key: 'aBranch', type: 'varchar' },
  { column: 'z_branch', key: 'zBranch', type: 'varchar' },
  { column: 'circuit_type', key: 'circuitType', type: 'varchar' },
  { column: 'bandwidth_kbps', key: 'bandwidthKbps', type: 'bigint' },
  { column: 'international', key: 'international', type: 'boolean' },
  { column: 'important', key: 'important', type: 'boolean' },
] as const;
