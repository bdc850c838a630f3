/**
 * Lists the regular files, links and empty folders of a tree, by descriptor, in byte order. Other entries are listed apart: the
 * caller decides whether to refuse them or to leave them out.
 *
 * @module
 */

import {
  compareUtf8,
  GrowingTexts,
  type MachineReason,
  sortUtf8,
  type TextViews,
} from "../../../core/internal.ts";
import { breatheAlong, type Steps } from "../runtime/interruption.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import type { SpecialKind } from "../runtime/operation-fault.ts";
import type { WorkOptions } from "../runtime/progress.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { kindOf, kindOfStart, latin1, readFolder, textOf } from "./folder-entries.ts";
import { readTarget } from "./read-target.ts";

/** The entries of a tree. Paths are relative to the root. */
export interface TreeListing {
  readonly files: string[];
  /** Links, if they are read; otherwise they are special. */
  readonly links: ListedLinks;
  /** Folders in which everything was passed over or is special. Never the root. */
  readonly emptyFolders: string[];
  readonly special: { readonly path: string; readonly kind: SpecialKind }[];
  /** Missing starting points. */
  readonly missing: string[];
  /** Folders and links that can't be read. */
  readonly closed: { readonly path: string; readonly reason: MachineReason }[];
}

/** Links in byte order of path, with their targets. Not a string for each: there may be a million. */
export interface ListedLinks {
  readonly paths: TextViews;
  /** Empty for a target that is not UTF-8: no system has an empty target. */
  readonly targets: TextViews;
  /** Links that were something else, or absent, when they were read. */
  readonly changed: readonly string[];
}

/** Which entries to skip. `path` is relative to the root. Not called for starting points. */
export type PassOver = (name: string, path: string, isFolder: boolean) => boolean;

/** How to walk. */
export interface WalkTreeOptions {
  /** Called after each folder with the number of files so far. */
  readonly onFolder?: ((listed: number) => void) | undefined;
  /** Reads the targets of links and lists them, instead of counting links as special. */
  readonly readsLinks?: boolean | undefined;
  readonly fs?: FileSystem | undefined;
}

/**
 * Lists what is at and below the starting points, given as components below the root, with a pause after each folder and link.
 * No link is followed. Each file is listed once, even if starting points overlap. Throws only on bugs.
 */
export function* walkTree(
  root: AnchoredRoot,
  starts: readonly (readonly string[])[],
  passOver: PassOver,
  { fs = nodeFileSystem, onFolder, readsLinks = false }: WalkTreeOptions = {},
): Steps<TreeListing> {
  const files: string[] = [];
  const links = { paths: new GrowingTexts(), targets: new GrowingTexts(), changed: [] as string[] };
  const emptyFolders: string[] = [];
  const special = new Map<string, SpecialKind>();
  const missing: string[] = [];
  const closed: { path: string; reason: MachineReason }[] = [];
  // A stack of our own: a tree may be deeper than this thread's stack.
  const open: OpenFolder[] = [{ name: "", ...outermostOf(starts), next: 0 }];
  // The path of the innermost folder, with a slash at the end. One per folder would take the square of a tree's depth.
  let path = "";
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const entry = folder.entries[folder.next++];
    if (entry === undefined) {
      open.pop();
      path = path.slice(0, path.length - folder.name.length);
      onFolder?.(files.length);
      yield;
    } else if (isFolder(entry)) {
      path += entry;
      open.push({ name: entry, ...listAt(path), next: 0 });
    } else if (folder.links?.has(entry) === true) {
      reach(path + entry, () => readLink(path + entry));
      yield;
    } else files.push(path + entry);
  }
  return {
    files,
    links: { paths: links.paths.views(), targets: links.targets.views(), changed: links.changed },
    // The walk finds a folder where the paths below it are: `a-b` before `a`.
    emptyFolders: sortUtf8(emptyFolders),
    special: [...special].sort(([a], [b]) => compareUtf8(a, b)).map(([path, kind]) => ({ path, kind })),
    missing,
    closed,
  };

  /** The starting points as entries of the root. Special files are noted. */
  function outermostOf(starts: readonly (readonly string[])[]): Entries {
    const entries: string[] = [];
    const links = new Set<string>();
    for (const start of starts) {
      const path = start.join("/");
      const kind = reach(path, () => kindOfStart(root, start, fs));
      if (kind === "missing") missing.push(path);
      else if (kind === "folder") entries.push(path && `${path}/`);
      else if (kind === "file" || (kind === "link" && readsLinks)) entries.push(path);
      // Where links are not read, a link on the way counts like one at the end.
      else if (kind !== undefined)
        special.set(path, kind !== "link-on-the-way" || readsLinks ? kind : "link");
      if (kind === "link") links.add(path);
    }
    return { entries: outermost(entries), links };
  }

  /** The entries of a folder, in the order of the paths below them. Special files are noted. */
  function list(path: string): Entries {
    const entries: string[] = [];
    let links: Set<string> | undefined;
    let hasUnnamed = false;
    for (const entry of readFolder(root.holder(path), fs)) {
      const name = textOf(entry.name);
      if (name === undefined) {
        special.set(path + latin1(entry.name), "not-utf8");
        hasUnnamed = true;
        continue;
      }
      const kind = kindOf(entry);
      if (passOver(name, path + name, kind === "folder")) continue;
      if (kind === "file") entries.push(name);
      else if (kind === "folder") entries.push(`${name}/`);
      else if (kind === "link" && readsLinks) {
        entries.push(name);
        links ??= new Set();
        links.add(name);
      } else special.set(path + name, kind);
    }
    // A tree can't name an entry without a UTF-8 name, not even as left out. Its folder can't be said to be empty.
    if (entries.length === 0 && !hasUnnamed && path !== "") emptyFolders.push(path.slice(0, -1));
    return { entries: withoutRepeats(sortUtf8(entries)), links };
  }

  function listAt(path: string): Entries {
    return reach(path, () => list(path)) ?? { entries: [] };
  }

  function readLink(path: string): void {
    const reading = readTarget(root.addressOf(path), fs);
    if (reading.kind === "changed") links.changed.push(path);
    else {
      links.paths.add(path);
      links.targets.add(reading.target ?? "");
    }
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
export interface ListOptions extends WorkOptions, Pick<WalkTreeOptions, "onFolder" | "readsLinks"> {}

/** Walks a tree and reports progress, until the signal fires. Throws an Interruption once the signal has fired. */
export async function listTree(
  root: AnchoredRoot,
  starts: readonly (readonly string[])[],
  passOver: PassOver,
  { onFolder, progress, readsLinks, signal }: ListOptions = {},
): Promise<TreeListing> {
  let files = 0;
  const tell = (listed: number): void => {
    // A missing folder, as a scratch folder mostly is, makes no progress.
    if (files === 0 && listed > 0) progress?.begin("list", {}, () => ({ files, bytes: 0 }));
    files = listed;
    onFolder?.(listed);
  };
  return await breatheAlong(walkTree(root, starts, passOver, { onFolder: tell, readsLinks }), signal);
}

/**
 * A folder that is being walked. Folders in it have a slash at the end of their names, so that sorted entries are in the order
 * of the paths below them: `a-b` before all of `a/`.
 */
interface OpenFolder extends Entries {
  /** With a slash at the end; empty for the root. For a starting point, its path. */
  readonly name: string;
  next: number;
}

interface Entries {
  readonly entries: readonly string[];
  /** Which of the entries are links that are read. */
  readonly links?: ReadonlySet<string> | undefined;
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
