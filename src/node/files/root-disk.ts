/**
 * Looks at the entries of a tree below a root, through no link, without opening a file.
 *
 * @module
 */

import type { Dirent } from "node:fs";
import {
  decodeUtf8,
  type EntryKind,
  type FoundEntry,
  type ListedEntry,
  PERMISSIONS,
  type TreeDisk,
} from "../../core/internal.ts";
import { errnoOf, machineReason } from "../runtime/machine-reason.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";

/** What lstat and readdir have in common. */
type Typed = Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink" | "isFIFO" | "isSocket">;

/** The errors of a path that leads nowhere, or through something that is not a folder. */
const NOT_THERE = new Set<string | undefined>(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/** The replacement for bytes that are not UTF-8. A name may also contain this character. */
const REPLACED = "\ufffd";

/** The disk below a root. */
export class RootDisk implements TreeDisk {
  readonly #root: AnchoredRoot;
  readonly #fs: FileSystem;

  constructor(root: AnchoredRoot, fs: FileSystem = nodeFileSystem) {
    this.#root = root;
    this.#fs = fs;
  }

  readonly look = (path: string): FoundEntry => {
    try {
      return this.#lookAt(path);
    } catch (thrown) {
      if (!NOT_THERE.has(errnoOf(thrown))) return unreadable(path, thrown);
    }
    return this.#lookAbove(path);
  };

  readonly list = (path: string): readonly ListedEntry[] | undefined => {
    try {
      const dir = path === "" ? this.#root.dir : this.#root.folder(path.split("/"));
      const entries = this.#fs.readdirSync(dir.self, { withFileTypes: true });
      if (!entries.some(({ name }) => name.includes(REPLACED)))
        return entries.map((entry) => ({ name: entry.name, isText: true, kind: kindOf(entry) }));
      return this.#fs
        .readdirSync(dir.self, { withFileTypes: true, encoding: "buffer" })
        .map((entry) => ({ ...textOf(entry.name), kind: kindOf(entry) }));
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      return undefined;
    }
  };

  #lookAt(path: string): FoundEntry {
    const address = this.#root.holder(path).address(path.slice(path.lastIndexOf("/") + 1));
    const stats = this.#fs.lstatSync(address, { throwIfNoEntry: false });
    if (stats === undefined) return { path, kind: "missing", mode: 0 };
    const found = { path, kind: kindOf(stats), mode: stats.mode & PERMISSIONS };
    if (found.kind !== "link") return found;
    // As bytes: the text form of a target that is not UTF-8 loses some.
    const { isText, name: target } = textOf(this.#fs.readlinkSync(address, { encoding: "buffer" }));
    return { ...found, target, isTextTarget: isText };
  }

  /** Finds the first folder above a path that is not there. */
  #lookAbove(path: string): FoundEntry {
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
      const above = path.slice(0, end);
      try {
        const found = this.#lookAt(above);
        if (found.kind !== "folder") return found;
      } catch (thrown) {
        if (!NOT_THERE.has(errnoOf(thrown))) return unreadable(above, thrown);
        return { path: above, kind: "missing", mode: 0 };
      }
    }
    return { path, kind: "missing", mode: 0 };
  }
}

function unreadable(path: string, thrown: unknown): FoundEntry {
  if (machineReason(thrown) === undefined) throw thrown;
  return { path, kind: "unreadable", mode: 0 };
}

function textOf(bytes: Uint8Array): Pick<ListedEntry, "name" | "isText"> {
  const text = decodeUtf8(bytes);
  return { name: text ?? new TextDecoder().decode(bytes), isText: text !== undefined };
}

/** A kind that the system does not tell, or does not know, is shown as a device. */
function kindOf(entry: Typed): EntryKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  if (entry.isSymbolicLink()) return "link";
  if (entry.isFIFO()) return "fifo";
  return entry.isSocket() ? "socket" : "device";
}
