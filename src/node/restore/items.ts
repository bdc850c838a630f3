/**
 * What stands at numbers from 0 on, and is made when it is asked for: of a million files nobody holds a million objects.
 *
 * @module
 */

/** An array is such. */
export interface Items<Item> {
  readonly length: number;
  at(index: number): Item | undefined;
}

/** So many items, each made from its number. */
export function makeItems<Item>(length: number, make: (index: number) => Item): Items<Item> {
  return { length, at: (index) => (index < length ? make(index) : undefined) };
}

/** One after the other. */
export function* eachOf<Item>(items: Items<Item>): Generator<Item, void, undefined> {
  for (let index = 0; index < items.length; index++) yield itemAt(items, index);
}

/** The item at a number that is known to be one. */
export function itemAt<Item>(items: Items<Item>, index: number): Item {
  const item = items.at(index);
  if (item === undefined) throw new RangeError("there is no such item");
  return item;
}
