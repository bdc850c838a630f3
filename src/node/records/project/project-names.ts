/**
 * What is where in a project. A project is a folder with `.runseal` in it:
 *
 *     .runseal/runs/RUN_ID/   the bundles of its history, and of failed runs beside it
 *     .runseal/runs/.partial/ the one that is being written
 *     .runseal/pulled/RUN_ID/ pulled bundles that are not part of its history (`pulled-from.ts`)
 *     .runseal/unsigned/RUN_ID/  bundles that wait for a signer (`unsigned-folder.ts`)
 *     .runseal/objects/       the bytes of sealed outputs (`node/records/store`)
 *     .runseal/HEAD           the last run of the history (`head.ts`)
 *     .runseal/pending        a seal that is about to become the head (`move-head.ts`)
 *     .runseal/.gitignore     leaves the folder out of git (`project-gitignore.ts`)
 *     .runseal/lock           the lock holder (`no../locks/wanted-lock.ts`)
 *     .runseal/running/       a socket for each run in progress (`running-runs.ts`)
 *     .runseal/unlisted/      a record for each run that no bundle lists yet (`run-records.ts`)
 *     .runseal/scratch/       the scratch folder of runs that name none
 *
 * @module
 */

import { joinWithSlashes } from "../../system/files/path-components.ts";

/** The folder for everything that runseal makes in a project. Never an output, at any depth. */
export const OWN_FOLDER = ".runseal";

/** The name of the lock in a project's own folder. */
export const LOCK_NAME = "lock";

/** The lock of a project. Other users of the project must see its socket, so it is not private. */
export const PROJECT_LOCK: { readonly name: string; readonly isPrivate: boolean } = {
  name: LOCK_NAME,
  isPrivate: false,
};

/** The folder of bundles in a project's own folder. */
export const RUNS_NAME = "runs";

/** The folder of bundles that were pulled, and are not part of the history, in a project's own folder. */
export const PULLED_NAME = "pulled";

/** The folder of bundles without a signature in a project's own folder. */
export const UNSIGNED_NAME = "unsigned";

/**
 * The bundle in one of these folders which is being written. One fixed name suffices: only the lock holder writes here. So the
 * leftovers of a killed seal are found without reading all runs.
 */
export const PARTIAL_NAME = ".partial";

/** The project's own folder, by the root as the caller named it. */
export function ownFolderOf(root: string): string {
  return joinWithSlashes(root, OWN_FOLDER);
}

/** The folder of its bundles, in the same way. */
export function runsFolderOf(root: string): string {
  return joinWithSlashes(ownFolderOf(root), RUNS_NAME);
}

/** The folder of its pulled bundles, in the same way. */
export function pulledFolderOf(root: string): string {
  return joinWithSlashes(ownFolderOf(root), PULLED_NAME);
}

/** The folder of its unsigned bundles, in the same way. */
export function unsignedFolderOf(root: string): string {
  return joinWithSlashes(ownFolderOf(root), UNSIGNED_NAME);
}

/** Where version control keeps its own. A seal leaves it out; `!.git` takes one back. */
export const VERSION_CONTROL: ReadonlySet<string> = new Set([
  ".git",
  ".hg",
  ".svn",
  ".jj",
  ".bzr",
  "CVS",
  "_darcs",
]);

/** Whether a seal leaves out entries of a name without a pattern. */
export function isAlwaysLeftOut(name: string): boolean {
  return name === OWN_FOLDER || VERSION_CONTROL.has(name);
}
