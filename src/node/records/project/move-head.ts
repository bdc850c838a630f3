/**
 * A seal becomes the head of its project in steps. Each is durable before the next, and a kill may come between any two:
 * `pending` names the head to be, the bundle appears, HEAD names it, `pending` is removed. The next lock holder that finds
 * a `pending` knows what the killed seal was doing (`finish-pending.ts`).
 *
 * @module
 */

import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { attempt, tolerate } from "../../system/runtime/machine-reason.ts";
import { HEAD_NAME, isSameHead, type ProjectHead, readHeadFile, writeHeadFile } from "./head-file.ts";

/** The name in a project's own folder. It has the form of a head. */
export const PENDING_NAME = "pending";

/** Writes `pending` before the bundle appears. Throws what the system says; then nothing is left. */
export function announceHead(folder: AnchoredDir, head: ProjectHead): void {
  let isWritten = false;
  try {
    writeHeadFile(folder, PENDING_NAME, head);
    isWritten = true;
  } finally {
    if (!isWritten) withdrawHead(folder);
  }
}

/** Makes it the head. Throws what the system says: then HEAD may or may not name it. */
export function moveHead(folder: AnchoredDir, head: ProjectHead): void {
  writeHeadFile(folder, HEAD_NAME, head);
}

/** Removes `pending`, durably. If that fails, the next lock holder handles it again. */
export function withdrawHead(folder: AnchoredDir): void {
  attempt(() => {
    tolerate(["ENOENT"], () => folder.unlink(PENDING_NAME));
    fs.fsyncSync(folder.fd);
  });
}

/** Makes an earlier head the head again, if HEAD names the later one. Gives whether HEAD does not name the later one now. */
export function moveHeadBack(
  folder: AnchoredDir,
  later: ProjectHead,
  earlier: ProjectHead | undefined,
): boolean {
  return attempt(() => {
    const now = readHeadFile(folder, HEAD_NAME, "");
    if (!now.ok || !isSameHead(now.value, later)) return;
    if (earlier !== undefined) return writeHeadFile(folder, HEAD_NAME, earlier);
    tolerate(["ENOENT"], () => folder.unlink(HEAD_NAME));
    fs.fsyncSync(folder.fd);
  });
}
