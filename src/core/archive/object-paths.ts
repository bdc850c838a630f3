/**
 * The paths of objects and packs in an archive of several runs: those of a project's store.
 *
 * @module
 */

import type { HexDigest } from "../bytes/hex.ts";
import {
  digestOfPlace,
  indexName,
  PACKS_FOLDER,
  packIdIn,
  packName,
  STORE_FOLDER,
  shownObject,
} from "../packs/store-paths.ts";

/** The mode of objects, packs and indexes, as in a store. */
export const OBJECT_MODE = 0o444;

/** What an entry of an archive of several runs is. */
export type ObjectPlace =
  | { readonly kind: "object"; readonly digest: HexDigest }
  | { readonly kind: "pack"; readonly id: HexDigest };

/** The path of a large object. */
export function objectEntryPath(digest: HexDigest): string {
  return shownObject(digest);
}

/** The path of a pack. */
export function packEntryPath(id: HexDigest): string {
  return `${PACKS_FOLDER}/${packName(id)}`;
}

/** The path of a pack's index. */
export function indexEntryPath(id: HexDigest): string {
  return `${PACKS_FOLDER}/${indexName(id)}`;
}

/** What has a path; `undefined` for any other path. */
export function placeAt(path: string): ObjectPlace | undefined {
  if (path.startsWith(`${PACKS_FOLDER}/`)) {
    const id = packIdIn(path.slice(PACKS_FOLDER.length + 1));
    return id && { kind: "pack", id };
  }
  if (!path.startsWith(`${STORE_FOLDER}/`)) return undefined;
  const [folder = "", name = "", ...more] = path.slice(STORE_FOLDER.length + 1).split("/");
  const digest = more.length === 0 ? digestOfPlace(folder, name) : undefined;
  return digest && { kind: "object", digest };
}
