/**
 * The file of one output: filled where it is staged, from a source or with bytes that runseal made (PROTOCOL 13.5), and hashed
 * again in its place, not where it was staged (PROTOCOL 13.6).
 *
 * @module
 */

import {
  type HexDigest,
  matchesDigest,
  type RestoredFile,
  type RestoreFault,
  restoreFault,
  type VerifiedOutput,
} from "../../../../core/internal.ts";
import type { OpenRange, OutputSource } from "../../../records/store/output-source.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { syncFile, writeAll } from "../../../system/files/durable-file.ts";
import { type FileSystem, OPEN_NEW, OPEN_NEW_TO_READ } from "../../../system/files/file-system.ts";
import { acceptRegularFile, type OpenSource } from "../../../system/files/read-source.ts";
import { type Filling, fillFile, fillFromRange, hashWhole } from "../../../system/hashing/fill-file.ts";
import { digestOfBlock, readSmallFile } from "../../../system/hashing/hash-file.ts";
import type { Steps, WaitingSteps } from "../../../system/runtime/interruption.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../../system/runtime/node-crypto.ts";

const MODE = 0o644;
const EXECUTABLE_MODE = 0o755;

/** An output that is staged. */
export interface StagedOutput extends VerifiedOutput {
  /** The permission bits that the file gets; undefined where its bundle has no tree: the source decides. */
  readonly mode: number | undefined;
}

/** Calls `make` with the folder and the name of the new file. */
export type Create = <Value>(make: MakeEntry<Value>) => Value;

/** Makes an entry of a name in a folder. */
export type MakeEntry<Value> = (dir: AnchoredDir, name: string) => Value;

/**
 * Copies one source, and hashes the staged bytes. A source that changed after it was verified is therefore noticed:
 * RESTORE_STAGING_HASH_MISMATCH. Throws what the system says.
 */
export function* stageOutput(
  output: StagedOutput,
  source: OutputSource,
  create: Create,
  filling: Filling,
): WaitingSteps<RestoreFault | undefined> {
  const opened = source.open(output);
  if (opened === "wrong") return mismatch(output);
  if (typeof opened === "string") {
    const code = opened === "missing" ? "RESTORE_SOURCE_MISSING" : "RESTORE_SOURCE_NOT_REGULAR_FILE";
    return restoreFault("EXECUTE", code, { path: output.path });
  }
  if ("content" in opened) return yield* stageContent(output, opened.content, create, filling);
  if ("range" in opened) return yield* stageRange(output, opened, create, filling);
  try {
    // A source that has grown, even by a hole, could fill the disk before its digest shows the change.
    if (opened.before.size !== BigInt(output.bytes)) return mismatch(output);
    // Of the source's mode only this bit: never set-uid, owner, or times. A tree is signed, and the source's mode is not.
    const isProgram = (opened.before.mode & 0o100n) !== 0n;
    return yield* stageFile(output, isProgram, create, filling.fs, function* (fd) {
      const staged = yield* fillFile(opened, fd, filling);
      return staged.kind === "file" && matchesDigest(output.digest, staged.digest, nodeCrypto);
    });
  } finally {
    filling.fs.closeSync(opened.fd);
  }
}

/** Makes the file of an output. `fill` gives whether it holds now what its bundle says. */
function* stageFile(
  output: StagedOutput,
  isProgram: boolean,
  create: Create,
  fs: FileSystem,
  fill: (fd: number) => WaitingSteps<boolean>,
): WaitingSteps<RestoreFault | undefined> {
  const fd = create((dir, name) => dir.open(name, OPEN_NEW_TO_READ, 0o600));
  try {
    const isFilled = yield* fill(fd);
    fs.fchmodSync(fd, output.mode ?? (isProgram ? EXECUTABLE_MODE : MODE));
    return isFilled ? undefined : mismatch(output);
  } finally {
    fs.closeSync(fd);
  }
}

/** Stages bytes that are in a file which the source holds open. */
function* stageRange(
  output: StagedOutput,
  { isProgram, range }: OpenRange,
  create: Create,
  filling: Filling,
): WaitingSteps<RestoreFault | undefined> {
  if (range.bytes !== output.bytes) return mismatch(output);
  return yield* stageFile(output, isProgram, create, filling.fs, function* (fd) {
    const { bytes, digest } = yield* fillFromRange(range, fd, filling);
    return bytes === output.bytes && matchesDigest(output.digest, digest, nodeCrypto);
  });
}

/** Stages an object that was in a pack. Its reader compared its digest. */
function* stageContent(
  output: StagedOutput,
  content: Uint8Array,
  create: Create,
  { count, fs }: Filling,
): WaitingSteps<RestoreFault | undefined> {
  if (content.length !== output.bytes) return mismatch(output);
  // biome-ignore lint/correctness/useYield: an object of a pack is small.
  return yield* stageFile(output, false, create, fs, function* (fd) {
    writeAll(fd, content, 0, fs);
    count(content.length);
    return true;
  });
}

function mismatch({ path }: StagedOutput): RestoreFault {
  return restoreFault("EXECUTE", "RESTORE_STAGING_HASH_MISMATCH", { path });
}

/** Stages bytes that runseal made, such as a result artifact, with a pause after each piece. Throws what the system says. */
export function* stageBytes(
  pieces: Iterable<Uint8Array>,
  create: Create,
  { count, fs }: Pick<Filling, "count" | "fs">,
): Steps<void> {
  const fd = create((dir, name) => dir.open(name, OPEN_NEW, 0o600));
  try {
    let position = 0;
    for (const piece of pieces) {
      writeAll(fd, piece, position, fs);
      position += piece.length;
      count(piece.length);
      yield;
    }
    fs.fchmodSync(fd, MODE);
  } finally {
    fs.closeSync(fd);
  }
}

/** Makes a staged file durable. Throws what the system says. */
export function syncEntry(address: string, fs: FileSystem): void {
  // [staged-file] The bytes are durable before any name leads to them.
  syncFile(address, fs);
}

/** What must be in an output's place. */
export interface PlacedOutput extends RestoredFile {
  /** Undefined where any mode will do. */
  readonly mode: number | undefined;
}

/** What is used for all files. */
export type Checking = Omit<Filling, "cloner">;

/**
 * Fails with RESTORE_OUTPUT_MISSING_AFTER_RESTORE or RESTORE_HASH_MISMATCH_AFTER_RESTORE. `open` opens what is
 * in the output's place. Throws what the system says otherwise.
 */
export function* checkOutput(
  { bytes, digest, mode, path }: PlacedOutput,
  open: () => number,
  checking: Checking,
): WaitingSteps<RestoreFault | undefined> {
  const { fs } = checking;
  const opened = openAgain(open, fs);
  // In a tree, an entry of another kind is another entry (PROTOCOL 19).
  const isLost = opened === "missing" || (opened === undefined && mode !== undefined);
  if (isLost) return restoreFault("VERIFY", "RESTORE_OUTPUT_MISSING_AFTER_RESTORE", { path });
  try {
    // Another user may have put a sparse file there. Hashing it could take hours.
    const hasSize = opened?.before.size === BigInt(bytes);
    const isExpected = opened !== undefined && hasSize && (yield* hasDigest(opened, digest, checking));
    if (isExpected) return checkMode(path, opened, mode);
    return restoreFault("VERIFY", "RESTORE_HASH_MISMATCH_AFTER_RESTORE", { path });
  } finally {
    if (opened !== undefined) fs.closeSync(opened.fd);
  }
}

function checkMode(path: string, { before }: OpenSource, mode: number | undefined): RestoreFault | undefined {
  const found = Number(before.mode & 0o777n);
  if (mode === undefined || found === mode) return undefined;
  return differs(path, "mode", modeText(mode), modeText(found));
}

/** The fault for an entry that is in its place with another mode or target. */
export function differs(
  path: string,
  aspect: "mode" | "target",
  expected: string,
  actual: string,
): RestoreFault {
  const details = { path, aspect, expected, actual };
  return restoreFault("VERIFY", "RESTORE_HASH_MISMATCH_AFTER_RESTORE", details);
}

/** Permission bits in three octal digits. */
export function modeText(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}

function* hasDigest(source: OpenSource, digest: HexDigest, checking: Checking): WaitingSteps<boolean> {
  const { buffer, count, fs } = checking;
  const { size } = source.before;
  if (size >= buffer.length) {
    const found = yield* hashWhole(source, checking);
    return found.kind === "file" && matchesDigest(digest, found.digest, nodeCrypto);
  }
  const block = readSmallFile(source, buffer, fs);
  count(block.length);
  // As in a verification: if all bytes were read and have the digest, a change meanwhile does not matter.
  return BigInt(block.length) === size && matchesDigest(digest, digestOfBlock(block), nodeCrypto);
}

/** Opens what is in an output's place now; `undefined` if it is not a regular file. */
function openAgain(open: () => number, fs: FileSystem): OpenSource | "missing" | undefined {
  try {
    return acceptRegularFile(open(), fs);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    // A folder on the way was moved away, or is a link now.
    if (errno === "ENOENT" || errno === "ENOTDIR") return "missing";
    if (errno === "ELOOP" || errno === "ENXIO") return undefined;
    throw thrown;
  }
}
