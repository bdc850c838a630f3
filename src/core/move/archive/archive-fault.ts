/**
 * How an archive fails that is not of the form that runseal writes (PROTOCOL 20).
 *
 * @module
 */

import type { Fault } from "../../system/bytes/result.ts";

/** What is not as the writer makes it: a block, an entry, or the whole. */
export type ArchiveFlaw =
  | "checksum"
  | "end-marker"
  | "extended-header"
  | "header"
  | "index"
  | "kind"
  | "mode"
  /** A tar of another program, a zip, or compressed bytes. */
  | "foreign"
  /** An entry comes out of order, or twice. */
  | "order"
  | "pack"
  | "padding"
  | "target"
  /** The bytes end before both blocks of the end marker. */
  | "truncated"
  /** Bytes come after the end marker. */
  | "trailing-bytes"
  /** No bundle names the entry. */
  | "entry-unexpected"
  /** A link or a folder of a tree, the index of a pack, or all bundles. */
  | "entry-missing"
  /** More bytes or runs than the limits allow. */
  | "too-large";

/** Where an archive is broken. */
export interface ArchivePlace {
  /** The path of an entry as the archive has it, which may be any text: quote it before showing it. */
  readonly entry?: string | undefined;
  /** Where the flaw is, in bytes from the beginning of the archive. */
  readonly offset?: number | undefined;
}

/** A broken archive. */
export interface ArchiveFault extends Fault<"CARRIED_RUN_MALFORMED">, ArchivePlace {
  readonly reason: ArchiveFlaw;
}

/** Makes a fault. */
export function archiveFault(reason: ArchiveFlaw, place: ArchivePlace = {}): ArchiveFault {
  return { ok: false, code: "CARRIED_RUN_MALFORMED", reason, ...place };
}
