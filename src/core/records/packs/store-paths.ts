/**
 * Where a project has its objects and packs (docs/store.md). An archive of several runs has the same paths (PROTOCOL 20.1).
 *
 * @module
 */

import { type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";

/** Where a project keeps its objects, as components below its root. */
export const STORE_COMPONENTS: readonly string[] = [".runseal", "objects"];

/** The same, to be shown. */
export const STORE_FOLDER: string = STORE_COMPONENTS.join("/");

/** Where a store has its packs, to be shown. */
export const PACKS_FOLDER = ".runseal/packs";

const PACK = /^([0-9a-f]{64})\.pack$/;

/** The file name of a pack. */
export function packName(id: HexDigest): string {
  return `${id}.pack`;
}

/** A pack's path below the project root. */
export function packPath(id: HexDigest): string {
  return `${PACKS_FOLDER}/${packName(id)}`;
}

/** The path of a pack's index. */
export function indexPath(id: HexDigest): string {
  return `${PACKS_FOLDER}/${indexName(id)}`;
}

/** The file name of a pack's index. */
export function indexName(id: HexDigest): string {
  return `${id}.idx`;
}

/** The id that a pack's file name spells; `undefined` for names that no pack has. */
export function packIdIn(name: string): HexDigest | undefined {
  const id = PACK.exec(name)?.[1];
  return isHexDigest(id) ? id : undefined;
}

/** The folder and the name of an object: the first two characters of its digest, and the others. */
export function placeOfObject(digest: HexDigest): { readonly folder: string; readonly name: string } {
  return { folder: digest.slice(0, 2), name: digest.slice(2) };
}

/** An object's path below the store. */
export function objectPath(digest: HexDigest): string {
  const { folder, name } = placeOfObject(digest);
  return `${folder}/${name}`;
}

/** An object's path below the project root. */
export function shownObject(digest: HexDigest): string {
  return `${STORE_FOLDER}/${objectPath(digest)}`;
}

/** The digest that a folder and a name spell; `undefined` for names that no object has. */
export function digestOfPlace(folder: string, name: string): HexDigest | undefined {
  const digest = folder + name;
  return folder.length === 2 && isHexDigest(digest) ? digest : undefined;
}
