/**
 * Lists the regular files of a tree, by descriptor, in byte order. Entries that are neither regular files nor folders
 * are listed apart: the caller decides whether to refuse them or to leave them out.
 *
 * @module
 */

import type { Dirent } from "node:fs";
import { compareUtf8, decodeUtf8, type MachineReason, sortUtf8 } from "../../core/internal.ts";
import { breatheAlong, type Steps } from "../runtime/interruption.ts";
import { errnoOf, reasonOf } from "../runtime/machine-reason.ts";
import type { SpecialKind } from "../runtime/operation-fault.ts";
import type { WorkOptions } from "../runtime/progress.ts";
import type { AnchoredDir } from "./anchored-dir.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";

/** The entries of a tree. Paths are relative to the root. */
export interface TreeListing {
  readonly files: string[];
  readonly special: { readonly path: string; readonly kind: SpecialKind }[];
  /** Missing starting points. */
  readonly missing: string[];
  /** Folders that can't be read. */
  readonly closed: { readonly path: string; readonly reason: MachineReason }[];
}

/** Which entries to skip. `path` is relative to the root. Not called for starting points. */
export type PassOver = (name: string, path: string, isFolder: boolean) => boolean;

/**
 * Lists what is at and below the starting points, given as components below the root, with a pause after each folder. No link
 * is followed. Each file is listed once, even if starting points overlap. `onFolder` gets, after each folder, the number of
 * files so far. Throws only on bugs.
 */
export function* walkTree(
  root: AnchoredRoot,
  starts: readonly (readonly string[])[],
  passOver: PassOver,
  onFolder?: (listed: number) => void,
  fs: FileSystem = nodeFileSystem,
): Steps<TreeListing> {
  const files: string[] = [];
  const special = new Map<string, SpecialKind>();
  const missing: string[] = [];
  const closed: { path: string; reason: MachineReason }[] = [];
  // A stack of our own: a tree may be deeper than this thread's stack.
  const open: OpenFolder[] = [{ name: "", entries: outermost(keysOf(starts)), next: 0 }];
  // The path of the innermost folder, with a slash at the end. One per folder would take the square of a tree's depth.
  let path = "";
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const entry = folder.entries[folder.next++];
    if (entry === undefined) {
      open.pop();
      path = path.slice(0, path.length - folder.name.length);
      onFolder?.(files.length);
      yield;
    } else if (!isFolder(entry)) files.push(path + entry);
    else {
      path += entry;
      open.push({ name: entry, entries: listAt(path), next: 0 });
    }
  }
  return {
    files,
    special: [...special].sort(([a], [b]) => compareUtf8(a, b)).map(([path, kind]) => ({ path, kind })),
    missing,
    closed,
  };

  /** The starting points as entries of the root. Special files are noted. */
  function keysOf(starts: readonly (readonly string[])[]): string[] {
    return starts.flatMap((start) => {
      const path = start.join("/");
      const kind = reach(path, () => kindAt(root, start, fs));
      if (kind === "missing") missing.push(path);
      else if (kind === "folder") return [path && `${path}/`];
      else if (kind === "file") return [path];
      else if (kind !== undefined) special.set(path, kind);
      return [];
    });
  }

  /** The entries of a folder, in the order of the paths below them. Special files are noted. */
  function list(path: string): readonly string[] {
    const entries: string[] = [];
    for (const entry of readFolder(root.holder(path), fs)) {
      const name = typeof entry.name === "string" ? entry.name : decodeUtf8(entry.name);
      if (name === undefined) special.set(path + Buffer.from(entry.name).toString("latin1"), "not-utf8");
      else {
        const kind = kindOf(entry);
        if (passOver(name, path + name, kind === "folder")) continue;
        if (kind === "file") entries.push(name);
        else if (kind === "folder") entries.push(`${name}/`);
        else special.set(path + name, kind);
      }
    }
    return withoutRepeats(sortUtf8(entries));
  }

  function listAt(path: string): readonly string[] {
    return reach(path, () => list(path)) ?? [];
  }

  function reach<Value>(path: string, look: () => Value): Value | undefined {
    try {
      return look();
    } catch (thrown) {
      const reason = reasonOf(thrown);
      closed.push({ path: path.replace(/\/$/, "") || ".", reason });
      return undefined;
    }
  }
}

/** How to list. Progress is reported from the first folder on that has a file. */
export interface ListOptions extends WorkOptions {
  /** Called after each folder with the number of files so far. */
  readonly onFolder?: ((listed: number) => void) | undefined;
}

/** Walks a tree and reports progress, until the signal fires. Throws an Interruption once the signal has fired. */
export async function listTree(
  root: AnchoredRoot,
  starts: readonly (readonly string[])[],
  passOver: PassOver,
  { onFolder, progress, signal }: ListOptions = {},
): Promise<TreeListing> {
  let files = 0;
  const steps = walkTree(root, starts, passOver, (listed) => {
    // A missing folder, as a scratch folder mostly is, makes no progress.
    if (files === 0 && listed > 0) progress?.begin("list", {}, () => ({ files, bytes: 0 }));
    files = listed;
    onFolder?.(listed);
  });
  return await breatheAlong(steps, signal);
}

/**
 * A folder that is being walked. Folders in it have a slash at the end of their names, so that sorted entries are in the order
 * of the paths below them: `a-b` before all of `a/`.
 */
interface OpenFolder {
  /** With a slash at the end; empty for the root. For a starting point, its path. */
  readonly name: string;
  readonly entries: readonly string[];
  next: number;
}

/** The root, as a starting point, is an empty one. */
function isFolder(entry: string): boolean {
  return entry === "" || entry.endsWith("/");
}

/** A file that is replaced while its folder is read may be listed twice: tmpfs appends new entries. */
function withoutRepeats(sorted: string[]): readonly string[] {
  const isRepeat = (entry: string, index: number): boolean => index > 0 && entry === sorted[index - 1];
  return sorted.some(isRepeat) ? [...new Set(sorted)] : sorted;
}

/** Sorts starting points, and drops those that are below others or repeated. */
function outermost(starts: string[]): readonly string[] {
  let last: string | undefined;
  return sortUtf8(starts).filter((start) => {
    if (last !== undefined && (start === last || (isFolder(last) && start.startsWith(last)))) return false;
    last = start;
    return true;
  });
}

type EntryKind = "file" | "folder" | SpecialKind;

/** The replacement for bytes that are not UTF-8. A name may also contain this character. */
const REPLACED = "\ufffd";

/** An entry of a folder. Its name is bytes if it may not be UTF-8. */
interface Entry extends Typed {
  readonly name: string | Uint8Array;
}

function readFolder({ self }: AnchoredDir, fs: FileSystem): readonly Entry[] {
  const entries = fs.readdirSync(self, { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes(REPLACED))) return entries;
  return fs.readdirSync(self, { encoding: "buffer", withFileTypes: true });
}

/** The kind of a starting point. A link on the way to it counts like one at its end. */
function kindAt(root: AnchoredRoot, components: readonly string[], fs: FileSystem): EntryKind | "missing" {
  const name = components.at(-1);
  if (name === undefined) return "folder";
  try {
    return kindOf(fs.lstatSync(root.folder(components.slice(0, -1)).address(name)));
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT") return "missing";
    if (errno === "ENOTDIR" || errno === "ELOOP")
      return isLinkOnTheWay(root, components, fs) ? "link" : "missing";
    throw thrown;
  }
}

function isLinkOnTheWay(root: AnchoredRoot, components: readonly string[], fs: FileSystem): boolean {
  for (let depth = 1; depth < components.length; depth++) {
    const address = root.folder(components.slice(0, depth - 1)).address(components[depth - 1] ?? "");
    const stats = fs.lstatSync(address);
    if (!stats.isDirectory()) return stats.isSymbolicLink();
  }
  return false;
}

/** The methods that the results of lstat and readdir share. */
type Typed = Pick<
  Dirent,
  "isFile" | "isDirectory" | "isSymbolicLink" | "isFIFO" | "isSocket" | "isBlockDevice" | "isCharacterDevice"
>;

function kindOf(entry: Typed): EntryKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  if (entry.isSymbolicLink()) return "link";
  if (entry.isFIFO()) return "fifo";
  if (entry.isSocket()) return "socket";
  return entry.isBlockDevice() || entry.isCharacterDevice() ? "device" : "unknown";
}
