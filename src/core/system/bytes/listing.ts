/**
 * Sequences that need not hold their items. An object for each of a million files would take hundreds of
 * megabytes.
 *
 * @module
 */

import { compareUtf8 } from "./utf8.ts";

/** Items in order, which may be made on access. Every array is a listing. */
export interface Listing<Item> extends Iterable<Item> {
  readonly length: number;
  /** The item at an index from 0 on; undefined for any other number. */
  at(index: number): Item | undefined;
}

/** Makes a listing of `length` items, each made from its index on every access. */
export function makeListing<Item>(length: number, make: (index: number) => Item): Listing<Item> {
  return {
    length,
    at: (index) => (isIndex(index, length) ? make(index) : undefined),
    [Symbol.iterator]: () => itemsOf(length, make),
  };
}

/** Listings one behind the other. Nothing of them is copied. */
export function joinListings<Item>(listings: readonly Listing<Item>[]): Listing<Item> {
  const starts: number[] = [];
  let length = 0;
  for (const { length: own } of listings) {
    starts.push(length);
    length += own;
  }
  return makeListing(length, (index) => {
    const part = lowerBound(starts.length, (number) => itemAt(starts, number) <= index) - 1;
    return itemAt(itemAt(listings, part), index - itemAt(starts, part));
  });
}

/** Whether a number is an index of a listing of that length. */
export function isIndex(index: number, length: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < length;
}

/** The item at an index that exists. Throws a RangeError otherwise, which is a bug. */
export function itemAt<Item>(items: Listing<Item>, index: number): Item {
  const item = items.at(index);
  if (item === undefined) throw new RangeError("there is no such item");
  return item;
}

/** The index of the first of `length` sorted items that is not before the one to find, or `length`. */
export function lowerBound(length: number, isBefore: (index: number) => boolean): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBefore(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * The same items in byte order of path. Copies nothing if they are in that order already, as runseal
 * seals them.
 */
export function inPathOrder<Item extends { readonly path: string }>(items: Listing<Item>): Listing<Item> {
  let before: string | undefined;
  for (const { path } of items) {
    if (before !== undefined && compareUtf8(before, path) > 0) {
      return [...items].sort(byPath);
    }
    before = path;
  }
  return items;
}

/** Compares items as `sort` expects it, in byte order of path. */
export function byPath(left: { readonly path: string }, right: { readonly path: string }): number {
  return compareUtf8(left.path, right.path);
}

/** Goes over two lists in byte order of path at once: each path, with what either list has there. */
export function* inPairs<Item extends { readonly path: string }>(
  before: Iterable<Item>,
  after: Iterable<Item>,
): Generator<readonly [path: string, was: Item | undefined, is: Item | undefined], undefined> {
  const [left, right] = [before[Symbol.iterator](), after[Symbol.iterator]()];
  let [was, is] = [nextOf(left), nextOf(right)];
  for (let path = firstOf(was, is); path !== undefined; path = firstOf(was, is)) {
    const [isOld, isNew] = [was?.path === path, is?.path === path];
    yield [path, isOld ? was : undefined, isNew ? is : undefined];
    if (isOld) was = nextOf(left);
    if (isNew) is = nextOf(right);
  }
  return undefined;
}

function nextOf<Item>(items: Iterator<Item>): Item | undefined {
  const next = items.next();
  return next.done === true ? undefined : next.value;
}

function firstOf(
  one: { readonly path: string } | undefined,
  other: { readonly path: string } | undefined,
): string | undefined {
  return one === undefined || (other !== undefined && byPath(other, one) < 0) ? other?.path : one.path;
}

/** Iterates over items that are made from their index. */
export function* itemsOf<Item>(length: number, itemAt: (index: number) => Item): Generator<Item, undefined> {
  for (let index = 0; index < length; index++) yield itemAt(index);
  return undefined;
}

/** The first items of a listing, at most `most`. */
export function firstItems<Item>(items: Iterable<Item>, most: number): readonly Item[] {
  const first: Item[] = [];
  for (const item of items) {
    if (first.length >= most) break;
    first.push(item);
  }
  return first;
}
