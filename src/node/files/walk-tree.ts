/**
 * Listing the regular files of a tree, by descriptor, in byte order. What is no regular file and no
 * folder is listed too: the caller decides whether to refuse or to leave it out.
 *
 * @module
 */

import type { Dirent } from "node:fs";
import { compareUtf8, decodeUtf8, type MachineReason, sortUtf8 } from "../../core/index.ts";
import type { SpecialKind } from "../operation-fault.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { errnoOf, machineReason } from "./machine-reason.ts";

/** What a tree holds. Paths are relative to the root. */
export interface TreeListing {
  readonly files: string[];
  readonly special: { readonly path: string; readonly kind: SpecialKind }[];
  /** Starting points that aren't there. */
  readonly missing: string[];
  /** Folders that can't be looked into. */
  readonly closed: { readonly path: string; readonly reason: MachineReason }[];
}

/** Which entries to pass over without a word. */
export type PassOver = (name: string) => boolean;

/**
 * Lists what stands at and below the starting points, given as components below the root. No link is
 * followed. Each file is listed once, though starting points overlap. Throws only on bugs.
 */
export function walkTree(
  root: AnchoredRoot,
  starts: readonly (readonly string[])[],
  passOver: PassOver,
  fs: FileSystem = nodeFileSystem,
): TreeListing {
  const files: string[] = [];
  const special = new Map<string, SpecialKind>();
  const missing: string[] = [];
  const closed: { path: string; reason: MachineReason }[] = [];
  // A stack of our own: a tree may be deeper than this thread's stack.
  const pending: (readonly string[])[] = [];
  for (const start of starts) {
    const kind = reach(start, () => kindAt(root, start, fs));
    if (kind === "missing") missing.push(start.join("/"));
    else if (kind !== undefined) note(kind, start);
  }
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const folder = next;
    const above = folder.map((name) => `${name}/`).join("");
    const names: string[] = [];
    const folders: string[] = [];
    for (const { kind, name } of reach(folder, () => list(root, folder, fs)) ?? []) {
      if (typeof name !== "string") special.set(above + name.toString("latin1"), "not-utf8");
      else if (passOver(name)) continue;
      else if (kind === "file") names.push(name);
      else if (kind === "folder") folders.push(name);
      else special.set(above + name, kind);
    }
    // Folder by folder, so that nearly all is in order when it is sorted, which takes a tenth of the time then.
    for (const name of names.sort()) files.push(above + name);
    for (const name of folders.sort().reverse()) pending.push([...folder, name]);
  }
  return {
    files: withoutRepeats(sortUtf8(files)),
    special: [...special].sort(([a], [b]) => compareUtf8(a, b)).map(([path, kind]) => ({ path, kind })),
    missing,
    closed,
  };

  function reach<Value>(path: readonly string[], look: () => Value): Value | undefined {
    try {
      return look();
    } catch (thrown) {
      const reason = machineReason(thrown);
      if (reason === undefined) throw thrown;
      closed.push({ path: path.join("/") || ".", reason });
      return undefined;
    }
  }

  function note(kind: EntryKind, path: readonly string[]): void {
    if (kind === "folder") pending.push(path);
    else if (kind === "file") files.push(path.join("/"));
    else special.set(path.join("/"), kind);
  }
}

type EntryKind = "file" | "folder" | SpecialKind;

/** Starting points may overlap. */
function withoutRepeats(sorted: string[]): string[] {
  return sorted.some((path, index) => path === sorted[index - 1]) ? [...new Set(sorted)] : sorted;
}

interface Entry {
  readonly kind: EntryKind;
  /** Bytes where it is no UTF-8. */
  readonly name: string | Buffer;
}

/** What stands for bytes that are no UTF-8; and a character that a name may hold. */
const REPLACED = "\ufffd";

function list(root: AnchoredRoot, folder: readonly string[], fs: FileSystem): readonly Entry[] {
  const { self } = root.folder(folder);
  const entries = fs.readdirSync(self, { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes(REPLACED))) return entries.map(entryOf);
  return fs.readdirSync(self, { encoding: "buffer", withFileTypes: true }).map((entry) => {
    const { name } = entry;
    return { kind: kindOf(entry), name: decodeUtf8(name) ?? name };
  });
}

function entryOf(entry: Dirent): Entry {
  return { kind: kindOf(entry), name: entry.name };
}

/** What stands at a starting point. A link on the way to it is as special as one at its end. */
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

/** What lstat and readdir both know to tell. */
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
