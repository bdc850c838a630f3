/**
 * Keeps the outputs of one seal: missing objects are made in a separate folder, synced, and only then given their names.
 *
 * @module
 */

import {
  type HexDigest,
  type Listing,
  matchesDigest,
  placeOfObject,
  STORE_COMPONENTS,
  shownObject,
} from "../../../core/internal.ts";
import { type AnchoredDir, isClosedToOthers } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { cloneFile } from "../../system/files/cloner.ts";
import { syncFile, syncFileSystem } from "../../system/files/durable-file.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { NeighbourWalk } from "../../system/files/neighbour-walk.ts";
import { makePartialName } from "../../system/files/partial-name.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../system/runtime/interruption.ts";
import { attempt } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { beginMany, type WorkOptions } from "../../system/runtime/progress.ts";
import { findWrongObjects } from "./check-reused.ts";
import { makeObject } from "./make-object.ts";
import type { ObjectMemory } from "./object-memory.ts";
import { StoreFolders } from "./store-folders.ts";

/** An output as it was hashed. */
export interface HashedOutput {
  /** A lawful path below the project root. */
  readonly path: string;
  readonly digest: HexDigest;
  readonly bytes: number;
}

/** How to keep. */
export interface KeepOptions extends WorkOptions {
  readonly fs?: FileSystem;
  /** Which objects were hashed before; without it, all existing objects are hashed. */
  readonly memory?: ObjectMemory | undefined;
  /** Where the outputs are; default: below the project's root. */
  readonly source?: AnchoredRoot | undefined;
  /** Called with the path of an output that is not as it was hashed, which is then left out; without it, such an output is a fault. */
  readonly onChanged?: ((path: string) => void) | undefined;
  /** How to clone a file; default: as this system does. */
  readonly clone?: typeof cloneFile;
}

/** Keeps outputs, and knows which objects and folders it made. */
export class Keeping {
  readonly #project: AnchoredRoot;
  readonly #options: KeepOptions;
  readonly #fs: FileSystem;
  readonly #folders: StoreFolders;
  readonly #placed: HashedOutput[] = [];
  /** Outputs that changed before they were kept, and that are left out. */
  readonly #left = new Set<HashedOutput>();
  /** The objects themselves, not their digests: those whose wrong bytes are replaced. */
  readonly #wrong = new Set<HashedOutput>();
  /** Missing folders of objects: under the lock no other process makes them. */
  readonly #absent = new Set<string>();
  /** The folder in which objects are made, and the same held open. */
  #partial: string | undefined;
  #making: AnchoredDir | undefined;
  /** Objects that were begun in it. */
  #begun = 0;
  /** Objects that are filled, and bytes in all; objects that have their names. */
  #made = 0;
  #named = 0;
  #bytes = 0;

  constructor(project: AnchoredRoot, options: KeepOptions) {
    this.#project = project;
    this.#options = options;
    this.#fs = options.fs ?? nodeFileSystem;
    this.#folders = new StoreFolders(project);
  }

  /**
   * Keeps missing objects. Throws what the system says of the store, and an Interruption; then call `undo`. An output that is not as
   * it was hashed is a fault, or is left out if `onChanged` takes its path.
   */
  async keep(outputs: Listing<HashedOutput>): Promise<OperationFault | undefined> {
    const { memory, progress, signal } = this.#options;
    beginMany(progress, "plan", outputs.length);
    const unique = [...new Map(Array.from(outputs, (output) => [output.digest, output])).values()];
    if (unique.length === 0) return undefined;
    this.#folders.make(STORE_COMPONENTS);
    const missing: HashedOutput[] = [];
    const unproven: HashedOutput[] = [];
    const wrong: HashedOutput[] = [];
    let looked = 0;
    progress?.begin("plan", { files: unique.length }, () => ({ files: looked, bytes: 0 }));
    for (const output of unique) {
      await breathe(looked++, signal);
      const found = this.#stateOf(output);
      if (found === "other")
        return operationFault("STORE_DAMAGED", { reason: "object", path: shownObject(output.digest) });
      if (found === "missing") missing.push(output);
      if (found === "unproven") unproven.push(output);
      if (found === "wrong") wrong.push(output);
    }
    const check = { memory, signal, progress, fs: this.#fs };
    const hashed = await findWrongObjects(this.#project, unproven, check);
    if (!hashed.ok) return hashed;
    for (const output of [...wrong, ...hashed.value]) {
      this.#wrong.add(output);
      missing.push(output);
    }
    const fault = missing.length === 0 ? undefined : await this.#add(missing);
    if (fault !== undefined) return fault;
    this.#syncFolders(unique.filter((output) => !this.#left.has(output)));
    memory?.save();
    return undefined;
  }

  /** What was added, and how many objects with wrong bytes were replaced. */
  added(): { readonly added: number; readonly bytes: number; readonly replaced: number } {
    const bytes = this.#placed.reduce((sum, object) => sum + object.bytes, 0);
    return { added: this.#placed.length, bytes, replaced: this.#wrong.size };
  }

  /**
   * Removes only what this made; what can't be removed stays. Right bytes that replaced wrong ones stay too: other bundles may
   * name them.
   */
  undo(): void {
    this.#folders.close();
    this.#clearPartial();
    for (const { digest } of this.#placed.splice(0)) {
      const { folder, name } = placeOfObject(digest);
      attempt(() => this.#folders.enter([...STORE_COMPONENTS, folder]).unlink(name));
    }
    this.#folders.removeMade();
  }

  /** Whether the object exists, and whether its bytes are known to be right. */
  #stateOf({ bytes, digest }: HashedOutput): "proven" | "unproven" | "wrong" | "missing" | "other" {
    const { folder, name } = placeOfObject(digest);
    // A failing system call is the slowest part, and an empty store would cause one for each object.
    if (this.#absent.has(folder)) return "missing";
    const dir = this.#folders.enterIfThere([...STORE_COMPONENTS, folder]);
    if (dir === undefined) this.#absent.add(folder);
    const stats = dir?.stats(name);
    if (stats === undefined) return "missing";
    if (!stats.isFile()) return "other";
    if (stats.size !== BigInt(bytes)) return "wrong";
    return this.#options.memory?.recalls(digest, stats) === true ? "proven" : "unproven";
  }

  async #add(missing: readonly HashedOutput[]): Promise<OperationFault | undefined> {
    const { progress, signal } = this.#options;
    const store = this.#folders.enter(STORE_COMPONENTS);
    const partial = makePartialName();
    // Closed to other users: an object's bytes may be more private than its first mode.
    store.mkdir(partial, 0o700);
    this.#partial = partial;
    const dir = store.enter(partial);
    this.#making = dir;
    const bytes = missing.reduce((sum, object) => sum + object.bytes, 0);
    progress?.begin("keep", { files: missing.length, bytes }, () => ({
      files: this.#made,
      bytes: this.#bytes,
    }));
    const fault = await this.#makeAll(missing, dir);
    if (fault !== undefined) return fault;
    await this.#syncAll(missing, dir);
    for (const [index, object] of missing.entries()) {
      if (this.#left.has(object)) this.#named++;
      else this.#place(object, dir.address(String(index)));
      await breathe(index, signal);
    }
    // [partial-folder] A rename between two folders is certain to be durable once both are.
    this.#fs.fsyncSync(dir.fd);
    this.#clearPartial();
    return undefined;
  }

  async #makeAll(
    missing: readonly HashedOutput[],
    partial: AnchoredDir,
  ): Promise<OperationFault | undefined> {
    const { clone = cloneFile, onChanged, signal, source = this.#project } = this.#options;
    // No other walk through the root until all objects are made.
    const walk = new NeighbourWalk(source);
    const making = {
      buffer: makeReadBuffer(),
      uncloned: new Set<bigint>(),
      // A clone is opened by its name before its mode is set, so no other user may exchange the file.
      clone: isClosedToOthers(partial, this.#fs) ? clone : () => false,
      fs: this.#fs,
      count: (bytes: number) => {
        this.#bytes += bytes;
      },
    };
    for (const [index, output] of missing.entries()) {
      this.#begun = index + 1;
      const address = partial.address(String(index));
      const made = await driveSteps(makeObject(walk, output, address, making), signal);
      const isAsHashed = made.ok && matchesDigest(output.digest, made.value, nodeCrypto);
      if (!isAsHashed) {
        if (onChanged === undefined)
          return made.ok ? operationFault("CHANGED_WHILE_READ", { path: output.path }) : made;
        this.#left.add(output);
        attempt(() => this.#fs.unlinkSync(address));
        onChanged(output.path);
      }
      this.#made = index + 1;
      await breathe(index, signal);
    }
    return undefined;
  }

  /** Before any object has its name: an existing object must have its bytes. Names in between would be slower. */
  async #syncAll(objects: readonly HashedOutput[], partial: AnchoredDir): Promise<void> {
    const { progress, signal } = this.#options;
    let synced = 0;
    progress?.begin("sync", { files: objects.length }, () => ({ files: synced, bytes: 0 }));
    await syncFileSystem(this.#folders.enter(STORE_COMPONENTS).fd, objects.length);
    for (const object of objects) {
      // [object] One sync of the whole file system is not confirmed everywhere.
      if (!this.#left.has(object)) syncFile(partial.address(String(synced)), this.#fs);
      synced++;
      await breathe(synced, signal);
    }
  }

  /** Gives an object its name. The lock is held since the look-up, so this can only replace an object with wrong bytes. */
  #place(object: HashedOutput, made: string): void {
    const { folder, name } = placeOfObject(object.digest);
    if (this.#absent.delete(folder)) this.#folders.make([...STORE_COMPONENTS, folder]);
    const place = this.#folders.enter([...STORE_COMPONENTS, folder]).address(name);
    this.#fs.renameSync(made, place);
    this.#options.memory?.note(object.digest, this.#fs.lstatSync(place, { bigint: true }), {
      isWritten: true,
    });
    this.#named++;
    if (!this.#wrong.has(object)) this.#placed.push(object);
  }

  /** Also for existing objects: the process that placed them may have been killed before this. */
  #syncFolders(objects: readonly HashedOutput[]): void {
    for (const folder of new Set(objects.map(({ digest }) => placeOfObject(digest).folder))) {
      // [object-folder]
      this.#fs.fsyncSync(this.#folders.enter([...STORE_COMPONENTS, folder]).fd);
    }
    for (let depth = STORE_COMPONENTS.length; depth >= 0; depth--) {
      // [objects-above]
      this.#fs.fsyncSync(this.#folders.enter(STORE_COMPONENTS.slice(0, depth)).fd);
    }
  }

  /** Objects get their names in the order in which they were made, so the first ones have left this folder. */
  #clearPartial(): void {
    const partial = this.#partial;
    if (partial === undefined) return;
    const dir = this.#making;
    this.#making = undefined;
    for (let index = this.#named; dir !== undefined && index < this.#begun; index++) {
      attempt(() => dir.unlink(String(index)));
    }
    dir?.close();
    attempt(() => {
      this.#folders.enter(STORE_COMPONENTS).rmdir(partial);
      this.#partial = undefined;
    });
  }
}
