/**
 * The folders and stores from which the bytes of sealed outputs are read again: many runs of a project have the same.
 *
 * @module
 */

import { type HexDigest, ok, type Result } from "../../../core/internal.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { NeighbourWalk } from "../../system/files/neighbour-walk.ts";
import { openSource } from "../../system/files/read-source.ts";
import { BLOCK_BYTES } from "../../system/hashing/hash-file.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { SourceName } from "./output-source.ts";
import { StoredObjects } from "./stored-objects.ts";

/** Where the files of a run are. */
export interface OutputPlace {
  /** The folder that paths of outputs are relative to. */
  readonly root: string;
  /** The project whose store keeps outputs. */
  readonly home: string;
}

/** The bytes of an output: an open file, which the caller closes, or memory that the next output overwrites. Only the latter are hashed. */
export type OpenBytes = { readonly fd: number; readonly size: number } | { readonly content: Uint8Array };

/** The open folders and stores. Their owner disposes of them. */
export class OutputPlaces implements Disposable {
  /** Room for a block, shared by all that is read. */
  readonly buffer: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  readonly #fs: FileSystem;
  readonly #roots = new Map<string, { readonly root: AnchoredRoot; readonly walk: NeighbourWalk }>();
  readonly #stores = new Map<string, StoredObjects | undefined>();

  constructor(fs: FileSystem = nodeFileSystem) {
    this.#fs = fs;
  }

  /**
   * Opens the bytes of an output below the root, or in the store; `undefined` if they are not there. Fails as `openRoot` and
   * `StoredObjects.open` do. Throws what the system says.
   */
  open(
    { home, root }: OutputPlace,
    from: SourceName,
    { digest, path }: { readonly digest: HexDigest | undefined; readonly path: string },
  ): Result<OpenBytes | undefined, OperationFault> {
    if (from === "root") {
      const walk = this.#rootOf(root);
      if (!walk.ok) return walk;
      const file = openSource(walk.value.walk, path, this.#fs);
      return ok(file && { fd: file.fd, size: Number(file.before.size) });
    }
    const store = this.storeOf(home);
    if (!store.ok) return store;
    const object = digest === undefined ? undefined : store.value?.open(digest);
    if (object === undefined || typeof object === "string") return ok(undefined);
    return ok("content" in object ? object : { fd: object.fd, size: Number(object.before.size) });
  }

  /** The store of a project; undefined if it has none. Fails as `openRoot` and `StoredObjects.open` do. */
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
    const root = openRoot(path, this.#fs);
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
