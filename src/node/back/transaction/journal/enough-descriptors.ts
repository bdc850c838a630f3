/**
 * Whether this process may open as many files as a restore needs, checked before anything is written: a rollback that can't
 * open its folders would leave a part of the restore behind.
 *
 * @module
 */

import { closeSync, openSync } from "node:fs";
import { type RestoreFault, type RestorePhase, restoreFault } from "../../../../core/internal.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { FEWEST_OPEN_FOLDERS } from "../../../system/runtime/system-limits.ts";

/** Most folders that a tree holds open at any moment: one more than it keeps. */
const TREE = FEWEST_OPEN_FOLDERS + 1;

/**
 * Most descriptors of one thread: four trees (the root twice, the project, the store); the staging folder, the owner socket,
 * the state folder, a source, a staged file, and a folder or socket that is open for a moment.
 */
const ONE_THREAD: number = 4 * TREE + 6;

/** Descriptors of a further thread: its event loop, three trees, a source and a staged file. */
const A_THREAD: number = 8 + 3 * TREE + 2;

/** Whether there are enough descriptors for one thread and so many others. */
export function hasDescriptors(threads: number): boolean {
  const wanted = ONE_THREAD + threads * A_THREAD;
  const opened: number[] = [];
  try {
    while (opened.length < wanted) opened.push(openSync("/", "r"));
    return true;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined) throw thrown;
    // Any other refusal has nothing to do with descriptors.
    return errno !== "EMFILE" && errno !== "ENFILE";
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** RESTORE_TOO_FEW_DESCRIPTORS if there are not enough for one thread. */
export function checkDescriptors(phase: RestorePhase): RestoreFault | undefined {
  return hasDescriptors(0) ? undefined : restoreFault(phase, "RESTORE_TOO_FEW_DESCRIPTORS");
}
