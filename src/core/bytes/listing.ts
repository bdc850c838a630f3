/**
 * What can be gone through and counted like an array, but need not hold its items: of a million files, an object each would
 * take hundreds of megabytes.
 *
 * @module
 */

import { compareUtf8 } from "./utf8.ts";

/** Items in order, each of which may be made only when it is asked for. Every array is one. */
export interface Listing<Item> extends Iterable<Item> {
  readonly length: number;
  /** The item at an index from 0 on; undefined beyond the last. */
  at(index: number): Item | undefined;
}

/** So many items, each made from its index. */
export function makeListing<Item>(length: number, make: (index: number) => Item): Listing<Item> {
  return {
    length,
    at: (index) => (isIndex(index, length) ? make(index) : undefined),
    [Symbol.iterator]: () => itemsOf(length, make),
  };
}

/** Whether a number is the index of one of so many items. */
export function isIndex(index: number, length: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < length;
}

/** The item at an index that is known to be one. */
export function itemAt<Item>(items: Listing<Item>, index: number): Item {
  const item = items.at(index);
  if (item === undefined) throw new RangeError("there is no such item");
  return item;
}

/**
 * The same items in the order of their paths' UTF-8 bytes. What was sealed by this program stands in it already: then
 * nothing is copied.
 */
export function inPathOrder<Item extends { readonly path: string }>(items: Listing<Item>): Listing<Item> {
  let before: string | undefined;
  for (const { path } of items) {
    if (before !== undefined && compareUtf8(before, path) > 0) {
      return [...items].sort((left, right) => compareUtf8(left.path, right.path));
    }
    before = path;
  }
  return items;
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
