/**
 * One output, hashed again where it stands now, not where it was staged (PROTOCOL 13.6).
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

/** What is used from file to file. */
export type Looking = Omit<Filling, "cloner">;

/**
 * Fails with RESTORE_OUTPUT_MISSING_AFTER_RESTORE or RESTORE_HASH_MISMATCH_AFTER_RESTORE. `open` opens what stands
 * in the output's place. Throws what the system says otherwise.
 */
export function* lookAt(
  { bytes, digest, path }: PlacedOutput,
  open: () => number,
  looking: Looking,
): WaitingSteps<RestoreFault | undefined> {
  const { fs } = looking;
  const opened = openAgain(open, fs);
  if (opened === "missing") return restoreFault("VERIFY", "RESTORE_OUTPUT_MISSING_AFTER_RESTORE", { path });
  try {
    // A neighbour may have put a sparse file there, which would be hashed for hours.
    const hasSize = opened?.before.size === BigInt(bytes);
    const isExpected = opened !== undefined && hasSize && (yield* hasDigest(opened, digest, looking));
    if (isExpected) return undefined;
    return restoreFault("VERIFY", "RESTORE_HASH_MISMATCH_AFTER_RESTORE", { path });
  } finally {
    if (opened !== undefined) fs.closeSync(opened.fd);
  }
}

function* hasDigest(source: OpenSource, digest: HexDigest, looking: Looking): WaitingSteps<boolean> {
  const { buffer, count, fs } = looking;
  const { size } = source.before;
  if (size >= buffer.length) {
    const found = yield* hashWhole(source, looking);
    return found.kind === "file" && matchesDigest(digest, found.digest, nodeCrypto);
  }
  const block = readSmallFile(source, buffer, fs);
  count(block.length);
  // As of a verification: what has the digest, and is all that was there, need not be asked whether it changed meanwhile.
  return BigInt(block.length) === size && matchesDigest(digest, digestOfBlock(block), nodeCrypto);
}

/** Opens what stands in an output's place now; `undefined` where that is no regular file. */
function openAgain(open: () => number, fs: FileSystem): OpenSource | "missing" | undefined {
  try {
    return acceptRegularFile(open(), fs);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    // A folder on the way was moved away, or a link stands in its place.
    if (errno === "ENOENT" || errno === "ENOTDIR") return "missing";
    if (errno === "ELOOP" || errno === "ENXIO") return undefined;
    throw thrown;
  }
}
