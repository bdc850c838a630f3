/**
 * How an archive fails that is not of the form that runseal writes (PROTOCOL 20).
 *
 * @module
 */

import type { Fault } from "../bytes/result.ts";

/** What breaks the form of an archive. */
export type ArchiveCode =
  /** A block is not one that the writer makes. */
  | "ARCHIVE_MALFORMED"
  /** The bytes end before both blocks of the end marker. */
  | "ARCHIVE_TRUNCATED"
  /** Bytes come after the end marker. */
  | "ARCHIVE_TRAILING_BYTES"
  /** An entry that the bundles do not name, or that comes out of order or twice. */
  | "ARCHIVE_ENTRY_UNEXPECTED"
  /** A link or a folder of a tree has no entry. */
  | "ARCHIVE_ENTRY_MISSING"
  /** An entry has another kind, mode, target, or place in a pack than the bundles name. */
  | "ARCHIVE_ENTRY_DIFFERS"
  /** More bytes or runs than the limits allow. */
  | "ARCHIVE_TOO_LARGE";

/** Which part of an archive is not as the writer makes it. */
export type ArchiveFlaw =
  | "checksum"
  | "end-marker"
  | "extended-header"
  | "header"
  | "index"
  | "kind"
  | "mode"
  | "order"
  | "pack"
  | "padding"
  | "target";

/** The facts of a broken archive. */
export interface ArchiveDetails {
  readonly why?: ArchiveFlaw | undefined;
  /** The path of an entry as the archive has it, which may be any text: quote it before showing it. */
  readonly entry?: string | undefined;
  /** Where the flaw is, in bytes from the beginning of the archive. */
  readonly offset?: number | undefined;
}

/** A broken archive. */
export interface ArchiveFault extends Fault<ArchiveCode>, ArchiveDetails {}

/** Makes a fault. */
export function archiveFault(code: ArchiveCode, details: ArchiveDetails = {}): ArchiveFault {
  return { ok: false, code, ...details };
}
