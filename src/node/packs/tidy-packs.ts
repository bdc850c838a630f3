/**
 * What the lock holder tidies before it relies on packs: partial files of killed processes, indexes without a pack, and indexes that are
 * missing or wrong.
 *
 * @module
 */

import { type HexDigest, isHexDigest, PERMISSIONS, packName } from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { attempt } from "../runtime/machine-reason.ts";
import { enterPacks, type ListedPack, type PackCatalog, readIndex } from "./pack-catalog.ts";
import { openPack } from "./pack-file.ts";
import { isSameIndex } from "./pack-index.ts";
import { placeIndex } from "./place-pack.ts";

const PARTIAL = /^\.[0-9a-f]{16}\.partial$/;
const INDEX = /^([0-9a-f]{64})\.idx$/;

/** Whether a name is that of a pack or an index that is being written. */
export function isPartialPackName(name: string): boolean {
  return PARTIAL.test(name);
}

/** The id in the file name of an index; `undefined` for any other name. */
export function indexIdIn(name: string): HexDigest | undefined {
  const id = INDEX.exec(name)?.[1];
  return isHexDigest(id) ? id : undefined;
}

/**
 * Removes regular files with the names of partial packs: only the lock holder writes them, and it begins now. Throws what the system
 * says.
 */
export function removePartialPacks(folder: AnchoredDir, fs: FileSystem): void {
  for (const entry of fs.readdirSync(folder.self, { withFileTypes: true })) {
    if (entry.isFile() && isPartialPackName(entry.name)) fs.unlinkSync(folder.address(entry.name));
  }
}

/** Removes indexes whose packs are missing. Throws what the system says. */
export function removeOrphanIndexes(folder: AnchoredDir, fs: FileSystem): void {
  for (const entry of fs.readdirSync(folder.self, { withFileTypes: true })) {
    const id = indexIdIn(entry.name);
    if (id === undefined || !entry.isFile() || folder.has(packName(id))) continue;
    fs.unlinkSync(folder.address(entry.name));
  }
}

/**
 * Writes the index of a pack, unless its file is that already. `index` was made from the record heads. Gives whether it was written:
 * readers go without, so a refusal does no harm.
 */
export function repairIndex(folder: AnchoredDir, { id, index }: ListedPack, fs: FileSystem): boolean {
  let isWritten = false;
  attempt(() => {
    const pack = openPack(folder, id, fs);
    if (typeof pack === "string") return;
    try {
      const now = readIndex(folder, pack, fs);
      if (now !== undefined && isSameIndex(now, index)) return;
      placeIndex(folder, id, index, Number(pack.before.mode) & PERMISSIONS, fs);
      isWritten = true;
    } finally {
      fs.closeSync(pack.fd);
    }
  });
  return isWritten;
}

/** The same for the good packs of a catalog whose index files are missing or wrong. */
export function repairIndexes(catalog: PackCatalog, fs: FileSystem): void {
  const folder = enterPacks(catalog.folder, fs);
  const damaged = new Set(catalog.damaged.map(({ name }) => name));
  for (const pack of catalog.packs) {
    const isFromFile = pack.state !== undefined;
    // The index of a damaged pack would lack records.
    if (!isFromFile && !damaged.has(packName(pack.id))) repairIndex(folder, pack, fs);
  }
}
