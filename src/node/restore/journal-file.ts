/**
 * The journal on the disk (SECURITY 3).
 *
 * @module
 */

import { writeAll } from "../files/durable-file.ts";
import { type FileSystem, OPEN_NEW, OPEN_SOURCE } from "../files/file-system.ts";
import { errnoOf } from "../files/machine-reason.ts";
import { readUpTo } from "../files/read-source.ts";
import { type Journal, MAX_JOURNAL_BYTES, parseJournal } from "./journal.ts";
import { STAGED, type Staging } from "./staging.ts";

/** Writes a journal beside its name, syncs it, and gives it the name. Throws what the system says. */
export function writeJournal(staging: Staging, pieces: readonly Uint8Array[], fs: FileSystem): void {
  const fd = fs.openSync(staging.address(STAGED.newJournal), OPEN_NEW, 0o600);
  try {
    let position = 0;
    for (const piece of pieces) {
      writeAll(fd, piece, position, fs);
      position += piece.length;
    }
    // [journal-file]
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(staging.address(STAGED.newJournal), staging.address(STAGED.journal));
  // [journal-dir] The journal, and the staged names that tell which files are ours.
  staging.sync();
}

/** Reads the journal of a staging folder: `undefined` where there is none. Throws what the system says. */
export function readJournal(staging: Staging, fs: FileSystem): Journal | "damaged" | undefined {
  let fd: number;
  try {
    fd = fs.openSync(staging.address(STAGED.journal), OPEN_SOURCE);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return undefined;
    if (errnoOf(thrown) === "ELOOP") return "damaged";
    throw thrown;
  }
  try {
    const stats = fs.fstatSync(fd);
    if (!stats.isFile() || stats.size > MAX_JOURNAL_BYTES) return "damaged";
    return parseJournal(readUpTo(fd, stats.size, fs)) ?? "damaged";
  } finally {
    fs.closeSync(fd);
  }
}
