/** The codes of reading, writing and sealing. @module */

import type { OperationCode, RefusedEntry } from "../../node/index.ts";
import { machineHint } from "../text/machine-words.ts";
import type { OperationFacts, OperationRecord } from "./record.ts";

const LET_FINISH = "Let the other programs that write there finish, then try again.";

/** The codes that are about files, whatever the command. */
type SealCode = Extract<
  OperationCode,
  | `${"READ" | "WRITE" | "CHANGED" | "PATH" | "FILE" | "NAMES" | "IGNORE" | "SPECIAL" | "LINK" | "LINKS"}_${string}`
  | "NOT_A_FILE"
  | "ROOT_NOT_FOUND"
  | "NOTHING_TO_SEAL"
  | "RUN_ID_INVALID"
  | "RUN_EXISTS"
  | "TASK_MALFORMED"
  | "SCRATCH_CHANGED"
>;

/** One record for each code. */
export const SEAL_RECORDS: Readonly<Record<SealCode, OperationRecord>> = {
  READ_FAILED: {
    message: ({ because, shown }) => `could not read ${shown}${because}`,
    hints: ({ reason }) => [machineHint(reason, "read")],
    meaning: "Something is there, but can't be read, so there is no verdict.",
    remedy: "Check the permissions and the disk, then try again.",
  },
  WRITE_FAILED: {
    message: ({ because, shown }) => `could not write ${shown}${because}`,
    hints: ({ reason }) => [machineHint(reason, "write")],
    meaning: "Something could not be written.",
    remedy: "Check the permissions and the room on the disk.",
  },
  WRITE_IN_DOUBT: {
    exit: 9,
    message: ({ shown }) =>
      `${shown} is written, but the disk does not confirm that it would survive a power cut`,
    meaning: "A file is in its place, but the disk did not confirm that it would survive a power cut.",
    remedy: "Look at the disk; then run the command again, or look at the file.",
  },
  CHANGED_WHILE_READ: {
    message: ({ shown }) => `${shown} changed while it was read`,
    meaning: "A file changed while it was read: its digest would match no state of the file.",
    remedy: LET_FINISH,
  },
  FILE_LOCKED: {
    message: ({ shown }) => `${shown} is the lock of another command, or was left behind by one`,
    meaning:
      "A file that is to be edited has a lock beside it that is not free: another user's command holds it, or the lock was left on a file system without unix sockets.",
    remedy: "Let the other command finish. If none is running, remove the lock.",
  },
  PATH_NOT_FOUND: {
    message: ({ shown }) => `there is no ${shown}`,
    meaning: "A file or folder that was named is not there.",
    remedy: "Check the path and its spelling.",
  },
  NOT_A_FILE: {
    message: ({ shown }) => `${shown} is not a regular file`,
    meaning:
      "What was named is a folder, a FIFO, a socket or a device; only a regular file has bytes to be checked.",
    remedy: "Name a regular file; what comes through a pipe, write to a file first.",
  },
  PATH_OUTSIDE_ROOT: {
    exit: 2,
    message: ({ shown }) => `${shown} is not in the folder of the project`,
    meaning: "A path to seal is not in the project's folder, so it has no name relative to it.",
    remedy: "Name paths in the project, or another --project; --here begins a new one.",
  },
  ROOT_NOT_FOUND: {
    message: ({ shown }) => `the folder ${shown} is missing, or is not a folder`,
    meaning: "The folder of --project or --files is missing, or is not a folder.",
    remedy: "Name the project's folder with --project, and the one with the files with --files.",
  },
  IGNORE_MALFORMED: {
    exit: 1,
    message: malformedPatterns,
    meaning:
      "The file .runsealignore is not UTF-8 text, has more than 1,000 patterns with those of --ignore, or one of more than 1,024 bytes.",
    remedy: "Shorten it; docs/patterns.md says what a pattern is.",
  },
  SPECIAL_FILES: {
    exit: 1,
    message: ({ refused = [] }) =>
      isMixed(refused)
        ? "these can't be sealed"
        : "special files, and names that are not UTF-8, can't be sealed",
    hints: specialHints,
    meaning:
      "There are names that are not UTF-8 among what is to be sealed, with --strict FIFOs, sockets or devices too, or links on the way to a path. Among inputs, all of these and links are refused.",
    remedy: "Remove or rename them, leave --strict out, or name inputs that are files.",
  },
  LINK_TARGET_NOT_TEXT: {
    exit: 1,
    message: "the targets of these links are not UTF-8, so no bundle can name them",
    hints: ["make the links anew, or leave out all links with --links none"],
    meaning: "There are links whose targets are not UTF-8 text.",
    remedy: "Make the links anew with other targets, or leave out all links with --links none.",
  },
  LINKS_LEAVE_ROOT: {
    exit: 1,
    message: "these links lead outside of what is sealed",
    hints: [
      "--links any takes them as they are; a restore refuses them unless it gets --links any too",
      "--links none of seal and run leaves out all links, and says so",
    ],
    meaning:
      "There are links that lead outside of the root: their targets are absolute, climb above the root, or climb from a place that is not sealed.",
    remedy: "Point them to sealed files, or choose --links any or --links none.",
  },
  NAMES_NOT_PORTABLE: {
    exit: 1,
    message: "some systems can't have files of these names",
    hints: ["rename them, or seal them all the same with --names posix"],
    meaning: "There are names that other systems can't hold, or that meet in one name there.",
    remedy: "Rename them, or seal them all the same with --names posix.",
  },
  NAMES_UNLAWFUL: {
    exit: 1,
    message: "these names can't be sealed",
    meaning:
      "There are names that no verifier or restore accepts: a backslash, a name that a restore keeps for itself, .runseal.",
    remedy: "Rename or leave them out; no option seals them.",
  },
  NOTHING_TO_SEAL: {
    exit: 1,
    message: "there is nothing to seal",
    meaning: "There is no file among what is to be sealed, and no link or empty folder either.",
    remedy: "Name files, or folders that hold some.",
  },
  RUN_ID_INVALID: {
    exit: 2,
    message: ({ shown }) => `${shown} can't be a run id`,
    hints: [
      "a run id is one portable file name that does not begin with a dot or a dash; latest is the newest run",
    ],
    meaning:
      "The run id can't be the name of a folder on every system, or means another run: latest, latest~N.",
    remedy: "Use one file name that begins with neither a dot nor a dash, and is not latest or latest~N.",
  },
  RUN_EXISTS: {
    message: ({ shown }) => `there is already something in the bundle's place ${shown}`,
    hints: ["a sealed run is never overwritten: seal with another --id, or pull into another project"],
    meaning: "There is already a bundle, or something else, in the bundle's place.",
    remedy: "Choose another --id.",
  },
  TASK_MALFORMED: {
    exit: 1,
    message: ({ shown }) => `the task file ${shown} is not a strict JSON object`,
    hints: ["no duplicate keys, no byte-order mark, nothing after the closing brace"],
    meaning: "The task file is not a strict JSON object; a verifier would reject the bundle.",
    remedy: "Remove duplicate keys, byte-order marks and trailing bytes.",
  },
  SCRATCH_CHANGED: {
    exit: 1,
    message: ({ shown }) => `the scratch folder ${shown} changed while the outputs were sealed`,
    meaning: "The scratch folder .runseal/scratch changed while the outputs were sealed.",
    remedy: LET_FINISH,
  },
};

function malformedPatterns({ line, path, shown }: OperationFacts): string {
  if (path === undefined) return "there are more than 1,000 patterns of what to leave out";
  return line === undefined
    ? `${shown} is not a text file of patterns`
    : `${shown} line ${line} is beyond what patterns may be`;
}

function specialHints({ refused = [] }: OperationFacts): readonly string[] {
  const has = (kind: string): boolean => refused.some(({ reason }) => reason === kind);
  if (has("link-on-the-way")) return ["name the folder that the link leads to, or the link itself"];
  if (has("not-utf8"))
    return ["rename what has a name that is not UTF-8, or leave its folder out with --ignore"];
  if (has("link")) return ["name files as inputs, and leave only files in scratch folders"];
  return ["without --strict, outputs are sealed without them; inputs and scratch folders can't have any"];
}

/** Whether paths are refused for their kind and others for their names. */
function isMixed(refused: readonly RefusedEntry[]): boolean {
  const kinds: readonly string[] = [
    "link",
    "link-on-the-way",
    "fifo",
    "socket",
    "device",
    "unknown",
    "not-utf8",
  ];
  const special = refused.filter(({ reason }) => kinds.includes(reason ?? "")).length;
  return special > 0 && special < refused.length;
}
