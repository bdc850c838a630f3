/**
 * The journal on the disk (SECURITY 3), and its MAC (PROTOCOL 11.1, decided 13.9): HMAC-SHA-256 under a key of this user on
 * this machine. An unpacked archive can bring a staging folder with the right owner, mode and hard links. It can't bring
 * the MAC.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { type BigIntStats, statSync } from "node:fs";
import type { SecretBytes } from "../../../keys/secret-bytes.ts";
import { type FileSystem, OPEN_SOURCE } from "../../../system/files/file-system.ts";
import { PlacedFile } from "../../../system/files/placed-file.ts";
import { readUpTo } from "../../../system/files/read-source.ts";
import { errnoOf, machineReason } from "../../../system/runtime/machine-reason.ts";
import {
  encodeJournal,
  type Journal,
  MAX_JOURNAL_BYTES,
  matchesMac,
  parseJournal,
  type RunningMac,
  splitJournal,
  TAIL_BYTES,
} from "./journal.ts";
import { STAGED, type Staging } from "./staging.ts";

/** Bytes that are read at once. */
const PIECE_BYTES: number = 1024 * 1024;

const DOMAIN = "RUNSEAL-JOURNAL-v2:";

/**
 * Writes a journal under a temporary name, syncs it, and renames it. `false`, and nothing is written, where the journal would
 * be too long. Throws what the system says.
 */
export function writeJournal(staging: Staging, journal: Journal, key: SecretBytes, fs: FileSystem): boolean {
  const pieces = encodeJournal(journal, beginJournalMac(key, bindingTo(staging, fs)));
  if (pieces === undefined) return false;
  const { dir } = staging;
  using file = PlacedFile.in(dir, STAGED.newJournal, fs);
  for (const piece of pieces) file.add(piece);
  // [journal-file]
  file.sync();
  dir.change(() => file.rename(dir.address(STAGED.journal)));
  // [journal-dir] The journal, and the staged names that show which files the restore made.
  staging.sync();
  return true;
}

/**
 * Reads the journal of a staging folder: `undefined` where it is missing, `foreign` where it has no right MAC under the key, or an
 * unknown form. Throws what the system says.
 */
export function readJournal(
  staging: Staging,
  key: SecretBytes | undefined,
  fs: FileSystem,
): Journal | "foreign" | undefined {
  let fd: number;
  try {
    fd = staging.dir.open(STAGED.journal, OPEN_SOURCE);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return undefined;
    // A link, or a socket.
    if (["ELOOP", "ENXIO"].includes(errnoOf(thrown) ?? "")) return "foreign";
    throw thrown;
  }
  try {
    return readOwn(fd, staging, key, fs) ?? "foreign";
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
  const binding = bindingTo(staging, fs);
  // A long journal is read into memory only after its MAC was found right.
  if (size > PIECE_BYTES && !isOwn(fd, size, beginJournalMac(key, binding), fs)) return undefined;
  const lines = splitJournal(readUpTo(fd, size, fs));
  if (lines === undefined) return undefined;
  const mac = beginJournalMac(key, binding);
  mac.add(lines.content);
  return matchesMac(mac, lines.mac) ? parseJournal(lines.content) : undefined;
}

/** The length of a file that may be a journal. */
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

/**
 * Begins the MAC of a journal's first line. `binding` is the text that `bindingOf` gives.
 *
 * libsodium offers HMAC-SHA-256, but sodium-native 5 does not, so OpenSSL computes it. `createHmac` gets the secret
 * memory itself and hands it to `HMAC_Init_ex`, which keeps the hash states of the padded key, not the key. OpenSSL
 * clears these states and its own padding buffer, and Node frees the context when `digest` is called.
 */
export function beginJournalMac(key: SecretBytes, binding: string): RunningMac {
  const hmac = key.use((bytes) => createHmac("sha256", bytes));
  hmac.update(DOMAIN + binding);
  return {
    add: (piece) => {
      hmac.update(piece);
    },
    end: () => hmac.digest(),
  };
}

/** What identifies a folder, by fstat. */
export type FolderStats = Pick<BigIntStats, "ino" | "birthtimeNs">;

/**
 * What binds a journal to its place: the staging folder's name, then inode and birth time of the folder that holds it and of
 * the staging folder itself. `st_dev` is left out: it changes when a disk is mounted again.
 *
 *     NAME LF INO SP BIRTH SP INO SP BIRTH LF      decimal; birth in nanoseconds since 1970, 0 where there is none
 */
export function bindingOf(name: string, holder: FolderStats, staging: FolderStats): string {
  return `${name}\n${identity(holder)} ${identity(staging)}\n`;
}

function bindingTo({ dir, name, parent }: Staging, fs: FileSystem): string {
  const holder = fs.fstatSync(parent.fd, { bigint: true });
  return bindingOf(name, holder, fs.fstatSync(dir.fd, { bigint: true }));
}

function identity({ birthtimeNs, ino }: FolderStats): string {
  return `${ino} ${hasBirthTimes() ? birthtimeNs : 0n}`;
}

let known: boolean | undefined;

function hasBirthTimes(): boolean {
  known ??= probeBirthTimes();
  return known;
}

/**
 * Whether birth times are birth times. Without statx(2), as under an old seccomp filter, libuv gives the time of the last
 * change instead, which moves. procfs has no birth times, so a file there shows which of the two libuv gives.
 */
function probeBirthTimes(): boolean {
  try {
    const { birthtimeNs, ctimeNs } = statSync("/proc/self", { bigint: true });
    return birthtimeNs !== ctimeNs;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return false;
  }
}
