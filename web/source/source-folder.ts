/**
 * The port to what the user gave: a folder, looked at lazily, so that a folder of a million files costs no more than the files
 * that a bundle names.
 *
 * @module
 */

import type { TreeDisk } from "../../src/core/internal.ts";

/** A regular file. */
export interface SourceFile {
  readonly kind: "file";
  /** Its bytes, not read yet. Reading fails if the file changes or disappears. */
  readonly blob: Blob;
  /** Permission bits, where the source has them. */
  readonly mode?: number;
}

/** What is at a path. `other`: neither file, folder nor link. */
export type SourceEntry =
  | SourceFile
  /** `path` is the link's own: it may be above the path that was asked for. */
  | { readonly kind: "link"; readonly target: string; readonly path: string }
  | { readonly kind: "folder" | "other" | "missing" | "unreadable" };

/** One name in a folder. */
export interface SourceName {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/** The names in a folder, in any order; or why there are none. */
export type SourceNames = readonly SourceName[] | "missing" | "unreadable";

/** A folder. Paths are relative to it, with `/`, and have no `.` or `..`; "" is the folder itself. */
export interface SourceFolder {
  /** The folder's own name, untrusted text. */
  readonly name: string;
  /** Present where links, modes and empty folders can be seen. A browser shows none of them for folders on a disk. */
  readonly disk?: TreeDisk | undefined;
  /** What this is a folder of, and at which path; undefined for what the user gave as a whole. Links may lead there. */
  readonly above?: { readonly whole: SourceFolder; readonly path: string } | undefined;
  /** Looks at a path. Follows no link that it can see. */
  look(path: string): Promise<SourceEntry>;
  /** Lists a folder. */
  list(path: string): Promise<SourceNames>;
}

/** A name in a folder, as a path. */
export function pathIn(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** A folder in a folder. Undefined where there is none. */
export async function enterFolder(source: SourceFolder, path: string): Promise<SourceFolder | undefined> {
  if ((await source.list(path)) === "missing") return undefined;
  const { disk } = source;
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    above: { whole: source, path },
    disk: disk && {
      look: (inner) => {
        const found = disk.look(pathIn(path, inner));
        return { ...found, path: found.path.slice(path.length + 1) };
      },
      list: (inner) => disk.list(inner === "" ? path : pathIn(path, inner)),
    },
    look: async (inner) => {
      const found = await source.look(pathIn(path, inner));
      return found.kind === "link" ? { ...found, path: found.path.slice(path.length + 1) } : found;
    },
    list: (inner) => source.list(inner === "" ? path : pathIn(path, inner)),
  };
}
