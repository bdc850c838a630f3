/** What was removed from a store, for programs. @module */

import type { Removals } from "../../../node/index.ts";

/** What a collection removed, or would remove. */
export function removalFacts(removals: Removals): object {
  const { bytes, damaged, kept, packsRemoved, packsWritten, partial, removed, strays } = removals;
  return {
    removed,
    bytes,
    kept,
    packs_removed: packsRemoved,
    packs_written: packsWritten,
    waste: removals.waste,
    partial,
    strays,
    damaged,
    unreadable: removals.unreadable,
  };
}
