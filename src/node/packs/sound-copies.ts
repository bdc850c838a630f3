/**
 * Whether a pack that stays holds an object with the right bytes: they are hashed each time, so that a copy is removed only because of
 * another good one.
 *
 * @module
 */

import type { FileSystem } from "../files/file-system.ts";
import type { PackFolder } from "./pack-catalog.ts";
import { PackReader } from "./pack-reader.ts";
import type { SurveyedPack } from "./survey-packs.ts";

/** Packs that stay. The caller closes it. */
export class SoundCopies implements Disposable {
  readonly #folder: PackFolder;
  readonly #fs: FileSystem;
  readonly #packs = new Set<SurveyedPack>();
  #forAll: PackReader | undefined;
  #forOwner: PackReader | undefined;

  constructor(folder: PackFolder, packs: Iterable<SurveyedPack>, fs: FileSystem) {
    this.#folder = folder;
    this.#fs = fs;
    for (const pack of packs) this.#packs.add(pack);
  }

  /** The packs. */
  get packs(): ReadonlySet<SurveyedPack> {
    return this.#packs;
  }

  /** Adds a pack. */
  add(pack: SurveyedPack): void {
    this.#packs.add(pack);
    this.close();
  }

  /** Takes a pack out, before it is removed. */
  delete(pack: SurveyedPack): void {
    if (this.#packs.delete(pack)) this.close();
  }

  /** Whether one of the packs holds an object, for all users if that is asked for. The digest is 32 raw bytes at `place`. */
  holds(digests: Uint8Array, place: number, isForAll: boolean): boolean {
    this.#forAll ??= this.#reader((pack) => pack.owner === "for-all" || pack.owner === "foreign-for-all");
    if (this.#forAll.read(digests, place).kind === "bytes") return true;
    if (isForAll) return false;
    this.#forOwner ??= this.#reader((pack) => pack.owner === "for-owner");
    return this.#forOwner.read(digests, place).kind === "bytes";
  }

  /** Closes the packs that were opened. */
  close(): void {
    this.#forAll?.close();
    this.#forOwner?.close();
    this.#forAll = undefined;
    this.#forOwner = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #reader(fits: (pack: SurveyedPack) => boolean): PackReader {
    const packs = [...this.#packs].filter(fits);
    const catalog = { folder: this.#folder, packs, hasUnreadable: false };
    return new PackReader(catalog, this.#fs);
  }
}
