/**
 * Reads the bytes of a run's outputs once more, from where they were found, and hashes them as they are handed out.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type LawfulClaim, matchesDigest, ok, type Result } from "../../core/internal.ts";
import { type AnchoredRoot, openRoot } from "../files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { NeighbourWalk } from "../files/neighbour-walk.ts";
import { openSource } from "../files/read-source.ts";
import { BLOCK_BYTES, digestOfBlock } from "../hashing/hash-file.ts";
import { fillAt } from "../packs/pack-file.ts";
import { breathe } from "../runtime/interruption.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { StoredObjects } from "../store/stored-objects.ts";
import { BYTES_FROM, type ChosenBytes } from "./choose-bytes.ts";
import type { PackedRun } from "./packed-run.ts";

/** Takes a piece of bytes, which is overwritten once the promise resolves. */
export type TakePiece = (piece: Uint8Array) => Promise<void>;

/** The open roots and stores from which runs are read: many runs of a project have the same. */
export class BytePlaces implements Disposable {
  readonly buffer: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  readonly #fs: FileSystem;
  readonly #roots = new Map<string, { readonly root: AnchoredRoot; readonly walk: NeighbourWalk }>();
  readonly #stores = new Map<string, StoredObjects | undefined>();

  constructor(fs: FileSystem = nodeFileSystem) {
    this.#fs = fs;
  }

  /** A walk through the folder of outputs. Fails as `openRoot` does. */
  walkOf(path: string): Result<NeighbourWalk, OperationFault> {
    const root = this.#rootOf(path);
    return root.ok ? ok(root.value.walk) : root;
  }

  /** The store of a project; undefined if it has none. Fails as `StoredObjects.open` does. */
  storeOf(home: string): Result<StoredObjects | undefined, OperationFault> {
    if (this.#stores.has(home)) return ok(this.#stores.get(home));
    const root = this.#rootOf(home);
    if (!root.ok) return root;
    const store = StoredObjects.open(root.value.root, this.#fs);
    if (store.ok) this.#stores.set(home, store.value);
    return store;
  }

  #rootOf(
    path: string,
  ): Result<{ readonly root: AnchoredRoot; readonly walk: NeighbourWalk }, OperationFault> {
    const known = this.#roots.get(path);
    if (known !== undefined) return ok(known);
    const root = openRoot(path);
    if (!root.ok) return root;
    const made = { root: root.value, walk: new NeighbourWalk(root.value) };
    this.#roots.set(path, made);
    return ok(made);
  }

  [Symbol.dispose](): void {
    for (const store of this.#stores.values()) store?.close();
    for (const { root } of this.#roots.values()) root.close();
  }
}

/** Reads one run's outputs. */
export class SealedBytes {
  readonly #run: PackedRun;
  readonly #chosen: ChosenBytes;
  readonly #places: BytePlaces;
  readonly #fs: FileSystem;
  #blocks = 0;

  constructor(run: PackedRun, chosen: ChosenBytes, places: BytePlaces, fs: FileSystem = nodeFileSystem) {
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
    const opened = this.#open(claim, row);
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
    if (size <= BLOCK_BYTES) {
      const block = this.#places.buffer.subarray(0, size);
      if (fillAt(fd, 0, block, this.#fs) !== size || !isSealed(claim, digestOfBlock(block))) return false;
      await take(block);
      return true;
    }
    const hash = createHash("sha256");
    for (let position = 0; position < size; ) {
      await breathe(this.#blocks++, signal);
      const block = this.#places.buffer.subarray(0, Math.min(BLOCK_BYTES, size - position));
      if (fillAt(fd, position, block, this.#fs) !== block.length) return false;
      hash.update(block);
      await take(block);
      position += block.length;
    }
    return isSealed(claim, hash.digest("hex"));
  }

  #open({ digest, path }: LawfulClaim, row: number): Result<OpenBytes | undefined, OperationFault> {
    const { home, root } = this.#run.place;
    if (this.#chosen.from[row] === BYTES_FROM.root) {
      const walk = this.#places.walkOf(root);
      return walk.ok ? ok(openSource(walk.value, path, this.#fs)) : walk;
    }
    const store = this.#places.storeOf(home);
    if (!store.ok) return store;
    const object = digest === undefined ? undefined : store.value?.open(digest);
    return ok(typeof object === "string" ? undefined : object);
  }
}

/** An open file, or bytes in memory. */
type OpenBytes = { readonly fd: number } | { readonly content: Uint8Array };

function isSealed({ digest }: LawfulClaim, actual: string): boolean {
  return digest !== undefined && matchesDigest(digest, actual, nodeCrypto);
}
