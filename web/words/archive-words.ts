/** A broken archive in words. @module */

import { type ArchiveFault, quote } from "../../src/core/internal.ts";
import type { SourceFault } from "../source/read-artifact.ts";
import { numberOf } from "./count-text.ts";

const SENTENCES: Readonly<Record<ArchiveFault["code"], string>> = {
  ARCHIVE_MALFORMED: "it is not of the form that runseal writes",
  ARCHIVE_TRUNCATED: "it ends early",
  ARCHIVE_TRAILING_BYTES: "bytes come after its end",
  ARCHIVE_ENTRY_UNEXPECTED: "it has an entry that its bundle does not name, out of order or twice",
  ARCHIVE_ENTRY_MISSING: "an entry is missing that its bundle names",
  ARCHIVE_ENTRY_DIFFERS: "an entry is not as its bundle names it",
  ARCHIVE_TOO_LARGE: "it is larger than this page can read",
};

/** Says why an archive is refused. Names in it are quoted. */
export function archiveWords(fault: ArchiveFault | SourceFault): string {
  if ("details" in fault)
    return fault.code === "READ_FAILED" ? "it can't be read" : "it changed while it was read";
  const { code, entry, offset, why } = fault;
  const parts = [
    why === undefined ? [] : [why.replace("-", " ")],
    entry === undefined ? [] : [quote(entry)],
    offset === undefined ? [] : [`at byte ${numberOf(offset)}`],
  ].flat();
  return `${SENTENCES[code]}${parts.length === 0 ? "" : ` (${parts.join(", ")})`} ${code}`;
}

/** Whether a failure is that of an archive. */
export function isArchiveFault(failure: { readonly code: string }): failure is ArchiveFault {
  return Object.hasOwn(SENTENCES, failure.code);
}
