/**
 * What a collection of a store removed, and what it left alone.
 *
 * @module
 */

/** What was removed, or after a dry run would be. */
export interface Removals {
  readonly removed: number;
  /** Bytes of the objects that were removed. */
  readonly bytes: number;
  /** Objects that bundles name. */
  readonly kept: number;
  /** Folders of partial objects that killed seals left, and that were removed. */
  readonly partial: number;
  /** What runseal did not make, by its path below the project root; it stays. */
  readonly strays: readonly string[];
}

/** Counts what happens as it happens. */
export class Tally {
  /** Objects that bundles name. */
  kept = 0;
  /** Folders of partial objects that were removed. */
  partial = 0;
  #removed = 0;
  #bytes = 0;
  readonly #strays: string[] = [];

  /** An object of so many bytes was removed. */
  remove(bytes: number): void {
    this.#removed++;
    this.#bytes += bytes;
  }

  /** Something stays that runseal did not make, by its path below the project root. */
  stray(...paths: readonly string[]): void {
    this.#strays.push(...paths);
  }

  /** Everything that was counted so far. */
  removals(): Removals {
    const { kept, partial } = this;
    return { removed: this.#removed, bytes: this.#bytes, kept, partial, strays: this.#strays };
  }
}
