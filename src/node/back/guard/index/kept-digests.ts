/**
 * Which digests the store of a guard has objects for. An index may answer only for files whose bytes are kept: a guarded command can
 * overwrite a pack, so one counts only if the memory has it as it is. Nothing is hashed here.
 *
 * @module
 */

import { DIGEST_BYTES, digestToHex, PackIndex } from "../../../../core/internal.ts";
import type { ObjectMemory } from "../../../records/store/object-memory.ts";
import { checksumOf } from "../../../records/store/reliable-packs.ts";
import { StoredObjects } from "../../../records/store/stored-objects.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { unlessRefused } from "../../../system/runtime/machine-reason.ts";

/** The open store of a guard, whose lock is held. The caller closes it. */
export class KeptDigests implements Disposable {
  readonly #store: StoredObjects | undefined;
  readonly #memory: ObjectMemory | undefined;
  readonly #packs: readonly PackIndex[];

  /** Opens the store of a project. One that is missing or can't be read has no object. Without a memory, all objects count. */
  constructor(home: AnchoredRoot, memory: ObjectMemory | undefined, fs: FileSystem) {
    const opened = StoredObjects.open(home, fs);
    this.#store = opened.ok ? opened.value : undefined;
    this.#memory = memory;
    this.#packs = (this.#store?.packs?.packs ?? [])
      .filter(({ id, index, stats }) => memory?.recalls(id, stats, checksumOf(index)) !== false)
      .map(({ index }) => new PackIndex(index));
  }

  /** Whether there is an object for a digest, 32 raw bytes of `digests` at `place`. */
  readonly holds = (digests: Uint8Array, place: number): boolean =>
    this.#packs.some((pack) => pack.find(digests, place) >= 0) || this.#hasFile(digests, place);

  #hasFile(digests: Uint8Array, place: number): boolean {
    const digest = digestToHex(digests.subarray(place, place + DIGEST_BYTES));
    const found = unlessRefused(() => this.#store?.findFile(digest));
    return typeof found === "object" && this.#memory?.recalls(digest, found) !== false;
  }

  [Symbol.dispose](): void {
    this.#store?.close();
  }
}
