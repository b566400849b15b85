// A snapshot as pages: its sections cut at every 256 KiB, so that a state of which little has changed
// costs little to write, and whoever restores it reads each page once. A page is known by its hash.

import { createHash } from 'node:crypto';
import { FlaplineError } from '../config/errors.js';
import type { SnapshotHeader, SnapshotImage } from '../kernel/snapshot.js';

export const PAGE_BYTES = 256 << 10;

/** Hash of each page, by section. */
export type PageHashes = readonly (readonly string[])[];

/** A page that is to be written. */
export interface Page {
  readonly key: string;
  readonly bytes: Buffer;
}

/** What a state says of its snapshot; its pages stand beside it. */
export interface SnapshotHead {
  readonly header: SnapshotHeader;
  readonly hashes: PageHashes;
}

/** The key of a page. */
export function pageKey(section: number, page: number): string {
  return `page/${section}/${page}`;
}

/** The hashes of a snapshot, and copies of the pages that are others than they were. */
export function changedPages(
  { sections }: Pick<SnapshotImage, 'sections'>,
  known: PageHashes,
): { readonly hashes: PageHashes; readonly pages: readonly Page[] } {
  const pages: Page[] = [];
  const hashes = sections.map((section, id) => {
    const count = Math.ceil(section.length / PAGE_BYTES);
    return Array.from({ length: count }, (_, i) => {
      const bytes = section.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES);
      const hash = hashOf(bytes);
      if (known[id]?.[i] !== hash) pages.push({ key: pageKey(id, i), bytes: Buffer.from(bytes) });
      return hash;
    });
  });
  return { hashes, pages };
}

/** Puts the pages of a snapshot together. Throws SNAPSHOT_UNREADABLE where one is missing or another. */
export function payloadOf(
  { header, hashes }: SnapshotHead,
  pageOf: (key: string) => Buffer | undefined,
): Buffer {
  const pieces = hashes.flatMap((ofSection, section) =>
    ofSection.map((hash, i) => {
      const bytes = pageOf(pageKey(section, i));
      if (bytes !== undefined && hashOf(bytes) === hash) return bytes;
      throw new FlaplineError(
        'SNAPSHOT_UNREADABLE',
        `page ${i} of section ${section} is ${bytes ? 'not the one that was written' : 'missing'}: ` +
          'the state topic must be compacted (cleanup.policy=compact) and nothing else',
      );
    }),
  );
  const payload = Buffer.concat(pieces);
  const wanted = header.sectionBytes.reduce((sum, bytes) => sum + bytes, 0);
  if (payload.length === wanted) return payload;
  throw new FlaplineError(
    'SNAPSHOT_UNREADABLE',
    `the pages have ${payload.length} bytes, the snapshot ${wanted}`,
  );
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
