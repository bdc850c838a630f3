/**
 * Collects the objects of a store that are files of their own: those that no bundle names, and what killed seals left.
 *
 * @module
 */

import { type HexDigest, placeOfObject, STORE_FOLDER, shownObject } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../files/anchored-dir.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { breathe } from "../../runtime/interruption.ts";
import { attempt } from "../../runtime/machine-reason.ts";
import type { ObjectStore } from "../object-store.ts";
import { walkStore } from "../walk-store.ts";
import type { CollectSetting, Tally } from "./removals.ts";

/** Removes what is not needed. Throws what the system says, and an Interruption. */
export async function collectObjects(
  store: ObjectStore,
  { count, dryRun, fs, named, signal, tally }: CollectSetting,
): Promise<void> {
  let seen = 0;
  for (const entry of walkStore(store, fs)) {
    const pause = breathe(seen++, signal);
    if (pause !== undefined) await pause;
    count();
    if (entry.kind === "stray") tally.strays.push(`${STORE_FOLDER}/${entry.path}`);
    // Only the lock holder makes objects, and that is this process: the maker of these is dead.
    else if (entry.kind === "partial") removePartial(store.root.dir, entry.name, tally, dryRun, fs);
    else if (!entry.isFile) tally.strays.push(shownObject(entry.digest));
    else if (!named.mark(Buffer.from(entry.digest, "hex"), 0)) {
      tally.bytes += removeObject(store, entry.digest, dryRun, fs);
      tally.removed++;
    }
  }
  if (!dryRun) removeEmptyFolders(store.root.dir, fs);
}

/** Removes an object, and gives its size. */
function removeObject(store: ObjectStore, digest: HexDigest, dryRun: boolean, fs: FileSystem): number {
  const { folder, name } = placeOfObject(digest);
  const address = store.root.folder([folder]).address(name);
  const { size } = fs.lstatSync(address);
  if (!dryRun) fs.unlinkSync(address);
  return size;
}

/** Removes a killed seal's unfinished objects: files named by a number. Anything else stays, and so does the folder. */
function removePartial(dir: AnchoredDir, name: string, tally: Tally, dryRun: boolean, fs: FileSystem): void {
  const folder = dir.enter(name);
  let isForeign = false;
  try {
    for (const entry of fs.readdirSync(folder.self, { withFileTypes: true })) {
      if (!entry.isFile() || !/^\d+$/.test(entry.name)) {
        isForeign = true;
        tally.strays.push(`${STORE_FOLDER}/${name}/${entry.name}`);
      } else if (!dryRun) fs.unlinkSync(folder.address(entry.name));
    }
  } finally {
    folder.close();
  }
  if (isForeign) return;
  if (!dryRun) fs.rmdirSync(dir.address(name));
  tally.partial++;
}

/** Removes empty folders. One that stays does no harm. */
function removeEmptyFolders(dir: AnchoredDir, fs: FileSystem): void {
  for (const entry of fs.readdirSync(dir.self, { withFileTypes: true })) {
    if (entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name))
      attempt(() => fs.rmdirSync(dir.address(entry.name)));
  }
}
