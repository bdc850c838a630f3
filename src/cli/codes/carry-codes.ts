/** The codes of runs that are carried: by an archive, or to a registry and back. @module */

import { quote } from "../../core/internal.ts";
import { boundedList } from "../text/bounded-list.ts";
import { countOf } from "../text/count-text.ts";
import type { OperationFacts, OperationRecords, ReasonRecord } from "./record.ts";

/** The codes of packing, of pushing, and of reading what was packed or pushed. */
type CarryCode = "CARRIED_RUN_MALFORMED" | "PACK_SOURCE_MISSING" | "PUSH_TOO_MANY_BLOBS";

/** One record for each code. */
export const CARRY_RECORDS: OperationRecords<CarryCode> = {
  CARRIED_RUN_MALFORMED: {
    exit: 1,
    meaning:
      "The archive or the manifest is not one that runseal push writes, byte for byte: another program made it, or bytes of it changed. Nothing of it was restored.",
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
      order: { message: (facts) => `${entryOf(facts)} is out of order, or there twice` },
      truncated: {
        message: ({ offset }) => `the archive breaks off${atOffset(offset)}`,
        meaning: "The transfer was cut, or the archive was.",
      },
      "trailing-bytes": {
        message: ({ offset }) => `bytes follow the end of the archive${atOffset(offset)}`,
        meaning: "Other programs may read them as further entries, so nothing of the archive is accepted.",
      },
      "entry-unexpected": { message: (facts) => `no run in the archive names ${entryOf(facts)}` },
      "entry-missing": {
        message: (facts) => `the archive has no entry for ${entryOf(facts)}`,
        meaning:
          "It lacks a link or folder of a sealed tree, the index of a pack, or all bundles. A missing output is OUTPUT_MISSING.",
      },
      "too-large": {
        message: (facts) => `${entryOf(facts)} is larger than it may be`,
        remedy: "Ask where the archive came from. The limits are in docs/protocol.md.",
      },
      manifest: {
        message: ({ reference = "", why = "" }) =>
          `what ${quote(reference)} holds there is not a run: ${why}`,
        remedy: "Check the tag or digest. Push the run again from the project that sealed it.",
      },
    },
  },
  PACK_SOURCE_MISSING: {
    message: ({ more = 0, names = [], run_id = "" }) =>
      `the outputs of run ${quote(run_id)} are no longer here as they were sealed: ${boundedList(names.map(quote)).join(", ")}${more > 0 ? ` and ${countOf(more, "other")}` : ""}`,
    meaning:
      "The bytes of some outputs are neither below the root nor in the store as they were sealed, so what is carried could not be verified. Nothing was written, and no reader sees the run in a registry.",
    remedy:
      "Put the files back, or carry the run from where its store is. runseal verify --all RUN lists what changed.",
  },
  PUSH_TOO_MANY_BLOBS: {
    message: ({ entries = 0 }) =>
      `the run needs ${countOf(entries, "blob")} in a registry, and one manifest can carry 10,000`,
    meaning:
      "Each output above 1 MiB is a blob of its own, and registries accept manifests of up to 4 MiB. Nothing was sent.",
    remedy:
      "Carry the run as one file: runseal push RUN FILE.runseal. Or seal fewer large outputs in one run, such as a folder a run.",
  },
};

function ofArchive(flaw: string): ReasonRecord<OperationFacts> {
  return { message: ({ offset }) => `this is not an archive of runseal's: ${flaw}${atOffset(offset)}` };
}

function ofEntry(flaw: string): ReasonRecord<OperationFacts> {
  return { message: (facts) => `${entryOf(facts)} is not as it was sealed: ${flaw}` };
}

function entryOf({ member = "" }: Pick<OperationFacts, "member">): string {
  return quote(member);
}

function atOffset(offset: number | undefined): string {
  return offset === undefined ? "" : `, at byte ${offset}`;
}
