/**
 * What OUTPUT_TREE.json is to say of the selected outputs, from what the walk found. Modes are known once files are read.
 *
 * @module
 */

import {
  compareUtf8,
  LEFT_OUT_REASONS,
  mergePaths,
  type OutputTree,
  sortUtf8,
  TextViews,
} from "../../../core/internal.ts";
import type { TreeListing } from "../../system/files/walk-tree.ts";
import type { RefusedPath } from "../../system/runtime/operation-fault.ts";

/** What the walk found, and by which rules. */
export interface FoundTree {
  readonly listing: Pick<TreeListing, "links" | "emptyFolders">;
  /** Where the walk started, `.` for the root. */
  readonly scope: readonly string[];
  readonly ignored: readonly string[];
  readonly leftOut: readonly RefusedPath[];
}

/** The tree without modes. A target that is not UTF-8 is empty, and must be refused. */
export function selectTree({ ignored, leftOut, listing, scope }: FoundTree): OutputTree {
  const { emptyFolders, links } = listing;
  const named = [...leftOut].sort((left, right) => compareUtf8(left.path, right.path));
  return {
    kind: "outputs",
    scope: TextViews.of(sortUtf8([...new Set(scope)])),
    ignored,
    modes: [],
    folderModes: [],
    emptyFolders: TextViews.of(emptyFolders),
    links: { paths: links.paths, values: links.targets },
    leftOut: {
      paths: TextViews.of(named.map(({ path }) => path)),
      values: TextViews.of(named.map(({ reason }) => leftOutReason(reason))),
    },
  };
}

/** What a seal takes in. */
interface FilesAndTree {
  readonly paths: readonly string[];
  readonly tree: OutputTree;
}

/** The paths of files, links and empty folders, in byte order. Iterate once: strings of a million paths take much memory. */
export function eachPath(selected: FilesAndTree): Iterable<string> {
  const { paths: files, tree } = selected;
  return countPaths(selected) === files.length ? files : mergedPaths(files, tree);
}

/** The same paths as an array. */
export function allPaths(selected: FilesAndTree): readonly string[] {
  const paths = eachPath(selected);
  return paths === selected.paths ? selected.paths : [...paths];
}

function* mergedPaths(files: readonly string[], { emptyFolders, links }: OutputTree): Generator<string> {
  for (const { path } of mergePaths([files, links.paths, emptyFolders])) yield path;
}

function countPaths({ paths, tree }: FilesAndTree): number {
  return paths.length + tree.links.paths.length + tree.emptyFolders.length;
}

/** Whether there is no file, no link and no empty folder. */
export function isNothing(selected: FilesAndTree): boolean {
  return countPaths(selected) === 0;
}

/** A kind of entry that the system has and Node does not know counts as unreadable. */
function leftOutReason(reason: RefusedPath["reason"]): string {
  return LEFT_OUT_REASONS.find((known) => known === reason) ?? "unreadable";
}
