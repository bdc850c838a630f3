/**
 * Reads the bytes of a run's outputs once more, from where they were found, and hashes them as they are handed out.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { matchesDigest, ok, type Result } from "../../../core/internal.ts";
import type { OutputPlaces } from "../../records/store/output-places.ts";
import { readSealed, type SealedOutputsPlace, sealedChunks } from "../../records/store/sealed-outputs.ts";
import { BLOCK_BYTES } from "../../system/hashing/hash-file.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { BYTES_FROM, type ChosenRun } from "./choose-bytes.ts";

/** Takes a piece of bytes, which is overwritten once the promise resolves. */
export type TakePiece = (piece: Uint8Array) => Promise<void>;

/**
 * Hands out the bytes of an output of a run, as many as were found. Fails with CHANGED_WHILE_READ if they are not as sealed any more, when
 * some of them may have been handed out; with READ_FAILED; and as `OutputPlaces.open` does. Throws an Interruption, and what `take`
 * throws.
 */
export async function readSealedRow(
  places: OutputPlaces,
  { chosen, run }: ChosenRun,
  row: number,
  take: TakePiece,
  signal: AbortSignal | undefined,
): Promise<Result<undefined, OperationFault>> {
  const claim = run.candidate.claims.at(row);
  if (claim?.lawful !== true || claim.digest === undefined)
    throw new TypeError("only lawful outputs are packed");
  const { digest, path } = claim;
  const output = { path, digest, bytes: chosen.sizes[row] ?? 0 };
  const changed = operationFault("CHANGED_WHILE_READ", { path });
  const place: SealedOutputsPlace = {
    ...run.place,
    order: [chosen.from[row] === BYTES_FROM.root ? "root" : "store"],
    missing: () => changed,
  };
  // Bytes of one block are judged before they are handed out.
  if (output.bytes <= BLOCK_BYTES) {
    const block = places.buffer.subarray(0, output.bytes);
    const fault = readSealed(places, place, output, block);
    if (fault === undefined) await take(block);
    return fault ?? ok(undefined);
  }
  const hash = createHash("sha256");
  let blocks = 0;
  for await (const chunk of sealedChunks(places, place, output, 0)) {
    if (!(chunk instanceof Uint8Array)) return chunk;
    await breathe(blocks++, signal);
    hash.update(chunk);
    await take(chunk);
  }
  return matchesDigest(digest, hash.digest("hex"), nodeCrypto) ? ok(undefined) : changed;
}
