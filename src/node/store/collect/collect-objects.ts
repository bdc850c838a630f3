/**
 * Collects the objects of a store that are files of their own: those that no bundle names, those that a pack holds, and what killed
 * seals left.
 *
 * @module
 */

import {
  type HexDigest,
  MAX_PACKED_BYTES,
  PERMISSIONS,
  placeOfObject,
  STORE_FOLDER,
  shownObject,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../files/anchored-dir.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { breathe } from "../../runtime/interruption.ts";
import { attempt } from "../../runtime/machine-reason.ts";
import type { ObjectStore } from "../object-store.ts";
import { walkStore } from "../walk-store.ts";
import type { OtherCopies } from "./collecting.ts";
import { MARKS, type Tally } from "./removals.ts";

/** Who may read a file. */
const ALL_READ = 0o444;
const OTHERS_READ = 0o044;

/** Removes what is not needed. Throws what the system says, and an Interruption. */
export async function collectObjects(copies: OtherCopies, store: ObjectStore): Promise<void> {
  const { count, dryRun, fs, named, signal, tally } = copies.setting;
  let seen = 0;
  for (const entry of walkStore(store, fs)) {
    const pause = breathe(seen++, signal);
    if (pause !== undefined) await pause;
    count();
    if (entry.kind === "stray") tally.strays.push(`${STORE_FOLDER}/${entry.path}`);
    // Only the lock holder makes objects, and that is this process: the maker of these is dead.
    else if (entry.kind === "partial") removePartial(store.root.dir, entry.name, tally, dryRun, fs);
    else if (!entry.isFile) tally.strays.push(shownObject(entry.digest));
    else {
      const object = named.find(Buffer.from(entry.digest, "hex"), 0);
      if (object >= 0) named.mark(object, MARKS.present);
      if (object < 0) {
        tally.bytes += removeObject(store, entry.digest, dryRun, fs);
        tally.removed++;
      } else if (isInPack(copies, store, entry.digest, object)) {
        if (!dryRun) copies.sync();
        removeObject(store, entry.digest, dryRun, fs);
        tally.packed++;
      }
    }
  }
  if (!dryRun) removeEmptyFolders(store.root.dir, fs);
}

/** Whether a pack that stays holds an object with the right bytes, for all who can read its own file. */
function isInPack(copies: OtherCopies, store: ObjectStore, digest: HexDigest, object: number): boolean {
  const { dryRun, fs, named } = copies.setting;
  const { folder, name } = placeOfObject(digest);
  const { mode, size } = fs.lstatSync(store.root.folder([folder]).address(name));
  if (size > MAX_PACKED_BYTES) return false;
  const isForAll = (mode & OTHERS_READ) !== 0;
  return (dryRun && named.isMarked(object, MARKS.packable)) || copies.isKept(object, isForAll);
}

/** The mode of the packs into which an object of this mode can go; `undefined` if it has to stay a file. */
export function packModeFor(mode: number): "for-all" | "for-owner" | undefined {
  const readers = mode & PERMISSIONS & ALL_READ;
  if (readers === ALL_READ) return "for-all";
  return readers === 0o400 ? "for-owner" : undefined;
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
