/**
 * Brings the outputs of a verified run into a project's store from ranges of one open file: the small ones in packs, as a push makes
 * them. Each output is hashed again as it is placed, because the file may have changed since.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  digestToHex,
  itemAt,
  matchesDigest,
  type VerifiedBundle,
  type VerifiedOutput,
} from "../../core/internal.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { BLOCK_BYTES } from "../hashing/hash-file.ts";
import { fillAt } from "../packs/pack-file.ts";
import { breathe } from "../runtime/interruption.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { WorkOptions } from "../runtime/progress.ts";
import { type KeptBlob, keepWhole, type OpenKeeper } from "../source/blob-keeper.ts";
import { type HeldRanges, NOT_HELD } from "../source/held-ranges.ts";
import { buildPack } from "./build-pack.ts";
import { planOutputs } from "./plan-outputs.ts";

/** Gives the bytes that were not in the store. Fails with CHANGED_WHILE_READ, READ_FAILED, and as the keeper does. Throws an Interruption, and a SpoolFailure. */
export async function placeRanges(
  { bytes: total, outputs }: VerifiedBundle,
  ranges: HeldRanges,
  openKeeper: OpenKeeper,
  { progress, signal }: WorkOptions,
): Promise<number | OperationFault> {
  const { objects, packs } = planOutputs(outputs);
  const blobs = objects.map(({ bytes, digest }) => ({ digest, size: bytes }));
  const opened = await openKeeper(blobs);
  if (!opened.ok) return opened;
  const keeper = opened.value;
  const done = { files: 0, bytes: 0 };
  let placed = 0;
  progress?.begin("keep", { files: outputs.length, bytes: total }, () => ({ ...done }));
  for (const [index, blob] of blobs.entries()) {
    const kept = await keeper.begin(blob, undefined);
    if ("code" in kept) return kept;
    if (!("present" in kept)) {
      const fault = await copyOutput(itemAt(objects, index), ranges, kept, signal);
      if (fault !== undefined) return fault;
      placed += blob.size;
    }
    done.files++;
    done.bytes += blob.size;
  }
  const room = Buffer.allocUnsafeSlow(Math.max(0, ...packs.map(({ size }) => size)));
  for (const planned of packs) {
    const read = (output: VerifiedOutput, target: Buffer): OperationFault | undefined =>
      readRange(output, ranges, 0, target) ?? refuseOther(output, digestToHex(nodeCrypto.sha256(target)));
    const built = await buildPack(planned, room, read, signal);
    if (!built.ok) return built;
    const { bytes, id, records } = built.value;
    const blob = { digest: id, size: bytes.length };
    const kept = await keeper.begin(blob, { id, pack: blob });
    if ("code" in kept) return kept;
    if (!("present" in kept)) {
      const fault = await keepWhole(kept, bytes, records);
      if (fault !== undefined) return fault;
      placed += bytes.length;
    }
    done.files += planned.outputs.length;
    done.bytes += bytes.length;
  }
  return placed;
}

async function copyOutput(
  output: VerifiedOutput,
  ranges: HeldRanges,
  kept: KeptBlob,
  signal: AbortSignal | undefined,
): Promise<OperationFault | undefined> {
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let isKept = false;
  try {
    for (let position = 0; position < output.bytes; position += BLOCK_BYTES) {
      await breathe(position / BLOCK_BYTES, signal);
      const piece = block.subarray(0, Math.min(BLOCK_BYTES, output.bytes - position));
      const fault = readRange(output, ranges, position, piece);
      if (fault !== undefined) return fault;
      hash.update(piece);
      await kept.add(piece);
    }
    const fault = refuseOther(output, hash.digest("hex")) ?? (await kept.end(undefined));
    isKept = fault === undefined;
    return fault;
  } finally {
    if (!isKept) await kept.abandon();
  }
}

/** Fills the target with the bytes of an output. */
function readRange(
  { path, row }: VerifiedOutput,
  { fd, offsets }: HeldRanges,
  position: number,
  target: Buffer,
): OperationFault | undefined {
  const offset = offsets[row] ?? NOT_HELD;
  try {
    const isWhole = offset !== NOT_HELD && fillAt(fd, offset + position, target, fs) === target.length;
    return isWhole ? undefined : operationFault("CHANGED_WHILE_READ", { path });
  } catch (thrown) {
    return operationFault("READ_FAILED", { path, reason: reasonOf(thrown) });
  }
}

function refuseOther({ digest, path }: VerifiedOutput, actual: string): OperationFault | undefined {
  return matchesDigest(digest, actual, nodeCrypto)
    ? undefined
    : operationFault("CHANGED_WHILE_READ", { path });
}
