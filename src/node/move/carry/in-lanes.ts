/**
 * Several transfers at once.
 *
 * @module
 */

import type { OperationFault } from "../../system/runtime/operation-fault.ts";

/** Transfers that are in progress at once: a registry takes no more of one client, and each needs memory. */
const TRANSFERS = 4;

/**
 * Acts on items, a few at once; an item is asked for when a lane is free. After the first fault, or the first thing thrown,
 * no further item is begun, and it is given once all lanes have ended.
 */
export async function inLanes<Item>(
  items: Iterable<Item>,
  act: (item: Item) => Promise<OperationFault | undefined>,
): Promise<OperationFault | undefined> {
  const iterator = items[Symbol.iterator]();
  let fault: OperationFault | undefined;
  let thrown: { readonly value: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (fault === undefined && thrown === undefined) {
      const next = iterator.next();
      if (next.done === true) return;
      try {
        const own = await act(next.value);
        fault ??= own;
      } catch (value) {
        thrown ??= { value };
      }
    }
  };
  await Promise.all(Array.from({ length: TRANSFERS }, lane));
  if (thrown !== undefined) throw thrown.value;
  return fault;
}
