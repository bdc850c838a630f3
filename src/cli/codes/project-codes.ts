/** The codes of a project: its history, its lock and its store. @module */

import { quote, quoteIfNeeded } from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import type { OperationCode } from "../../node/system/runtime/operation-fault.ts";
import { namedAndMore } from "../text/bounded-list.ts";
import { shellWord } from "../text/shell-word.ts";
import { waitingHints } from "../text/waiting-words.ts";
import type { OperationRecords } from "./code-record.ts";

/** The codes of projects. */
type ProjectCode = Extract<
  OperationCode,
  `${"HEAD" | "PROJECT" | "STORE"}_${string}` | "LOCKED" | "OBJECT_NOT_FOUND" | "RUN_NOT_FOUND"
>;

const RESTORE_HEAD =
  "Put HEAD back from a copy of the project, or move the runs out of .runseal/runs: the next seal then begins a new history.";

/** The runs are gone too: a HEAD alone would name a bundle that is not there. */
const REMOVED =
  "this machine saw the run sealed here, and no run is left: get .runseal back from a copy of the project";

const NAME_PROJECT = "Change into the project, or name it with --project DIR.";

const LIST_RUNS = "runseal log lists the runs of a project. --project DIR says whose runs an id names.";

const SEAL_FIRST =
  "runseal seal FOLDER seals what is in a folder; runseal run --output FOLDER -- COMMAND seals what a command makes";

/** One record for each code. */
export const PROJECT_RECORDS: OperationRecords<ProjectCode> = {
  HEAD_MALFORMED: {
    exit: 1,
    message: ({ shown }) => `${shown} is not what runseal writes there`,
    meaning:
      "HEAD or pending in .runseal, which say which run was the last, or DROPPED.json, which says whose bytes were dropped, is not what runseal writes, or its signature does not hold.",
    remedy:
      "Put it back from a copy of the project, or remove a DROPPED.json that no copy has; runseal verify --history says how far the history holds.",
  },
  HEAD_MISSING: {
    exit: 1,
    message: ({ names, shown }) =>
      `there is no ${shown}, though runs were sealed here: ${namedAndMore(names, 0)}`,
    hints: ({ names: [first = ""], path, remembered, why }) => {
      if (why === "removed") return [REMOVED];
      return remembered === undefined
        ? [
            `if the runs were unpacked from an archive, name one: runseal verify ${shellWord(first)}`,
            RESTORE_HEAD,
          ]
        : [`the head that was seen last is still known: cp "${remembered}" ${shellWord(path)}`, RESTORE_HEAD];
    },
    meaning: "Runs were sealed in the project, but nothing says which was the last: HEAD was lost.",
    remedy: RESTORE_HEAD,
  },
  PROJECT_NOT_FOUND: {
    message: ({ path, shown }) =>
      `there is no project ${path === undefined ? "here: neither this folder" : `at ${shown}: neither it`} nor one above it has a folder ".runseal"`,
    hints: ({ run_id, why }) => [
      ...(run_id === undefined
        ? []
        : [hereHint(run_id, why) ?? `${quote(run_id)} is taken for the id of a run; a path has a slash`]),
      NAME_PROJECT,
    ],
    meaning: "A project is a folder with .runseal in it: there is none here or at --project, nor above.",
    remedy: NAME_PROJECT,
  },
  RUN_NOT_FOUND: {
    meaning: "There is no run that is meant, so there is nothing to judge.",
    remedy: LIST_RUNS,
    hints: (facts) => {
      if (facts.reason === "none") return waitingHints(facts.waiting) ?? [SEAL_FIRST];
      if (facts.reason !== "id") return [LIST_RUNS];
      const here = hereHint(facts.run_id, facts.why);
      return waitingHints(facts.waiting, facts.run_id) ?? [...(here === undefined ? [] : [here]), LIST_RUNS];
    },
    reasons: {
      id: {
        message: ({ path, run_id, ...near }) =>
          `no run ${quote(run_id)} in ${quoteIfNeeded(path)}; ${runsThere(near)}`,
        meaning: "The project has no run of this id.",
      },
      none: {
        message: ({ waiting }) =>
          `nothing was ${waiting.length === 0 ? "sealed" : "signed"} in this project yet, so there is no newest run`,
        meaning: "No run was named, and the project has no newest one.",
      },
      "not-a-run": {
        message: ({ shown }) => `${shown} is not a run: it holds none of a bundle's files`,
        remedy:
          "Name a run by its id, or by its folder, such as .runseal/runs/ID. runseal log lists the runs.",
      },
      unsigned: {
        message: ({ shown }) => `there is no unsigned bundle ${shown}`,
        remedy:
          "Name a run id below .runseal/unsigned of the project of --project, or the folder of an unsigned bundle with a slash in its path: ./ID, not ID.",
      },
    },
  },
  LOCKED: {
    meaning: "Another command is at work there, or may be.",
    remedy: "Let the other command finish. If none is running, remove the lock.",
    reasons: {
      file: ({ shown }) => `${shown} is the lock of another command, or was left behind by one`,
      project: {
        message: ({ shown }) => `another user holds ${shown}, or it is not runseal's lock`,
        remedy: "Let other commands in the project finish; if there are none, move .runseal/lock away.",
      },
      unavailable: {
        message: "this project can't be locked: its file system makes no unix socket, or locks no open file",
        remedy:
          "Let .runseal be a folder that can be written to, on a local file system; a seal can go elsewhere with --out DIR.",
      },
    },
  },
  PROJECT_LOCK_NOT_RELEASED: {
    exit: 9,
    message: ({ because, shown }) =>
      `could not remove the project's lock ${shown}${because}; what the command did stands`,
    remedy:
      "Check the disk. The next seal, run or prune takes over what is left of the lock, and removes it.",
  },
  OBJECT_NOT_FOUND: {
    message: ({ object }) => `the store has no object ${object}`,
    meaning: "The store of the project holds no bytes with this digest.",
    remedy:
      "Check the digest; runseal show lists those of a run, and runseal store check the runs of which objects are missing.",
  },
  STORE_DAMAGED: {
    exit: 1,
    meaning: "Something of the store is not what its name says; it is never restored.",
    remedy:
      "Look at the disk; sealing the right file again keeps it anew, and replaces what is wrong. runseal store check lists all such.",
    reasons: {
      object: {
        message: ({ object, shown }) =>
          object === undefined
            ? `the stored object ${shown} is not what its name says`
            : `what ${shown} holds of the object ${object} is not what its name says`,
        meaning: "It does not hold the bytes that its name says, or is not a regular file.",
      },
      pack: {
        message: ({ shown }) => `the pack ${shown} is not as runseal writes packs`,
        remedy:
          "Look at the disk, then run runseal prune: it copies what is good, and removes the pack if nothing can be lost by that.",
      },
    },
  },
  STORE_UNUSABLE: {
    meaning: "The store can't be worked with as it is; nothing was removed.",
    remedy: "See runseal store check.",
    reasons: {
      folder: {
        message: ({ shown }) =>
          `${shown} is not a real directory, or contains something that is not one; no link is followed there`,
        remedy: "Put a folder of its own there. A seal can do without it: --no-keep.",
      },
      bundle: {
        message: ({ shown }) => `what the bundle ${shown} names is not certain; nothing was removed`,
        meaning: "It can't be read, is not as it was signed, or is missing though a head names it.",
        remedy:
          "See runseal verify on that bundle; repair it, or get it from a backup. If it was removed on purpose: docs/history.md.",
      },
    },
  },
};

/** A bare word is an id, also where a file or folder here has that name. */
function hereHint(runId: string, why: string | undefined): string | undefined {
  return why === "here" ? `${shellWord(`./${runId}`)} names the file or folder here` : undefined;
}

function runsThere({ more, names }: { readonly more: number; readonly names: readonly string[] }): string {
  if (names.length === 0) return "it holds no runs";
  const others = more === 0 ? "" : ` and ${countOf(more, "other")}`;
  return `there ${names.length + more === 1 ? "is" : "are"} ${names.map(quoteIfNeeded).join(", ")}${others}`;
}
