/** What differs between two runs, or between a run and the folder: one list for `diff` and `status`. @module */

import {
  byPath,
  compareSealed,
  type EntryKind,
  foldersOf,
  isSelected,
  type SealedState,
  type SealedTree,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import type { ChangeCountsFacts, ChangeKind, ChangesFacts } from "../../results/changes.ts";

/** One difference. */
export interface EntryChange {
  readonly path: string;
  readonly kind: EntryKind;
  readonly change: ChangeKind;
  /** The digest of a file, the target of a link, the kind or the mode that changed; undefined where it is absent or unknown. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** How two states of a folder differ. */
export interface EntryChanges {
  /** In byte order of path. */
  readonly changes: readonly EntryChange[];
  /** How many files both have, with the same bytes. */
  readonly same: number;
  /** Whether each state has a folder: one that only one of them has changed whole. */
  readonly hadFolder: (path: string) => boolean;
  readonly hasFolder: (path: string) => boolean;
}

/** The state before the first run. */
export const NOTHING: SealedState = { claims: [], tree: undefined };

/** Compares what two runs say. No file is looked at. */
export function changesBetween(before: SealedState, after: SealedState): EntryChanges {
  return {
    ...compareSealed(before, after, nodeCrypto),
    hadFolder: foldersIn(before),
    hasFolder: foldersIn(after),
  };
}

/** Whether a tree has a file at a path. */
export function isFileIn(tree: SealedTree | undefined, path: string): boolean {
  return tree?.files.find(path) !== undefined;
}

/** An entry that only the later state has. */
export function added(path: string, kind: EntryKind, after?: string): EntryChange {
  return { path, kind, change: "added", before: undefined, after };
}

/** Sorts by path, as every list of paths is sorted. */
export function inOrder(changes: readonly EntryChange[]): readonly EntryChange[] {
  return [...changes].sort(byPath);
}

/** The folders that a run names, each by its path. */
export function foldersIn({ claims, tree }: SealedState): (path: string) => boolean {
  const folders = new Set(tree === undefined ? [] : foldersOf(tree));
  if (tree === undefined)
    for (const { path } of claims)
      for (const above of foldersAbove(path)) {
        if (folders.has(above)) break;
        folders.add(above);
      }
  return (path) => folders.has(path);
}

/** The folders above a path, the nearest first. */
export function* foldersAbove(path: string): Generator<string, undefined> {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1))
    yield path.slice(0, end);
  return undefined;
}

/** A change, or all changes of a folder that only one of two states has. */
export interface FoldedChange extends EntryChange {
  /** Of such a folder: how many files, links and empty folders are in it. */
  readonly entries?: number;
}

/** Puts folders that were added or removed whole in the place of what is in them. */
export function foldChanges({ changes, hadFolder, hasFolder }: EntryChanges): readonly FoldedChange[] {
  const rows = new Map<string, FoldedChange>();
  for (const change of changes) {
    const isThere =
      change.change === "added" ? hadFolder : change.change === "removed" ? hasFolder : undefined;
    const whole = isThere && [...foldersAbove(change.path)].findLast((above) => !isThere(above));
    const key = `${change.change}\0${whole ?? `${change.path}\0${change.kind}`}`;
    const entries = (rows.get(key)?.entries ?? 0) + 1;
    rows.set(
      key,
      whole === undefined ? change : { path: whole, kind: "folder", change: change.change, entries },
    );
  }
  return [...rows.values()];
}

/** The changes at or below some paths. Gives a path that neither state has. */
export function selectChanges(
  compared: EntryChanges,
  paths: readonly string[],
  states: readonly SealedState[],
): EntryChanges | { readonly unknown: string } {
  const [wanted, found] = [new Set(paths), new Set<string>()];
  const changes = compared.changes.filter(({ path }) => isSelected(path, wanted, found));
  for (const { claims, tree } of found.size === wanted.size ? [] : states) {
    for (const { path } of claims) isSelected(path, wanted, found);
    for (const list of [tree?.links.paths, tree?.emptyFolders])
      for (const path of list ?? []) isSelected(path, wanted, found);
  }
  const unknown = paths.find((path) => !found.has(path));
  return unknown === undefined ? { ...compared, changes } : { unknown };
}

/** How many changes there are of each kind. */
export function countChanges(changes: readonly EntryChange[]): ChangeCountsFacts {
  const counts = { added: 0, removed: 0, changed: 0, kind: 0, mode: 0, unreadable: 0 };
  for (const { change } of changes) counts[change]++;
  return counts;
}

/** Changes that one JSON object lists. */
const MAX_CHANGES = 100_000;

/** The changes for a program. */
export function changesFacts(changes: readonly EntryChange[]): ChangesFacts {
  return {
    counts: countChanges(changes),
    changes: changes
      .slice(0, MAX_CHANGES)
      .map(({ after = null, before = null, change, kind, path }) => ({ path, kind, change, before, after })),
    changes_left_out: Math.max(0, changes.length - MAX_CHANGES),
  };
}
