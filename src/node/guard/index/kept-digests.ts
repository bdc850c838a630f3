/**
 * Which digests the store of a guard has objects for. An index may answer only for files whose bytes are kept. Objects are not hashed
 * here: a revert hashes each object that it needs, and `store check` all.
 *
 * @module
 */

import { DIGEST_BYTES, digestToHex, PackIndex } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../files/anchored-root.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { unlessRefused } from "../../runtime/machine-reason.ts";
import { StoredObjects } from "../../store/stored-objects.ts";

/** The open store of a guard, whose lock is held. The caller closes it. */
export class KeptDigests implements Disposable {
  readonly #store: StoredObjects | undefined;
  readonly #packs: readonly PackIndex[];

  private constructor(store: StoredObjects | undefined) {
    this.#store = store;
    this.#packs = store?.packs?.packs.map(({ index }) => new PackIndex(index)) ?? [];
  }

  /** Opens the store of a project. One that is missing or can't be read has no object. */
  static open(home: AnchoredRoot, fs: FileSystem): KeptDigests {
    const opened = StoredObjects.open(home, fs);
    return new KeptDigests(opened.ok ? opened.value : undefined);
  }

  /** Whether there is an object for a digest, 32 raw bytes of `digests` at `place`. */
  readonly holds = (digests: Uint8Array, place: number): boolean =>
    this.#packs.some((pack) => pack.find(digests, place) >= 0) || this.#hasFile(digests, place);

  #hasFile(digests: Uint8Array, place: number): boolean {
    const digest = digestToHex(digests.subarray(place, place + DIGEST_BYTES));
    return typeof unlessRefused(() => this.#store?.objects?.find(digest)) === "object";
  }

  [Symbol.dispose](): void {
    this.#store?.close();
  }
}
