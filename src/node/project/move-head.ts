/**
 * A seal becomes the head of its project in steps that a kill may fall between, each of them durable before the
 * next: `pending` names what is to become the head, the bundle appears, HEAD names it, `pending` goes. Whoever finds
 * a `pending` knows what was on its way (`finish-pending.ts`).
 *
 * @module
 */

import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { attempt, tolerate } from "../runtime/machine-reason.ts";
import { HEAD_NAME, isSameHead, type ProjectHead, readHeadFile, writeHeadFile } from "./head.ts";

/** The name in a project's own folder. It has the form of a head. */
export const PENDING_NAME = "pending";

/** Says what is to become the head, before its bundle appears. Throws what the system says; then nothing is left. */
export function announceHead(folder: AnchoredDir, head: ProjectHead): void {
  let isWritten = false;
  try {
    writeHeadFile(folder, PENDING_NAME, head);
    isWritten = true;
  } finally {
    if (!isWritten) withdrawHead(folder);
  }
}

/** Makes it the head. Throws what the system says: whether HEAD names it by then is to be looked at. */
export function moveHead(folder: AnchoredDir, head: ProjectHead): void {
  writeHeadFile(folder, HEAD_NAME, head);
}

/** Removes `pending`, durably. Gives whether it is gone; where it stays, the next seal looks at it once more. */
export function withdrawHead(folder: AnchoredDir): boolean {
  return attempt(() => {
    tolerate(["ENOENT"], () => fs.unlinkSync(folder.address(PENDING_NAME)));
    fs.fsyncSync(folder.fd);
  });
}

/** Makes an earlier head the head again, if the later one is it by now. Gives whether the later one is not. */
export function moveHeadBack(
  folder: AnchoredDir,
  later: ProjectHead,
  earlier: ProjectHead | undefined,
): boolean {
  return attempt(() => {
    const now = readHeadFile(folder, HEAD_NAME, "");
    if (!now.ok || !isSameHead(now.value, later)) return;
    if (earlier !== undefined) return writeHeadFile(folder, HEAD_NAME, earlier);
    tolerate(["ENOENT"], () => fs.unlinkSync(folder.address(HEAD_NAME)));
    fs.fsyncSync(folder.fd);
  });
}
