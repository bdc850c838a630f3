/**
 * Looks at the entries of a tree below a root, through no link, without opening a file.
 *
 * @module
 */

import {
  decodeUtf8,
  type EntryKind,
  type FoundEntry,
  type ListedEntry,
  PERMISSIONS,
  type TreeDisk,
} from "../../../core/internal.ts";
import { errnoOf, machineReason } from "../runtime/machine-reason.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { kindOf, readFolder } from "./folder-entries.ts";

/** The errors of a path that leads nowhere, or through something that is not a folder. */
const NOT_THERE = new Set<string | undefined>(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

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
      return readFolder(dir, this.#fs).map((entry) => {
        const { isText, name } = textOf(entry.name);
        return { name, isText, kind: shownKind(entry) };
      });
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      return undefined;
    }
  };

  #lookAt(path: string): FoundEntry {
    const address = this.#root.addressOf(path);
    const stats = this.#fs.lstatSync(address, { throwIfNoEntry: false });
    if (stats === undefined) return { path, kind: "missing", mode: 0 };
    const found = { path, kind: shownKind(stats), mode: stats.mode & PERMISSIONS };
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

function textOf(name: string | Uint8Array): Pick<ListedEntry, "name" | "isText"> {
  if (typeof name === "string") return { name, isText: true };
  const text = decodeUtf8(name);
  return { name: text ?? new TextDecoder().decode(name), isText: text !== undefined };
}

/** A kind that Node does not know is shown as a device. */
function shownKind(entry: Parameters<typeof kindOf>[0]): EntryKind {
  const kind = kindOf(entry);
  return kind === "unknown" ? "device" : kind;
}
