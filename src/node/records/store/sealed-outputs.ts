/**
 * The bytes of a run's sealed outputs where they were found: below the root, or in the project's store. Files change after they were
 * verified, so a place counts only if it has as many bytes, and those in memory are hashed.
 *
 * @module
 */

import { matchesDigest, ok, type Result } from "../../../core/internal.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { BLOCK_BYTES, digestOfBlock } from "../../system/hashing/hash-file.ts";
import { fillAt } from "../../system/packs/pack-file.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { HashedOutput } from "./keeping.ts";
import type { OpenBytes, OutputPlace, OutputPlaces } from "./output-places.ts";
import type { SourceName } from "./output-source.ts";

/** Where outputs are looked for. */
export interface SealedOutputsPlace extends OutputPlace {
  /** The places to ask, one after the other. */
  readonly order: readonly SourceName[];
  /** The fault of an output that none of them has any more. */
  readonly missing: (path: string) => OperationFault;
}

/** Fills memory of its size with a small output. Fails with `missing`, READ_FAILED, and as `OutputPlaces.open` does. */
export function readSealed(
  places: OutputPlaces,
  place: SealedOutputsPlace,
  output: HashedOutput,
  target: Buffer,
): OperationFault | undefined {
  try {
    for (const from of place.order) {
      const opened = places.open(place, from, output);
      if (!opened.ok) return opened;
      const isThere = opened.value !== undefined && fill(opened.value, target);
      if (isThere && matchesDigest(output.digest, digestOfBlock(target), nodeCrypto)) return undefined;
    }
    return place.missing(output.path);
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: output.path, reason: reasonOf(thrown) });
  }
}

/** Gives the bytes of a large output from an offset on, which the caller hashes. A fault, as those of `readSealed`, ends them. */
export async function* sealedChunks(
  places: OutputPlaces,
  place: SealedOutputsPlace,
  output: HashedOutput,
  offset: number,
): AsyncGenerator<Uint8Array | OperationFault> {
  let fd: number | undefined;
  try {
    const opened = openFile(places, place, output);
    if (!opened.ok) {
      yield opened;
      return;
    }
    fd = opened.value;
    // Two: while the system sends one, the next is filled.
    const chunks = [Buffer.allocUnsafeSlow(BLOCK_BYTES), Buffer.allocUnsafeSlow(BLOCK_BYTES)];
    for (let position = offset, turn = 0; position < output.bytes; turn++) {
      const chunk = chunks[turn % 2] ?? Buffer.alloc(0);
      const count = fillAt(fd, position, chunk.subarray(0, output.bytes - position), fs);
      if (count === 0) break;
      yield chunk.subarray(0, count);
      position += count;
    }
  } catch (thrown) {
    yield operationFault("READ_FAILED", { path: output.path, reason: reasonOf(thrown) });
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** Opens the file of a large output in the first place that has as many bytes. */
function openFile(
  places: OutputPlaces,
  place: SealedOutputsPlace,
  output: HashedOutput,
): Result<number, OperationFault> {
  for (const from of place.order) {
    const opened = places.open(place, from, output);
    if (!opened.ok) return opened;
    if (opened.value === undefined || "content" in opened.value) continue;
    if (opened.value.size === output.bytes) return ok(opened.value.fd);
    fs.closeSync(opened.value.fd);
  }
  return place.missing(output.path);
}

/** Fills the target with exactly the bytes of a small output, and closes its file. Throws what the system says. */
function fill(opened: OpenBytes, target: Buffer): boolean {
  if ("content" in opened) {
    if (opened.content.length === target.length) target.set(opened.content);
    return opened.content.length === target.length;
  }
  try {
    return opened.size === target.length && fillAt(opened.fd, 0, target, fs) === target.length;
  } finally {
    fs.closeSync(opened.fd);
  }
}
