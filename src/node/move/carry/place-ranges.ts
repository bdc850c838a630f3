/**
 * Brings the outputs of a verified run into a project's store from ranges of one open file: the small ones in packs, as a push makes
 * them. Each output is hashed again as it is placed, because the file may have changed since.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  type BlobName,
  digestToHex,
  itemAt,
  matchesDigest,
  ok,
  type Result,
  type VerifiedBundle,
  type VerifiedOutput,
} from "../../../core/internal.ts";
import type { ChunkSink } from "../../judge/source/blob-keeper.ts";
import { keepBlob, type OpenKeeper, type PackBlob } from "../../judge/source/blob-keeper.ts";
import { type HeldRanges, NOT_HELD } from "../../judge/source/held-ranges.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { BLOCK_BYTES } from "../../system/hashing/hash-file.ts";
import { fillAt } from "../../system/packs/pack-file.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
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
  const keep = async (blob: BlobName, pack: PackBlob | undefined, files: number, fill: Fill) => {
    const kept = await keepBlob(keeper, blob, pack, fill);
    if (!kept.ok) return kept;
    if (!kept.value.isPresent) placed += blob.size;
    done.files += files;
    done.bytes += blob.size;
    return undefined;
  };
  for (const [index, blob] of blobs.entries()) {
    const output = itemAt(objects, index);
    const fault = await keep(blob, undefined, 1, (add) => copyOutput(output, ranges, add, signal));
    if (fault !== undefined) return fault;
  }
  const room = Buffer.allocUnsafeSlow(Math.max(0, ...packs.map(({ size }) => size)));
  for (const planned of packs) {
    const read = (output: VerifiedOutput, target: Buffer): OperationFault | undefined =>
      readRange(output, ranges, 0, target) ?? refuseOther(output, digestToHex(nodeCrypto.sha256(target)));
    const built = await buildPack(planned, room, read, signal);
    if (!built.ok) return built;
    const { bytes, id, records } = built.value;
    const blob = { digest: id, size: bytes.length };
    const fault = await keep(blob, { id, pack: blob }, planned.outputs.length, async (add) => {
      await add(bytes);
      return ok(records);
    });
    if (fault !== undefined) return fault;
  }
  return placed;
}

type Fill = Parameters<typeof keepBlob>[3];

async function copyOutput(
  output: VerifiedOutput,
  ranges: HeldRanges,
  add: ChunkSink,
  signal: AbortSignal | undefined,
): Promise<Result<undefined, OperationFault>> {
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  for (let position = 0; position < output.bytes; position += BLOCK_BYTES) {
    await breathe(position / BLOCK_BYTES, signal);
    const piece = block.subarray(0, Math.min(BLOCK_BYTES, output.bytes - position));
    const fault = readRange(output, ranges, position, piece);
    if (fault !== undefined) return fault;
    hash.update(piece);
    await add(piece);
  }
  return refuseOther(output, hash.digest("hex")) ?? ok(undefined);
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
