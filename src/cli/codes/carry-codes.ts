/** The codes of runs that are carried: by an archive, or to a registry and back. @module */

import { quote } from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import { namedAndMore } from "../text/bounded-list.ts";
import type { OperationRecords } from "./code-record.ts";

/** The codes of packing, of pushing, and of reading what was packed or pushed. */
type CarryCode = "CARRIED_RUN_MALFORMED" | "PACK_SOURCE_MISSING" | "PUSH_TOO_MANY_BLOBS";

/** One record for each code. */
export const CARRY_RECORDS: OperationRecords<CarryCode> = {
  CARRIED_RUN_MALFORMED: {
    exit: 1,
    meaning:
      "The archive or the manifest is not one that runseal push writes, byte for byte. Nothing of it was restored.",
    remedy: "Ask for it again, or have the run pushed again by the project that sealed it.",
    reasons: {
      checksum: ofArchive("a header has a wrong checksum"),
      "end-marker": ofArchive("the end marker is not two blocks of zeros"),
      "extended-header": ofArchive("an extended header is not as runseal writes it"),
      header: ofArchive("a header is not as runseal writes it"),
      foreign: {
        message: () => "this is a plain tar or zip, or compressed, and not an archive that runseal made",
        meaning: "Another program packed a folder, or compressed an archive.",
        remedy: "Unpack it, then verify what was in it: runseal verify --project FOLDER.",
      },
      padding: ofArchive("the bytes behind a file are not zeros"),
      index: ofEntry("its bytes are not those of the pack's index"),
      kind: ofEntry("it is neither a file, a folder nor a link, or another one of these"),
      mode: ofEntry("it has another mode"),
      pack: ofEntry("it is not a pack as runseal writes it"),
      target: ofEntry("the link leads elsewhere"),
      order: ({ shown }) => `${shown} is out of order, or there twice`,
      truncated: {
        message: ({ offset }) => `the archive breaks off${atOffset(offset)}`,
        meaning: "The transfer was cut, or the archive was.",
      },
      "trailing-bytes": {
        message: ({ offset }) => `bytes follow the end of the archive${atOffset(offset)}`,
        meaning: "Other programs may read them as further entries, so nothing of the archive is accepted.",
      },
      "entry-unexpected": ({ shown }) => `no run in the archive names ${shown}`,
      "entry-missing": ({ shown }) => `the archive has no entry for ${shown}`,
      "too-large": {
        message: ({ shown }) => `${shown} is larger than it may be`,
        remedy: "Ask where the archive came from. The limits are in docs/protocol.md.",
      },
      manifest: {
        message: ({ shown, why }) => `what ${shown} holds there is not a run: ${why}`,
        meaning: "It is not a manifest of a run.",
        remedy: "Check the tag or digest. Push the run again from the project that sealed it.",
      },
    },
  },
  PACK_SOURCE_MISSING: {
    message: ({ more, names, run_id }) =>
      `the outputs of run ${quote(run_id)} are no longer here as they were sealed: ${namedAndMore(names, more)}`,
    meaning:
      "Neither the root nor the store has the bytes of some outputs. Nothing can be read where it was sent.",
    remedy:
      "Put the files back, or carry the run from where its store is. runseal verify --all RUN lists what changed.",
  },
  PUSH_TOO_MANY_BLOBS: {
    message: ({ entries }) =>
      `the run needs ${countOf(entries, "blob")} in a registry, and one manifest can carry 10,000`,
    meaning: "Each output above 1 MiB is a blob, and a manifest may have 4 MiB. Nothing was sent.",
    remedy:
      "Carry the run as one file: runseal push RUN FILE.runseal. Or seal fewer large outputs in one run, such as a folder a run.",
  },
};

function ofArchive(flaw: string) {
  return {
    message: ({ offset }: { readonly offset?: number | undefined }): string =>
      `this is not an archive of runseal's: ${flaw}${atOffset(offset)}`,
    meaning: `It is not an archive of runseal's: ${flaw}.`,
  };
}

function ofEntry(flaw: string) {
  return ({ shown }: { readonly shown: string }): string => `${shown} is not as it was sealed: ${flaw}`;
}

function atOffset(offset: number | undefined): string {
  return offset === undefined ? "" : `, at byte ${offset}`;
}
