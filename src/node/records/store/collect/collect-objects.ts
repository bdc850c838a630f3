/**
 * Collects the objects of a store that are files of their own: those that no bundle names, and what killed seals left.
 *
 * @module
 */

import { type HexDigest, placeOfObject, STORE_FOLDER, shownObject } from "../../../../core/internal.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { breathe } from "../../../system/runtime/interruption.ts";
import { attempt } from "../../../system/runtime/machine-reason.ts";
import { removePartial } from "../partial-objects.ts";
import { walkStore } from "../walk-store.ts";
import type { CollectSetting } from "./removals.ts";

/** Removes what is not needed. Throws what the system says, and an Interruption. */
export async function collectObjects(
  store: AnchoredRoot,
  { count, dryRun, fs, named, signal, tally }: CollectSetting,
): Promise<void> {
  let seen = 0;
  for (const entry of walkStore(store, fs)) {
    const pause = breathe(seen++, signal);
    if (pause !== undefined) await pause;
    count();
    if (entry.kind === "stray") tally.strays.push(`${STORE_FOLDER}/${entry.path}`);
    // Only the lock holder makes objects, and that is this process: the maker of these is dead.
    else if (entry.kind === "partial") {
      const foreign = removePartial(store.dir, entry.name, fs, dryRun);
      tally.strays.push(...foreign.map((name) => `${STORE_FOLDER}/${entry.name}/${name}`));
      if (foreign.length === 0) tally.partial++;
    } else if (!entry.isFile) tally.strays.push(shownObject(entry.digest));
    else if (!named.mark(Buffer.from(entry.digest, "hex"), 0)) {
      tally.bytes += removeObject(store, entry.digest, dryRun, fs);
      tally.removed++;
    }
  }
  if (!dryRun) removeEmptyFolders(store.dir, fs);
}

/** Removes an object, and gives its size. */
function removeObject(store: AnchoredRoot, digest: HexDigest, dryRun: boolean, fs: FileSystem): number {
  const { folder, name } = placeOfObject(digest);
  const address = store.folder([folder]).address(name);
  const { size } = fs.lstatSync(address);
  if (!dryRun) fs.unlinkSync(address);
  return size;
}

/** Removes empty folders. One that stays does no harm. */
function removeEmptyFolders(dir: AnchoredDir, fs: FileSystem): void {
  for (const entry of fs.readdirSync(dir.self, { withFileTypes: true })) {
    if (entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name)) attempt(() => dir.rmdir(entry.name));
  }
}
