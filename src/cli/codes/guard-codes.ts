/** The codes of guards: where they are, and what they can't take in. @module */

import { quote, quoteIfNeeded } from "../../core/internal.ts";
import { countOf, numberOf } from "../../core/system/bytes/count-text.ts";
import type { FaultFacts, OperationCode } from "../../node/system/runtime/operation-fault.ts";
import { namedAndMore } from "../text/bounded-list.ts";
import type { OperationRecords } from "./code-record.ts";

/** The codes of guards. */
type GuardCode = Extract<OperationCode, `GUARD_${string}` | "SNAPSHOT_REFUSED">;

type TooLarge = Extract<FaultFacts["SNAPSHOT_REFUSED"], { readonly reason: "too-large" }>;

const REFUSALS: Readonly<Record<FaultFacts["GUARD_PLACE_REFUSED"]["refusal"], string>> = {
  link: "is a link, or not a folder",
  owner: "belongs to another user",
  mode: "is open to other users",
  malformed: "names no guarded folder as runseal writes it",
  "other-folder": "guards another folder",
  inside: "is inside the guarded folder, and would be lost with it",
};

type Hindrance = FaultFacts["GUARD_CANNOT_CONFINE"]["why"];

/** Why a system can't confine commands. */
export const CONFINE_WORDS: Readonly<Record<Hindrance, string>> = {
  "setpriv-missing": "there is no program setpriv (util-linux)",
  "setpriv-too-old": "setpriv is older than util-linux 2.41",
  kernel: "the kernel has no Landlock, it is switched off, or the kernel is older than 6.2",
  "kept-within": "the folders of this system overlap",
  root: "root may change owners, modes and attributes anywhere, unless run gets --even-as-root",
};

/** What to do about it, where the system is not the reason. */
const CONFINE_HINTS: Readonly<Partial<Record<Hindrance, readonly string[]>>> = {
  "kept-within": [
    "set TMPDIR to a folder beside them, name a narrower --confine-write, or keep the guard elsewhere with --store",
  ],
  root: ["run it as another user", "--even-as-root goes on, and refuses writes only"],
};

const MAKE_READABLE = "make what it left readable";
const BACK = "runseal undo --to the snapshot from before the command brings the folder back as it was";

/** One record for each code. */
export const GUARD_RECORDS: OperationRecords<GuardCode> = {
  GUARD_BUSY: {
    exit: 8,
    message: ({ run_id }) => `the guarded run ${quote(run_id)} is in progress in this folder`,
    meaning: "Another guarded run of the same folder is in progress: their changes can't be separated.",
    remedy: "Wait until it is done, or run one of them in a copy of the folder.",
  },
  GUARD_CANNOT_CONFINE: {
    message: ({ path, shown, why }) =>
      why === "kept-within"
        ? `the command could write to what --confine protects: ${path === "" ? "the guarded folder" : shown} overlaps the guard's folder, keys or remembered heads`
        : `the command can't be confined: ${CONFINE_WORDS[why]}; nothing was run`,
    meaning: "The system can't keep the command from writing outside of the folder. Nothing was run.",
    remedy:
      "Install util-linux 2.41 or later on a kernel with Landlock (6.2 or later), run it as another user than root, or without --confine.",
    hints: ({ why }) =>
      CONFINE_HINTS[why] ?? [
        "install util-linux 2.41 or later, on a kernel with Landlock (6.2 or later)",
        "without --confine the command runs, and nothing prevents what it does outside of the folder",
      ],
  },
  GUARD_INCOMPLETE: {
    exit: 10,
    message: ({ because, named, ...facts }) => {
      const incomplete = "the command did well, but";
      if ("names" in facts) return `${incomplete} it left what can't be read: ${named}`;
      const why = facts.reason === "too-large" ? `: ${tooLargeText(facts)}` : because;
      return `${incomplete} the folder could not be looked at afterwards${why}`;
    },
    meaning: "A part of the folder could not be looked at after the command: an undo does not bring it back.",
    remedy: `Make what it left readable. ${BACK}.`,
    hints: (facts) => {
      if ("names" in facts) return [MAKE_READABLE, BACK];
      return facts.reason === "too-large" && facts.bytes !== undefined
        ? ["first move the largest files to a place outside of the folder", BACK]
        : [BACK];
    },
  },
  GUARD_NOT_FOUND: {
    message: "neither this folder nor one above it is guarded",
    remedy:
      "Name the guarded folder, and --store if its snapshots are kept there. A guard belongs to the path of a folder: move a folder back that was moved. runseal snapshot takes a first snapshot.",
  },
  GUARD_PLACE_REFUSED: {
    message: ({ refusal, shown }) => `the guard's folder ${shown} ${REFUSALS[refusal]}`,
    meaning: "It must be a folder of this user, closed to others, for this guard and outside of its folder.",
    remedy: "Look at what is there and move it away, or name another place with --store DIR.",
  },
  GUARD_ROOT_CHANGED: {
    exit: 5,
    message: ({ shown }) => `${shown} was guarded and is not a folder any more`,
    remedy: "Move away what is there. An undo makes the folder itself if nothing is there.",
  },
  SNAPSHOT_REFUSED: {
    meaning: "A snapshot of the folder, which an undo would need, can't be taken; nothing was run.",
    remedy: "Make it readable, or leave it out with --ignore PATTERN.",
    reasons: {
      "too-large": {
        message: tooLargeText,
        meaning:
          "It would add more bytes than its budget or than half of the free disk, read more than 16 times the budget in holes, or take in more than 5,000,000 entries.",
        remedy:
          "Move the largest files to a place outside of the folder, or allow more with --budget SIZE, up to half of what is free. Before a snapshot or a run, --ignore PATTERN or .runsealignore leaves out what needs no guard.",
      },
      unreadable: {
        message: ({ names }) => `a snapshot can't read ${namedAndMore(names, 0)}`,
        meaning: "A file, link or folder can't be read, so a snapshot could not bring it back.",
      },
    },
  },
  GUARD_UNRECOVERED: {
    exit: 7,
    message: ({ shown, why }) =>
      `a killed undo or restore left ${shown} half-done, and it could not be recovered (${why}); nothing was run or kept`,
    meaning: "An undo or restore of the folder was killed, and what it left could not be recovered.",
    remedy: "Run runseal recover on the folder: it says what is in the way.",
  },
};

function tooLargeText({ bytes, entries, free, largest = [] }: TooLarge): string {
  if (entries !== undefined)
    return `the folder holds ${numberOf(entries)} files, links and folders, more than a snapshot can`;
  if (bytes === undefined)
    return "the folder is the root of the system or the home folder, which are guarded only with --budget";
  const most =
    free === undefined
      ? `read ${countOf(bytes, "byte")} in holes of files, more than 16 times the budget`
      : `add ${countOf(bytes, "byte")}, more than the budget, or than half of the ${countOf(free, "byte")} that are free`;
  const named = largest.map(({ bytes, path }) => `${quoteIfNeeded(path)} (${countOf(bytes, "byte")})`);
  return `a snapshot would ${most}; the largest files and folders are ${named.join(", ")}`;
}
