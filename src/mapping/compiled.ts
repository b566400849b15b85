// A mapping as the kernel takes it: the table that its JSON walker executes (mapping-layout.ts).

/** A compiled mapping. */
export interface CompiledMapping {
  /** The preset, or the file. */
  readonly name: string;
  /** The YAML text that it was made from; '' for the native form. */
  readonly words: string;
  /** At most MAPPING_BYTES_MAX bytes. */
  readonly table: Uint8Array;
  /** SPEC section 3's own form: the table says where its members stand, the kernel reads them. */
  readonly isNative: boolean;
}
