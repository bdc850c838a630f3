/**
 * Reads the bytes of a run's outputs once more, from where they were found, and hashes them as they are handed out.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type LawfulClaim, matchesDigest, ok, type Result } from "../../core/internal.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { BLOCK_BYTES, digestOfBlock } from "../hashing/hash-file.ts";
import { fillAt } from "../packs/pack-file.ts";
import { breathe } from "../runtime/interruption.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { OutputPlaces } from "../store/output-places.ts";
import { BYTES_FROM, type ChosenBytes } from "./choose-bytes.ts";
import type { PackedRun } from "./packed-run.ts";

/** Takes a piece of bytes, which is overwritten once the promise resolves. */
export type TakePiece = (piece: Uint8Array) => Promise<void>;

/** Reads one run's outputs. */
export class SealedBytes {
  readonly #run: PackedRun;
  readonly #chosen: ChosenBytes;
  readonly #places: OutputPlaces;
  readonly #fs: FileSystem;
  #blocks = 0;

  constructor(run: PackedRun, chosen: ChosenBytes, places: OutputPlaces, fs: FileSystem = nodeFileSystem) {
    this.#run = run;
    this.#chosen = chosen;
    this.#places = places;
    this.#fs = fs;
  }

  /**
   * Hands out the bytes of an output, as many as were found. Fails with CHANGED_WHILE_READ if they are not as sealed any more, when
   * some of them may have been handed out; with READ_FAILED; and as `openRoot` and `StoredObjects.open` do. Throws an Interruption.
   */
  async read(
    row: number,
    take: TakePiece,
    signal: AbortSignal | undefined,
  ): Promise<Result<undefined, OperationFault>> {
    const claim = this.#run.candidate.claims.at(row);
    if (claim?.lawful !== true || claim.digest === undefined)
      throw new TypeError("only lawful outputs are packed");
    try {
      return await this.#read(claim, row, take, signal);
    } catch (thrown) {
      return operationFault("READ_FAILED", { path: claim.path, reason: reasonOf(thrown) });
    }
  }

  async #read(
    claim: LawfulClaim,
    row: number,
    take: TakePiece,
    signal: AbortSignal | undefined,
  ): Promise<Result<undefined, OperationFault>> {
    const size = this.#chosen.sizes[row] ?? 0;
    const from = this.#chosen.from[row] === BYTES_FROM.root ? "root" : "store";
    const opened = this.#places.open(this.#run.place, from, claim);
    if (!opened.ok) return opened;
    const changed = operationFault("CHANGED_WHILE_READ", { path: claim.path });
    if (opened.value === undefined) return changed;
    if ("content" in opened.value) {
      const { content } = opened.value;
      if (content.length !== size || !isSealed(claim, digestOfBlock(content))) return changed;
      await take(content);
      return ok(undefined);
    }
    const { fd } = opened.value;
    try {
      return (await this.#readFile(fd, size, claim, take, signal)) ? ok(undefined) : changed;
    } finally {
      this.#fs.closeSync(fd);
    }
  }

  /** Gives whether the bytes are as sealed. Those of a file of one block are judged before they are handed out. */
  async #readFile(
    fd: number,
    size: number,
    claim: LawfulClaim,
    take: TakePiece,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { buffer } = this.#places;
    if (size <= BLOCK_BYTES) {
      const block = buffer.subarray(0, size);
      if (fillAt(fd, 0, block, this.#fs) !== size || !isSealed(claim, digestOfBlock(block))) return false;
      await take(block);
      return true;
    }
    const hash = createHash("sha256");
    for (let position = 0; position < size; ) {
      await breathe(this.#blocks++, signal);
      const block = buffer.subarray(0, Math.min(BLOCK_BYTES, size - position));
      if (fillAt(fd, position, block, this.#fs) !== block.length) return false;
      hash.update(block);
      await take(block);
      position += block.length;
    }
    return isSealed(claim, hash.digest("hex"));
  }
}

function isSealed({ digest }: LawfulClaim, actual: string): boolean {
  return digest !== undefined && matchesDigest(digest, actual, nodeCrypto);
}
