/** A broken archive in words. @module */

import { type ArchiveFault, numberOf, quote } from "../../src/core/internal.ts";
import type { SourceFault } from "../source/read-artifact.ts";

/** What is wrong with an archive as a whole, or with which of its entries; the reason alone says the rest. */
const SENTENCES: Readonly<Partial<Record<ArchiveFault["reason"], string>>> = {
  foreign: "it is a plain tar or zip: unpack it, then choose the folder",
  truncated: "it ends early",
  "trailing-bytes": "bytes come after its end",
  "entry-unexpected": "it has an entry that its bundle does not name",
  "entry-missing": "an entry is missing that its bundle names",
  order: "an entry is out of order, or there twice",
  "too-large": "it is larger than this page can read",
};

/** Says why an archive is refused. Names in it are quoted. */
export function archiveWords(fault: ArchiveFault | SourceFault): string {
  if ("details" in fault)
    return fault.code === "READ_FAILED" ? "it can't be read" : "it changed while it was read";
  const { entry, offset, reason } = fault;
  const sentence = SENTENCES[reason];
  const parts = [
    sentence === undefined ? [reason.replace("-", " ")] : [],
    entry === undefined ? [] : [quote(entry)],
    offset === undefined ? [] : [`at byte ${numberOf(offset)}`],
  ].flat();
  const where = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
  return `${sentence ?? "it is not of the form that runseal writes"}${where}`;
}

/** Whether a failure is that of an archive. */
export function isArchiveFault(failure: { readonly code: string }): failure is ArchiveFault {
  return failure.code === "CARRIED_RUN_MALFORMED";
}
