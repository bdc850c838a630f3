/**
 * Lists the entries of a store one by one: objects, folders of unfinished objects, and anything else.
 *
 * @module
 */

import type { Dirent } from "node:fs";
import { digestOfPlace, type HexDigest } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { isPartialName } from "../../system/files/partial-name.ts";

/** One entry of a store. */
export type StoreEntry =
  /** It has an object's name. `isFile`: it is a regular file. */
  | { readonly kind: "object"; readonly digest: HexDigest; readonly isFile: boolean }
  /** A folder of unfinished objects, of a live or a killed process. */
  | { readonly kind: "partial"; readonly name: string }
  /** Something else, by its path below the store; its content is not read. */
  | { readonly kind: "stray"; readonly path: string };

/** Lists a store in the order of its digests; no link is followed. Throws what the system says. */
export function* walkStore(root: AnchoredRoot, fs: FileSystem): Generator<StoreEntry> {
  for (const entry of listSorted(root.dir.self, fs)) {
    const { name } = entry;
    if (entry.isDirectory() && /^[0-9a-f]{2}$/.test(name)) {
      for (const inner of listSorted(root.folder([name]).self, fs)) {
        const digest = digestOfPlace(name, inner.name);
        if (digest === undefined) yield { kind: "stray", path: `${name}/${inner.name}` };
        else yield { kind: "object", digest, isFile: inner.isFile() };
      }
    } else if (entry.isDirectory() && isPartialName(name)) yield { kind: "partial", name };
    else yield { kind: "stray", path: name };
  }
}

function listSorted(address: string, fs: FileSystem): readonly Dirent[] {
  const entries = fs.readdirSync(address, { withFileTypes: true });
  return entries.sort((left, right) => (left.name < right.name ? -1 : 1));
}
