/**
 * The head of one entry: a ustar header, with an extended pax header before it where a text or a number does not fit (PROTOCOL 20).
 *
 * The same entry always has the same bytes: no owner, no time, no device. So a reader makes the head again and compares it, and
 * nothing in a head is left to interpretation.
 *
 * @module
 */

import { concatBytes } from "../../system/bytes/bytes.ts";
import { encodeUtf8 } from "../../system/bytes/utf8.ts";
import { encodeRecord } from "./pax-records.ts";
import { BLOCK_BYTES, EXTENDED_TYPE, fillHeader, SIZE_LIMIT } from "./ustar-header.ts";

/** What an entry is. */
export type ArchiveKind = "file" | "folder" | "link";

/** One entry of an archive. */
export interface ArchiveEntry {
  readonly kind: ArchiveKind;
  /** Well-formed text, without a slash at the end. */
  readonly path: string;
  /** The nine permission bits. */
  readonly mode: number;
  /** Bytes of a file; 0 for others. */
  readonly size: number;
  /** Where a link leads; empty for others. */
  readonly target: string;
}

/** The type of each kind in a header. */
const TYPES: Readonly<Record<ArchiveKind, number>> = { file: 0x30, link: 0x32, folder: 0x35 };

/** The kinds by their types: hard links, devices, sparse files and global headers are not among them. */
export const KIND_OF_TYPE: ReadonlyMap<number, ArchiveKind> = new Map([
  [TYPES.file, "file"],
  [TYPES.link, "link"],
  [TYPES.folder, "folder"],
]);

/** The mode of each link: no system lets a link have another. */
export const LINK_MODE = 0o777;

/** What fits into the field of a name as it is. */
const FITTING = /^[ -~]{1,100}$/;

/** The name of each extended header, and of each header whose name is in one. Readers of pax archives ignore both. */
export const EXTENDED_NAME = "././@PaxHeader";
const EXTENDED_MODE = 0o644;
const REPLACED_NAME = "@PaxPath";

/** The end of an archive: two blocks of zeros. */
export const END_MARKER: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);

/** Zero bytes behind a content of so many bytes, up to the next block. */
export function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** Encodes the head of an entry. Its texts must be well-formed and hold no NUL. */
export function encodeHead(entry: ArchiveEntry): Uint8Array {
  const records = extendedRecords(entry);
  if (records.length === 0) return encodeHeader(entry);
  const content = encodeUtf8(records.join(""));
  const extended = encodeExtendedHeader(content.length);
  return concatBytes([extended, content, new Uint8Array(paddingOf(content.length)), encodeHeader(entry)]);
}

/** Encodes the header of an extended header of so many bytes. */
export function encodeExtendedHeader(size: number): Uint8Array {
  const header = new Uint8Array(BLOCK_BYTES);
  fillHeader(header, EXTENDED_TYPE, EXTENDED_NAME, EXTENDED_MODE, size, "");
  return header;
}

/** Encodes the ustar header of an entry. What is in its extended header is replaced there. */
export function encodeHeader(
  entry: ArchiveEntry,
  header: Uint8Array = new Uint8Array(BLOCK_BYTES),
): Uint8Array {
  const name = nameOf(entry);
  const size = entry.size < SIZE_LIMIT ? entry.size : 0;
  const target = isExtended(entry.target) ? REPLACED_NAME : entry.target;
  header.fill(0);
  fillHeader(header, TYPES[entry.kind], isExtended(name) ? REPLACED_NAME : name, entry.mode, size, target);
  return header;
}

/** Whether a text is only in the extended header. */
function isExtended(text: string): boolean {
  return text !== "" && !FITTING.test(text);
}

/** Tar names a folder with a slash at the end. */
function nameOf({ kind, path }: ArchiveEntry): string {
  return kind === "folder" ? `${path}/` : path;
}

/** The records of an extended header, in the order of their keywords. */
function extendedRecords(entry: ArchiveEntry): readonly string[] {
  const records: string[] = [];
  const name = nameOf(entry);
  if (isExtended(entry.target)) records.push(encodeRecord("linkpath", entry.target));
  if (isExtended(name)) records.push(encodeRecord("path", name));
  if (entry.size >= SIZE_LIMIT) records.push(encodeRecord("size", String(entry.size)));
  return records;
}
