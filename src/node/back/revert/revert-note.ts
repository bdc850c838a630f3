/**
 * The note of a revert in progress, `reverting` in the guard's own folder. A revert changes the folder first and seals the new state
 * then. If it is killed between the two, the note says what is still to be sealed. Only the holder of the guard writes it.
 *
 * @module
 */

import { DIGEST, type HexDigest, named, recordFile, text } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { readRecord, writeRecord } from "../../system/files/record-file.ts";
import { tolerate } from "../../system/runtime/machine-reason.ts";

/** The name in the guard's own folder. */
export const REVERT_NOTE = "reverting";

const MAX_NOTE_BYTES = 64 * 1024;

/** A revert that was begun. */
export interface RevertNote {
  /** The id that its bundle gets. */
  readonly revertId: string;
  /** The run, snapshot or revert that is reverted. */
  readonly runId: string;
  /** The root of the snapshot of the folder before the revert. */
  readonly before: HexDigest;
  /** The root of the snapshot that the folder is brought back to. */
  readonly goal: HexDigest;
}

const NOTE = recordFile<RevertNote>(1, {
  revertId: named("undo_id", text()),
  runId: text(),
  before: DIGEST,
  goal: DIGEST,
});

/** Writes the note durably. Throws what the system says. */
export function writeRevertNote(own: AnchoredDir, note: RevertNote): void {
  // [revert-note] The name must be there before anything in the folder changes.
  writeRecord(own, REVERT_NOTE, NOTE.encode(note), 0o600);
}

/** Reads the note; `undefined` if there is none, or none that this program wrote. Throws what the system says. */
export function readRevertNote(own: AnchoredDir): RevertNote | undefined {
  const note = readRecord(own, REVERT_NOTE, MAX_NOTE_BYTES, NOTE);
  return typeof note === "string" ? undefined : note;
}

/** Removes the note. Throws what the system says. */
export function removeRevertNote(own: AnchoredDir): void {
  if (tolerate(["ENOENT"], () => own.unlink(REVERT_NOTE))) fs.fsyncSync(own.fd);
}
