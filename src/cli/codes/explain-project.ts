/** What is wrong with a project's line of runs, explained: [what it means, what to do]. @module */

import type { ProjectFaultCode } from "../text/project-text.ts";

/** One entry for each code. */
export const PROJECT_EXPLANATIONS: Readonly<Record<ProjectFaultCode, readonly [string, string]>> = {
  HEAD_MALFORMED: [
    "The file that says which run was the last one, HEAD or pending in .runseal, is not what runseal writes.",
    "Put it back from a copy of the project; runseal chain verify says how far the history holds.",
  ],
  HEAD_MISSING: [
    "Runs were sealed in the project, but nothing says which was the last: HEAD was lost, or an older runseal sealed them.",
    "Put HEAD back from a copy of the project, or move the runs out of .runseal/runs: the next seal then begins a new line.",
  ],
  PROJECT_NOT_FOUND: [
    "The command is about a project, a folder with .runseal in it, and there is none: neither here nor above, or not in the folder of --root.",
    "Change into the project, or name it with --root DIR.",
  ],
  RUN_NOT_FOUND: [
    "The project has no run of this id, so there is nothing to judge. --root says whose runs an id names.",
    "runseal log lists the runs. --root changes whose runs an id names, and where output paths begin.",
  ],
  NOT_A_RUN: [
    "What was named is neither a run id of the project nor a run directory, which holds STATUS.json and six other files.",
    "Name a run by its id, or by its folder, such as .runseal/runs/ID. runseal log lists the runs.",
  ],
  PROJECT_LOCKED: [
    "Something that is not this user's, or no lock at all, has the name of the project's lock, so nobody knows who is at work.",
    "Let whoever works in the project finish; if nobody does, move .runseal/lock away.",
  ],
  PROJECT_LOCK_UNAVAILABLE: [
    "Seals of one project wait for each other by a unix socket in .runseal, and this system or file system makes none.",
    "Let .runseal be a folder that can be written to, on a file system with unix sockets; a seal can go elsewhere with --out DIR.",
  ],
  PROJECT_LOCK_NOT_RELEASED: [
    "The command did its work in the project, and what it did stands; then it could not remove .runseal/lock.",
    "Check the disk. The next seal, run or gc takes over what is left of the lock, and removes it.",
  ],
};
