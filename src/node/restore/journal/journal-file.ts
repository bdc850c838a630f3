/**
 * The journal on the disk (SECURITY 3).
 *
 * @module
 */

import { writeAll } from "../../files/durable-file.ts";
import { type FileSystem, OPEN_NEW, OPEN_SOURCE } from "../../files/file-system.ts";
import { readUpTo } from "../../files/read-source.ts";
import type { SecretBytes } from "../../keys/secret-bytes.ts";
import { errnoOf } from "../../runtime/machine-reason.ts";
import {
  type Journal,
  MAX_JOURNAL_BYTES,
  matchesMac,
  parseBelievedJournal,
  parseJournal,
  splitJournal,
  TAIL_BYTES,
} from "./journal.ts";
import { beginJournalMac, type RunningMac } from "./journal-mac.ts";
import { STAGED, type Staging } from "./staging.ts";

/** What is read at once. */
const PIECE_BYTES: number = 1024 * 1024;

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

/** Which journals are acted on: those with a right MAC under this key, if there is one; or any, where the user says so. */
export type Belief = { readonly key: SecretBytes | undefined } | "any";

/**
 * Reads the journal of a staging folder: `undefined` where there is none, `foreign` where its MAC is not right, `damaged`
 * where the user believes it and it can't be read as one. Throws what the system says.
 */
export function readJournal(
  staging: Staging,
  belief: Belief,
  fs: FileSystem,
): Journal | "foreign" | "damaged" | undefined {
  let fd: number;
  try {
    fd = fs.openSync(staging.address(STAGED.journal), OPEN_SOURCE);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return undefined;
    // A link, or a socket.
    if (["ELOOP", "ENXIO"].includes(errnoOf(thrown) ?? "")) return belief === "any" ? "damaged" : "foreign";
    throw thrown;
  }
  try {
    return belief === "any"
      ? (readBelieved(fd, fs) ?? "damaged")
      : (readOwn(fd, staging, belief.key, fs) ?? "foreign");
  } finally {
    fs.closeSync(fd);
  }
}

/** Reads a journal whose MAC is right. */
function readOwn(
  fd: number,
  staging: Staging,
  key: SecretBytes | undefined,
  fs: FileSystem,
): Journal | undefined {
  const size = sizeOf(fd, fs);
  if (key === undefined || size === undefined) return undefined;
  const binding = staging.binding();
  // A long one is held in memory only once it is known for our own.
  if (size > PIECE_BYTES && !isOwn(fd, size, beginJournalMac(key, binding), fs)) return undefined;
  const lines = splitJournal(readUpTo(fd, size, fs));
  if (lines === undefined) return undefined;
  const mac = beginJournalMac(key, binding);
  mac.add(lines.content);
  return matchesMac(mac, lines.mac) ? parseJournal(lines.content) : undefined;
}

function readBelieved(fd: number, fs: FileSystem): Journal | undefined {
  const size = sizeOf(fd, fs);
  const lines = size === undefined ? undefined : splitJournal(readUpTo(fd, size, fs));
  return lines === undefined ? undefined : parseBelievedJournal(lines);
}

/** The length of a journal that may be one. */
function sizeOf(fd: number, fs: FileSystem): number | undefined {
  const stats = fs.fstatSync(fd);
  return stats.isFile() && stats.size <= MAX_JOURNAL_BYTES ? stats.size : undefined;
}

/** Whether the MAC of a journal is right, with the memory of one piece. */
function isOwn(fd: number, size: number, mac: RunningMac, fs: FileSystem): boolean {
  const buffer = Buffer.alloc(PIECE_BYTES);
  const end = size - TAIL_BYTES;
  let position = 0;
  while (position < end) {
    const bytes = fs.readSync(fd, buffer, 0, Math.min(PIECE_BYTES, end - position), position);
    if (bytes === 0) return false;
    mac.add(buffer.subarray(0, bytes));
    position += bytes;
  }
  const tail = Buffer.alloc(TAIL_BYTES);
  if (fs.readSync(fd, tail, 0, TAIL_BYTES, end) !== TAIL_BYTES) return false;
  return matchesMac(mac, tail.toString("latin1").slice(1, -1));
}
