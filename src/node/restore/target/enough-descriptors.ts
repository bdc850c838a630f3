/**
 * Whether a process may still open as many files as a restore needs, found out before anything is written: a rollback
 * that can't open its folders would leave a part of the restore behind.
 *
 * @module
 */

import { closeSync, openSync } from "node:fs";
import { type RestoreFault, type RestorePhase, restoreFault } from "../../../core/internal.ts";
import { errnoOf } from "../../runtime/machine-reason.ts";
import { FEWEST_OPEN_FOLDERS } from "../../runtime/system-limits.ts";

/** A tree holds so many folders open for a moment: one more than it keeps. */
const TREE = FEWEST_OPEN_FOLDERS + 1;

/**
 * What one thread opens at once, at most: four trees (the root twice, the project, the store); the staging folder, the owner
 * socket, the state folder, a source, a staged file, and a folder or socket that is only looked at.
 */
const ONE_THREAD: number = 4 * TREE + 6;

/** What a further thread costs: its event loop, three trees, a source and a staged file. */
const A_THREAD: number = 8 + 3 * TREE + 2;

/** Whether there are descriptors for a restore by one thread and so many others. */
export function hasDescriptors(threads: number): boolean {
  const wanted = ONE_THREAD + threads * A_THREAD;
  const opened: number[] = [];
  try {
    while (opened.length < wanted) opened.push(openSync("/", "r"));
    return true;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined) throw thrown;
    // Any other refusal says nothing of descriptors.
    return errno !== "EMFILE" && errno !== "ENFILE";
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** RESTORE_TOO_FEW_DESCRIPTORS where one thread alone has not enough. */
export function checkDescriptors(phase: RestorePhase): RestoreFault | undefined {
  return hasDescriptors(0) ? undefined : restoreFault(phase, "RESTORE_TOO_FEW_DESCRIPTORS");
}
