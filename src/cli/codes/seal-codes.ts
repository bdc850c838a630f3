/** The codes of reading, writing and sealing. @module */

import type { FaultFacts, RefusedEntry } from "../../node/system/runtime/operation-fault.ts";
import { machineHint } from "../text/machine-words.ts";
import type { OperationRecords } from "./code-record.ts";

const LET_FINISH = "Let the other programs that write there finish, then try again.";

/** The codes that are about files, whatever the command. */
type SealCode =
  | "CHANGED_WHILE_READ"
  | "ENTRIES_REFUSED"
  | "INPUT_MALFORMED"
  | "NOT_A_FILE"
  | "NOTHING_TO_SEAL"
  | "PATH_NOT_FOUND"
  | "PATH_REFUSED"
  | "READ_FAILED"
  | "RUN_EXISTS"
  | "SCRATCH_CHANGED"
  | "WRITE_FAILED";

/** One record for each code. */
export const SEAL_RECORDS: OperationRecords<SealCode> = {
  READ_FAILED: {
    message: ({ because, shown }) => `could not read ${shown}${because}`,
    hints: ({ reason }) => [machineHint(reason, "read")],
    meaning: "Something is there, but can't be read, so there is no verdict.",
    remedy: "Check the permissions and the disk, then try again.",
  },
  WRITE_FAILED: {
    message: ({ because, shown }) => `could not write ${shown}${because}`,
    hints: ({ reason }) => [machineHint(reason, "write")],
    remedy: "Check the permissions and the room on the disk.",
  },
  CHANGED_WHILE_READ: {
    message: ({ shown }) => `${shown} changed while it was read`,
    meaning: "A file changed while it was read: its digest would match no state of the file.",
    remedy: LET_FINISH,
  },
  PATH_NOT_FOUND: {
    message: ({ reason, shown }) =>
      reason === "folder" ? `the folder ${shown} is missing, or is not a folder` : `there is no ${shown}`,
    meaning: "A file or folder that was named is not there.",
    remedy: "Check the path and its spelling.",
  },
  NOT_A_FILE: {
    message: ({ shown }) => `${shown} is not a regular file`,
    remedy: "Name a regular file; what comes through a pipe, write to a file first.",
  },
  PATH_REFUSED: {
    exit: 2,
    meaning: "The path of what is to be sealed can't be one.",
    remedy: "Name paths in the project, or another --project; --here begins a new one.",
    reasons: {
      outside: ({ shown }) => `${shown} is not in the folder of the project`,
      "scratch-overlaps": {
        message: ({ named, shown }) => `the scratch folder ${shown} lies within ${named}`,
        meaning: "One name in the proof could stand for two files.",
        remedy: "Name the outer one only.",
      },
    },
  },
  INPUT_MALFORMED: {
    exit: 1,
    meaning: "A file that says how to seal, or that is to be edited, is not of its form.",
    remedy: "Correct the file.",
    reasons: {
      patterns: {
        message: malformedPatterns,
        meaning: "Patterns are UTF-8, at most 1,000 with those of --ignore, of at most 1,024 bytes each.",
        remedy: "Shorten it; docs/patterns.md says what a pattern is.",
      },
      task: {
        message: ({ shown }) => `the task file ${shown} is not a strict JSON object`,
        remedy: "Remove duplicate keys, byte-order marks and what comes after the closing brace.",
      },
      settings: {
        message: ({ shown }) => `${shown} is not of a form that can be edited: nothing was changed`,
        remedy: "Correct it, or add by hand what runseal hook AGENT --print prints.",
      },
      keep: {
        message: ({ shown }) =>
          `${shown} does not say what to keep in a form that is known: nothing was forgotten`,
        remedy: "runseal snapshot DIR --keep-days 30 writes it anew; a later runseal may read it.",
      },
      "task-too-large": {
        message: "command and inputs are more than the 64 MiB that a task spec can hold",
        remedy: "Name fewer inputs, such as a list of checksums instead of the files.",
      },
    },
  },
  ENTRIES_REFUSED: {
    exit: 1,
    meaning: "There is something among what is to be sealed that can't be.",
    remedy: "Rename it, remove it, or leave it out with --ignore.",
    hints: specialHints,
    reasons: {
      special: {
        message: ({ refused }) =>
          isMixed(refused)
            ? "these can't be sealed"
            : "special files, and names that are not UTF-8, can't be sealed",
        meaning:
          "Names that are not UTF-8, links on the way to a path, special files with --strict. Inputs can't be links either.",
      },
      "link-target": {
        message: "the targets of these links are not UTF-8, so no bundle can name them",
        remedy: "make the links anew, or leave out all links with --links none",
      },
      "links-leave-root": "these links lead outside of what is sealed",
      "names-not-portable": {
        message: "some systems can't have files of these names",
        meaning: "Other systems can't hold these names, or they meet in one name there.",
        remedy: "rename them, or seal them all the same with --names posix",
      },
      "names-unlawful": {
        message: "these names can't be sealed",
        meaning: "No verifier accepts them: a backslash, a name that a restore keeps for itself, .runseal.",
        remedy: "Rename or leave them out; no option seals them.",
      },
    },
  },
  NOTHING_TO_SEAL: {
    exit: 1,
    message: "there is nothing to seal",
    remedy: "Name files, or folders that hold some.",
  },
  RUN_EXISTS: {
    message: ({ shown }) => `there is already something in the bundle's place ${shown}`,
    remedy: "A sealed run is never overwritten: seal with another --id, or pull into another project.",
  },
  SCRATCH_CHANGED: {
    exit: 1,
    message: ({ shown }) => `the scratch folder ${shown} changed while the outputs were sealed`,
    remedy: LET_FINISH,
  },
};

function malformedPatterns({
  line,
  path,
  shown,
}: {
  line?: number | undefined;
  path?: string | undefined;
  shown: string;
}): string {
  if (path === undefined) return "there are more than 1,000 patterns of what to leave out";
  return line === undefined
    ? `${shown} is not a text file of patterns`
    : `${shown} line ${line} is beyond what patterns may be`;
}

function specialHints({ reason, refused }: FaultFacts["ENTRIES_REFUSED"]): readonly string[] {
  if (reason === "links-leave-root")
    return [
      "--links any takes them as they are; a restore refuses them unless it gets --links any too",
      "--links none of seal and run leaves out all links, and says so",
    ];
  const has = (kind: string): boolean => refused.some(({ reason }) => reason === kind);
  if (has("link-on-the-way")) return ["name the folder that the link leads to, or the link itself"];
  if (has("not-utf8"))
    return ["rename what has a name that is not UTF-8, or leave its folder out with --ignore"];
  if (has("link")) return ["name files as inputs, and leave only files in scratch folders"];
  return ["without --strict, outputs are sealed without them; inputs and scratch folders can't have any"];
}

const SPECIAL: readonly string[] = [
  "link",
  "link-on-the-way",
  "fifo",
  "socket",
  "device",
  "unknown",
  "not-utf8",
];

/** Whether paths are refused for their kind and others for their names. */
function isMixed(refused: readonly RefusedEntry[]): boolean {
  const special = refused.filter(({ reason = "" }) => SPECIAL.includes(reason)).length;
  return special > 0 && special < refused.length;
}
