/**
 * What can be gone through and counted like an array, but need not hold its items: of a million files, an object each would
 * take hundreds of megabytes.
 *
 * @module
 */

/** Items in order, each of which may be made only when it is asked for. Every array is one. */
export interface Listing<Item> extends Iterable<Item> {
  readonly length: number;
  /** The item at an index from 0 on; undefined beyond the last. */
  at(index: number): Item | undefined;
}

/** Goes through a listing that makes its items. */
export function* itemsOf<Item>(length: number, itemAt: (index: number) => Item): Generator<Item, undefined> {
  for (let index = 0; index < length; index++) yield itemAt(index);
  return undefined;
}

/** The first items of a listing, at most so many. */
export function firstItems<Item>(items: Iterable<Item>, most: number): readonly Item[] {
  const first: Item[] = [];
  for (const item of items) {
    if (first.length >= most) break;
    first.push(item);
  }
  return first;
}
