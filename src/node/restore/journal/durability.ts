/**
 * Whether a restore waits for the disk. Without, a kill still ends in everything or nothing, by the same journal,
 * marker and order; a power cut may end in anything.
 *
 * @module
 */

import type { FileSystem } from "../../files/file-system.ts";

/** All that a power cut needs, or no fsync at all. */
export type Durability = "full" | "none";

/** A port to restore through. */
export function portFor(durability: Durability, fs: FileSystem): FileSystem {
  return durability === "full" ? fs : { ...fs, fsyncSync: () => undefined };
}
