/**
 * Where the outputs of each run of a chain are looked for.
 *
 * @module
 */

import type { OutputsFrom } from "./verify-bundle-files.ts";

/**
 * As of one bundle, or `"newest-root"`: the newest run below the root and nowhere else; older runs in the store, and
 * below the root where the store does not hold them as they were sealed.
 */
export type ChainOutputsFrom = OutputsFrom | "newest-root";

/** Where to look for the outputs of one run of a chain. */
export function sourceOfRun(from: ChainOutputsFrom | undefined, index: number, length: number): OutputsFrom {
  if (from !== "newest-root") return from ?? "root";
  return index === length - 1 ? "root" : "store-first";
}
