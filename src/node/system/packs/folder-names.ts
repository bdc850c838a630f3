/**
 * The names in a folder of packs, and what the lock holder removes before it relies on packs.
 *
 * @module
 */

import { type HexDigest, isHexDigest, packIdIn } from "../../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { isPartialName } from "../files/partial-name.ts";

const INDEX = /^([0-9a-f]{64})\.idx$/;

/** What is in a folder of packs, by its names, sorted. */
export interface PackNames {
  /** The ids of packs; something else than a file may have such a name. */
  readonly packs: readonly HexDigest[];
  /** Indexes whose packs are missing. */
  readonly orphans: readonly string[];
  /** Packs and indexes that are being written. */
  readonly partials: readonly string[];
  /** What runseal did not make. */
  readonly strays: readonly string[];
}

/** Lists the names. Throws what the system says. */
export function namesIn(folder: AnchoredDir, fs: FileSystem): PackNames {
  const packs = new Map<string, HexDigest>();
  const [orphans, partials, strays]: [string[], string[], string[]] = [[], [], []];
  const entries = fs.readdirSync(folder.self, { withFileTypes: true });
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const { name } = entry;
    const id = packIdIn(name);
    const indexed = INDEX.exec(name)?.[1];
    if (id !== undefined) packs.set(name.slice(0, 64), id);
    else if (!entry.isFile()) strays.push(name);
    else if (isPartialName(name)) partials.push(name);
    else if (!isHexDigest(indexed)) strays.push(name);
    else orphans.push(name);
  }
  return {
    packs: [...packs.values()],
    orphans: orphans.filter((name) => !packs.has(name.slice(0, 64))),
    partials,
    strays,
  };
}

/**
 * Removes partial packs and indexes whose packs are missing: only the lock holder writes them, and it begins now. Throws what the system
 * says.
 */
export function tidyPacks(folder: AnchoredDir, fs: FileSystem): void {
  const { orphans, partials } = namesIn(folder, fs);
  for (const name of [...partials, ...orphans]) folder.unlink(name);
}
