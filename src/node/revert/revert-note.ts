/**
 * The note of a revert in progress, `reverting` in the guard's own folder. A revert changes the folder first and seals the new state
 * then. If it is killed between the two, the note says what is still to be sealed. Only the holder of the guard writes it.
 *
 * @module
 */

import {
  encodeOwn,
  type HexDigest,
  isHexDigest,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonObject,
  parseStrictJson,
} from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { replaceFile } from "../files/durable-file.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { readRegularFile } from "../files/read-source.ts";
import { tolerate } from "../runtime/machine-reason.ts";

/** The name in the guard's own folder. */
export const REVERT_NOTE = "reverting";

const VERSION = 1;

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

/** Writes the note durably. Throws what the system says. */
export function writeRevertNote(own: AnchoredDir, { before, goal, revertId, runId }: RevertNote): void {
  const note = { before, goal, undo_id: revertId, run_id: runId, version: VERSION };
  replaceFile(own.address(REVERT_NOTE), encodeOwn(jsonObject(note)), 0o600);
  // [revert-note] The name must be there before anything in the folder changes.
  fs.fsyncSync(own.fd);
}

/** Reads the note; `undefined` if there is none, or none that this program wrote. Throws what the system says. */
export function readRevertNote(own: AnchoredDir): RevertNote | undefined {
  const reading = readRegularFile(own, REVERT_NOTE, MAX_NOTE_BYTES, fs);
  const parsed = reading.kind === "bytes" ? parseStrictJson(reading.bytes) : undefined;
  return parsed?.ok === true && isJsonObject(parsed.value) ? noteOf(parsed.value) : undefined;
}

/** Removes the note. Throws what the system says. */
export function removeRevertNote(own: AnchoredDir): void {
  if (tolerate(["ENOENT"], () => fs.unlinkSync(own.address(REVERT_NOTE)))) fs.fsyncSync(own.fd);
}

function noteOf(note: JsonObject): RevertNote | undefined {
  const [before, goal] = [note.get("before"), note.get("goal")];
  const [revertId, runId] = [textOf(note.get("undo_id")), textOf(note.get("run_id"))];
  if (!isHexDigest(before) || !isHexDigest(goal) || revertId === undefined || runId === undefined)
    return undefined;
  return { revertId, runId, before, goal };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
