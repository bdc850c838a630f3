/** The codes of archives. @module */

import { quote } from "../../core/internal.ts";
import type { OperationCode } from "../../node/index.ts";
import { boundedList } from "../text/bounded-list.ts";
import { countOf } from "../text/count-text.ts";
import type { OperationFacts, OperationRecord } from "./record.ts";

/** The codes of packing, and of reading what was packed. */
type ArchiveOperationCode = Extract<OperationCode, `${"ARCHIVE" | "PACK_SOURCE"}_${string}`>;

const PACK_AGAIN =
  "Ask for the archive again, or have the run packed again. Nothing of this one was restored.";

/** One record for each code. */
export const ARCHIVE_RECORDS: Readonly<Record<ArchiveOperationCode, OperationRecord>> = {
  ARCHIVE_MALFORMED: {
    exit: 1,
    message: ({ offset, why }) => `this is not an archive of runseal's: ${flawWords(why)}${atOffset(offset)}`,
    meaning:
      "The bytes are not those that runseal push writes: another program made the archive, or bytes of it changed. Each header must be what the writer makes for its entry, byte for byte.",
    remedy: PACK_AGAIN,
  },
  ARCHIVE_TRUNCATED: {
    exit: 1,
    message: ({ offset }) => `the archive breaks off${atOffset(offset)}`,
    meaning: "The bytes end before the end marker of the archive. The transfer was cut, or the archive was.",
    remedy: PACK_AGAIN,
  },
  ARCHIVE_TRAILING_BYTES: {
    exit: 1,
    message: ({ offset }) => `bytes follow the end of the archive${atOffset(offset)}`,
    meaning:
      "Bytes come behind the end marker. Other programs may read them as further entries, so nothing of the archive is accepted.",
    remedy: PACK_AGAIN,
  },
  ARCHIVE_ENTRY_UNEXPECTED: {
    exit: 1,
    message: ({ why, ...facts }) =>
      why === "order"
        ? `${entryOf(facts)} is out of order, or there twice`
        : `no run in the archive names ${entryOf(facts)}`,
    meaning:
      "The archive has an entry that its runs do not name, or has it twice, or in another order than runseal push writes.",
    remedy: PACK_AGAIN,
  },
  ARCHIVE_ENTRY_MISSING: {
    exit: 1,
    message: (facts) => `the archive has no entry for ${entryOf(facts)}`,
    meaning:
      "The archive lacks a link or folder of a sealed tree, the index of a pack, or all bundles. A missing output is OUTPUT_MISSING.",
    remedy: PACK_AGAIN,
  },
  ARCHIVE_ENTRY_DIFFERS: {
    exit: 1,
    message: ({ why, ...facts }) => `${entryOf(facts)} is not as it was sealed: ${flawWords(why)}`,
    meaning:
      "An entry of the archive has another kind, mode or target than its run seals, or a pack is not as runseal writes packs.",
    remedy: PACK_AGAIN,
  },
  ARCHIVE_TOO_LARGE: {
    exit: 1,
    message: (facts) => `${entryOf(facts)} is larger than it may be`,
    meaning:
      "A file of a bundle is larger than its limit, or the runs, their bundles or their outputs are more than they may be.",
    remedy: "Ask where the archive came from. The limits are in docs/protocol.md.",
  },
  ARCHIVE_EXISTS: {
    message: ({ shown }) => `there is already something at ${shown}`,
    meaning: "There is already something at the place of the archive to make. It is never overwritten.",
    remedy: "Name a new file with -o FILE.",
  },
  PACK_SOURCE_MISSING: {
    message: ({ more = 0, names = [], run_id = "" }) =>
      `the outputs of run ${quote(run_id)} are no longer here as they were sealed: ${boundedList(names.map(quote)).join(", ")}${more > 0 ? ` and ${countOf(more, "other")}` : ""}`,
    meaning:
      "The bytes of some outputs are neither below the root nor in the store as they were sealed, so what is carried could not be verified. Nothing was written, and no reader sees the run in a registry.",
    remedy:
      "Put the files back, or carry the run from where its store is. runseal verify --all RUN lists what changed.",
  },
};

function entryOf({ member = "" }: Pick<OperationFacts, "member">): string {
  return quote(member);
}

function atOffset(offset: number | undefined): string {
  return offset === undefined ? "" : `, at byte ${offset}`;
}

/** What is wrong with a part of an archive. */
const FLAWS: ReadonlyMap<string, string> = new Map([
  ["checksum", "a header has a wrong checksum"],
  ["end-marker", "the end marker is not two blocks of zeros"],
  ["extended-header", "an extended header is not as runseal writes it"],
  ["header", "a header is not as runseal writes it"],
  ["index", "its bytes are not those of the pack's index"],
  ["kind", "it is neither a file, a folder nor a link, or another one of these"],
  ["mode", "it has another mode"],
  ["pack", "it is not a pack as runseal writes it"],
  ["padding", "the bytes behind a file are not zeros"],
  ["target", "the link leads elsewhere"],
]);

function flawWords(why: string | undefined): string {
  return FLAWS.get(why ?? "") ?? "it has another form";
}
