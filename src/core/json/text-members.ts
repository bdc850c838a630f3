/**
 * Members of a JSON object whose values are all texts, in the order of their keys' UTF-8 bytes, wherever they are kept.
 *
 * @module
 */

import { itemsOf, type Listing, makeListing } from "../bytes/listing.ts";
import { compareUtf8 } from "../bytes/utf8.ts";

/** A canonical form that is written when it is asked for. */
export interface CanonicalForm {
  /** In bytes. */
  readonly length: number;
  /** Writes it into so many bytes. Whoever asks for it again may be given that very place. */
  writeInto(target: Uint8Array): void;
  /** All of it. Nobody may change it. */
  readonly bytes: Uint8Array;
}

/** An object that answers as a `Map` of texts does, and makes each of them when it is asked for. No key is there twice. */
export abstract class TextMembers implements ReadonlyMap<string, string> {
  abstract readonly size: number;

  /** The key of the member at an index from 0 on. */
  abstract keyAt(index: number): string;

  /** The value of the member at an index from 0 on. */
  abstract valueAt(index: number): string;

  /** The object's canonical form (PROTOCOL 4.2), where it is known without being written member by member. */
  get canonicalForm(): CanonicalForm | undefined {
    return undefined;
  }

  /** All keys, in their order. */
  get keyList(): Listing<string> {
    return makeListing(this.size, (index) => this.keyAt(index));
  }

  get(key: string): string | undefined {
    const index = this.#find(key);
    return index === undefined ? undefined : this.valueAt(index);
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  forEach(visit: (value: string, key: string, map: ReadonlyMap<string, string>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }

  keys(): Generator<string, undefined> {
    return itemsOf(this.size, (index) => this.keyAt(index));
  }

  values(): Generator<string, undefined> {
    return itemsOf(this.size, (index) => this.valueAt(index));
  }

  entries(): Generator<[string, string], undefined> {
    return itemsOf(this.size, (index) => [this.keyAt(index), this.valueAt(index)]);
  }

  [Symbol.iterator](): Generator<[string, string], undefined> {
    return this.entries();
  }

  #find(key: string): number | undefined {
    let [from, to] = [0, this.size];
    while (from < to) {
      const middle = (from + to) >> 1;
      const order = compareUtf8(this.keyAt(middle), key);
      if (order === 0) return middle;
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    return undefined;
  }
}
