/**
 * In which paths two snapshots differ.
 *
 * @module
 */

import type { Crypto } from "../bytes/crypto.ts";
import { mergePaths } from "../tree/merge-paths.ts";
import { isSameEntry, type SnapshotEntry, type SnapshotView } from "./snapshot-view.ts";

/** A path of which two snapshots say different things. Undefined where a snapshot has nothing there. */
export interface DifferingPath {
  readonly path: string;
  readonly before: SnapshotEntry | undefined;
  readonly after: SnapshotEntry | undefined;
}

/** The lists of one snapshot among those that are merged: files, links, folders. */
const LISTS = 3;

/** Gives each path of which two snapshots differ, in byte order. Looks at each entry of both once. */
export function* differingPaths(
  before: SnapshotView,
  after: SnapshotView,
  crypto: Crypto,
): Generator<DifferingPath, undefined> {
  const views = [before, after];
  const lists = views.flatMap(({ files, folders, links }) => [files, links, folders.keys()]);
  const next = lists.map(() => 0);
  let path = "";
  let sides: (SnapshotEntry | undefined)[] = [];
  for (const listed of mergePaths(lists)) {
    if (listed.path !== path) {
      if (!isSameEntry(sides[0], sides[1], crypto)) yield { path, before: sides[0], after: sides[1] };
      path = listed.path;
      sides = [];
    }
    const side = Math.floor(listed.list / LISTS);
    const index = next[listed.list] ?? 0;
    next[listed.list] = index + 1;
    sides[side] = entryAt(views[side], listed.list % LISTS, index, path);
  }
  if (!isSameEntry(sides[0], sides[1], crypto)) yield { path, before: sides[0], after: sides[1] };
  return undefined;
}

function entryAt(
  view: SnapshotView | undefined,
  list: number,
  index: number,
  path: string,
): SnapshotEntry | undefined {
  if (list === 0) return view?.fileAt(index);
  if (list === 1) return view?.linkAt(index);
  const mode = view?.folders.get(path);
  return mode === undefined ? undefined : { kind: "folder", mode };
}
