/**
 * Checks one output: hashes it again in its place, not where it was staged (PROTOCOL 13.6).
 *
 * @module
 */

import { type HexDigest, matchesDigest, type RestoreFault, restoreFault } from "../../../core/internal.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { acceptRegularFile, type OpenSource } from "../../files/read-source.ts";
import { type Filling, hashWhole } from "../../hashing/fill-file.ts";
import { digestOfBlock, readSmallFile } from "../../hashing/hash-file.ts";
import type { WaitingSteps } from "../../runtime/interruption.ts";
import { errnoOf } from "../../runtime/machine-reason.ts";
import { nodeCrypto } from "../../runtime/node-crypto.ts";
import type { OutputReader } from "./shared-outputs.ts";

/** An output in its place, relative to the restore root. */
export interface PlacedOutput {
  readonly path: string;
  readonly digest: HexDigest;
  readonly bytes: number;
}

/** An output in its place, by its number. */
export function placedOutput(outputs: OutputReader, index: number): PlacedOutput {
  return { path: outputs.target(index), digest: outputs.digest(index), bytes: outputs.bytes(index) };
}

/** What is used for all files. */
export type Checking = Omit<Filling, "cloner">;

/**
 * Fails with RESTORE_OUTPUT_MISSING_AFTER_RESTORE or RESTORE_HASH_MISMATCH_AFTER_RESTORE. `open` opens what is
 * in the output's place. Throws what the system says otherwise.
 */
export function* checkOutput(
  { bytes, digest, path }: PlacedOutput,
  open: () => number,
  checking: Checking,
): WaitingSteps<RestoreFault | undefined> {
  const { fs } = checking;
  const opened = openAgain(open, fs);
  if (opened === "missing") return restoreFault("VERIFY", "RESTORE_OUTPUT_MISSING_AFTER_RESTORE", { path });
  try {
    // Another user may have put a sparse file there. Hashing it could take hours.
    const hasSize = opened?.before.size === BigInt(bytes);
    const isExpected = opened !== undefined && hasSize && (yield* hasDigest(opened, digest, checking));
    if (isExpected) return undefined;
    return restoreFault("VERIFY", "RESTORE_HASH_MISMATCH_AFTER_RESTORE", { path });
  } finally {
    if (opened !== undefined) fs.closeSync(opened.fd);
  }
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
