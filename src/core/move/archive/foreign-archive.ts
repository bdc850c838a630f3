/** What looks like an archive of runs to a person: a folder comes by mail as a tar, a compressed tar or a zip. @module */

import { RUNS } from "./carried-path.ts";
import { EXTENDED_NAME } from "./entry-head.ts";
import { FIELDS } from "./ustar-header.ts";

/** How zips begin, and what gzip, bzip2, xz and Zstandard write. */
const PACKED: readonly string[] = ["PK\x03\x04", "\x1f\x8b", "BZh", "\xfd7zXZ", "\x28\xb5\x2f\xfd"];

/** Where a header of a tar names its format. */
const MAGIC_AT = 257;
const MAGIC = "ustar";

/** Bytes that tell what a file is. */
export const BEGINNING_BYTES: number = MAGIC_AT + MAGIC.length;

/** Whether a file that begins so is an archive of any kind. */
export function beginsAsArchive(first: Uint8Array): boolean {
  const text = latin1(first);
  return text.startsWith(MAGIC, MAGIC_AT) || PACKED.some((magic) => text.startsWith(magic));
}

/** Whether it is one, but holds no runs: the first entry of ours is a bundle's file. */
export function isForeignArchive(first: Uint8Array): boolean {
  const text = latin1(first);
  // Python's tarfile writes headers of the same name, with no mode.
  const isExtended = text.startsWith(EXTENDED_NAME) && text.startsWith("0000644", FIELDS.mode[0]);
  return beginsAsArchive(first) && !text.startsWith(RUNS) && !isExtended;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, BEGINNING_BYTES));
}
