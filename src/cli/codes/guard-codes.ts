/** The codes of guards: where they are, and what they can't take in. @module */

import { quote, quoteIfNeeded } from "../../core/internal.ts";
import type { OperationCode, OperationDetails } from "../../node/index.ts";
import { boundedList } from "../text/bounded-list.ts";
import { countOf, numberOf } from "../text/count-text.ts";
import type { OperationRecords } from "./record.ts";

/** The codes of guards. */
type GuardCode = Extract<OperationCode, `GUARD_${string}` | "SNAPSHOT_REFUSED">;

const REFUSALS: Readonly<Record<NonNullable<OperationDetails["refusal"]>, string>> = {
  link: "is a link, or not a folder",
  owner: "belongs to another user",
  mode: "is open to other users",
  malformed: "names no guarded folder as runseal writes it",
  "other-folder": "guards another folder",
  inside: "is inside the guarded folder, and would be lost with it",
};

/** Why a command can't be confined. */
const CONFINE_WORDS: Readonly<Record<string, string>> = {
  "setpriv-missing": "there is no program setpriv",
  "setpriv-too-old": "setpriv is older than util-linux 2.41",
  kernel: "the kernel has no Landlock, or is older than 6.2",
  root: "root may change owners, modes and attributes of any file",
};

/** What to do about it, where the system is not the reason. */
const CONFINE_HINTS: Readonly<Record<string, readonly string[]>> = {
  "kept-within": [
    "set TMPDIR to a folder beside them, name a narrower --confine-write, or keep the guard elsewhere with --store",
  ],
  root: ["run it as another user", "--even-as-root goes on, and refuses writes only"],
};

/** One record for each code. */
export const GUARD_RECORDS: OperationRecords<GuardCode> = {
  GUARD_BUSY: {
    exit: 8,
    message: ({ run_id = "" }) => `the guarded run ${quote(run_id)} is in progress in this folder`,
    meaning: "Another guarded run of the same folder is in progress: their changes can't be separated.",
    remedy: "Wait until it is done, or run one of them in a copy of the folder.",
  },
  GUARD_CANNOT_CONFINE: {
    message: ({ path, shown, why }) =>
      why === "kept-within"
        ? `the command could write to what --confine protects: ${path === "" ? "the guarded folder" : shown} overlaps the guard's folder, keys or remembered heads`
        : `the command can't be confined: ${CONFINE_WORDS[why ?? ""] ?? "the system refused it"}; nothing was run`,
    meaning:
      "The system can't confine the command: the program setpriv is missing or too old, the kernel has no Landlock, a folder that must be protected lies where the command may write, or you are root, who may change owners and modes anywhere. Nothing was run.",
    remedy:
      "Install util-linux 2.41 or later on a kernel with Landlock (6.2 or later), run as another user than root, or without --confine: what the command does outside of the folder is then not prevented.",
    hints: ({ why }) =>
      CONFINE_HINTS[why ?? ""] ?? [
        "install util-linux 2.41 or later, on a kernel with Landlock (6.2 or later)",
        "without --confine the command runs, and nothing prevents what it does outside of the folder",
      ],
  },
  GUARD_INCOMPLETE: {
    exit: 10,
    message: ({ because, named, ...facts }) =>
      named === ""
        ? `the command did well, but the folder could not be looked at afterwards${(facts.bytes ?? facts.entries) === undefined ? because : `: ${tooLargeText(facts)}`}`
        : `the command did well, but it left what can't be read: ${named}`,
    meaning:
      "The command did well, but the guarded folder, or a part of it, could not be looked at afterwards: an undo of the run does not bring that part back.",
    remedy:
      "Make what it left readable. runseal undo --to the snapshot from before it brings the folder back as it was.",
    hints: ({ bytes, named }) => [
      ...(named === "" ? [] : ["make what it left readable"]),
      ...(bytes === undefined ? [] : ["first move the largest files to a place outside of the folder"]),
      "runseal undo --to the snapshot from before the command brings the folder back as it was",
    ],
  },
  GUARD_NOT_FOUND: {
    message: "neither this folder nor one above it is guarded",
    meaning:
      "The command is about the snapshots of a folder, and no snapshot was taken of it or of a folder above it.",
    remedy:
      "Name the guarded folder, and --store if its snapshots are kept there. A guard belongs to the path of a folder: move a folder back that was moved. runseal snapshot takes a first snapshot.",
  },
  GUARD_PLACE_REFUSED: {
    message: ({ refusal, shown }) =>
      `the guard's folder ${shown} ${refusal === undefined ? "can't be trusted" : REFUSALS[refusal]}`,
    meaning:
      "The folder in which a guard keeps its snapshots must be a folder of this user, closed to other users, made for this guarded folder and outside of it.",
    remedy: "Look at what is there and move it away, or name another place with --store DIR.",
  },
  GUARD_ROOT_CHANGED: {
    exit: 5,
    message: ({ shown }) => `${shown} was guarded and is not a folder any more`,
    meaning:
      "A link or another entry is in the place of the guarded folder. An undo does not follow it and changes nothing.",
    remedy: "Move away what is there. An undo makes the folder itself if nothing is there.",
  },
  SNAPSHOT_REFUSED: {
    meaning: "A snapshot of the folder, which an undo would need, can't be taken; nothing was run.",
    remedy:
      "Move what is in the way to a place outside of the folder, or leave it out with --ignore PATTERN.",
    reasons: {
      "too-large": {
        message: tooLargeText,
        meaning:
          "It would add more bytes than its budget allows, or more than half of what is free on the disk, or would read more than 16 times the budget in holes of files; or there are more than 5,000,000 files, links and folders.",
        remedy:
          "Move the largest files to a place outside of the folder, or allow more with --budget SIZE, up to half of what is free. Before a snapshot or a run, --ignore PATTERN or .runsealignore leaves out what needs no guard.",
      },
      unreadable: {
        message: ({ names = [] }) => `a snapshot can't read ${boundedList(names.map(quote)).join(", ")}`,
        meaning: "A file, link or folder can't be read, so a snapshot could not bring it back.",
        remedy: "Make it readable, or leave it out with --ignore PATTERN.",
      },
    },
  },
  GUARD_UNRECOVERED: {
    exit: 7,
    message: ({ shown, why = "" }) =>
      `a killed undo or restore left ${shown} half-done, and it could not be recovered (${why}); nothing was run or kept`,
    meaning:
      "An undo or restore of the guarded folder was killed, and what it left could not be recovered first. The command of a guarded run is not run above it, and no snapshot is taken of it.",
    remedy: "Run runseal recover on the folder: it says what is in the way.",
  },
};

function tooLargeText({ bytes, entries, free, largest = [] }: OperationDetails): string {
  if (entries !== undefined)
    return `the folder holds ${numberOf(entries)} files, links and folders, more than a snapshot can`;
  if (bytes === undefined)
    return "the folder is the root of the system or the home folder, which are guarded only with --budget";
  const most =
    free === undefined
      ? `read ${countOf(bytes, "byte")} in holes of files, more than 16 times the budget`
      : `add ${countOf(bytes, "byte")}, more than the budget, or than half of the ${countOf(free, "byte")} that are free`;
  return `a snapshot would ${most}; the largest files and folders are ${largestText(largest)}`;
}

function largestText(largest: NonNullable<OperationDetails["largest"]>): string {
  return largest.map(({ bytes, path }) => `${quoteIfNeeded(path)} (${countOf(bytes, "byte")})`).join(", ");
}
