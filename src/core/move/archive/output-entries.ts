/**
 * The entries of a run's outputs in an archive: files, links and folders of its tree, in byte order of path (PROTOCOL 20).
 *
 * @module
 */

import type { OutputClaims } from "../../records/artifacts/output-claims.ts";
import { sealedModes } from "../../records/tree/file-modes.ts";
import { mergePaths } from "../../records/tree/merge-paths.ts";
import type { SealedTree } from "../../records/tree/output-tree.ts";
import { foldersOf } from "../../records/tree/tree-folders.ts";
import { TextViews } from "../../system/json/text-views.ts";
import { type ArchiveKind, LINK_MODE } from "./entry-head.ts";

/** An entry that an archive must have. */
export interface OutputEntry {
  readonly kind: ArchiveKind;
  readonly path: string;
  /** The sealed mode; undefined for a file of a bundle without a tree, which has one of `PLAIN_MODES`. */
  readonly mode: number | undefined;
  /** The row of a file in the claims. */
  readonly row: number | undefined;
  /** Where a link leads; empty for others. */
  readonly target: string;
}

/** The modes that a file may have where no tree says one: the second if its owner may execute it. */
export const PLAIN_MODES = [0o644, 0o755] as const;

/** The mode of folders, unless a tree says another. */
const FOLDER_MODE = 0o755;

/** Kinds by the lists that are merged. */
const KINDS = ["file", "link", "folder"] as const;

/** Gives the entries of a run: of its lawful tree, or of its lawful claims alone where it has none. */
export function* outputEntries(
  claims: OutputClaims,
  tree: SealedTree | undefined,
): Generator<OutputEntry, undefined> {
  const { files, rows } = tree ?? claims.lawfulPaths();
  const links = tree?.links ?? NO_LINKS;
  const emptyFolders = tree?.emptyFolders ?? NO_TEXTS;
  const modes = tree && sealedModes(tree);
  const folderModes = folderModesOf(tree);
  const folders = foldersOf({ emptyFolders, files, links });
  const counts = [0, 0, 0];
  for (const { list, path } of mergePaths([files, links.paths, folders])) {
    const kind = KINDS[list] ?? "file";
    const index = counts[list] ?? 0;
    counts[list] = index + 1;
    yield {
      kind,
      path,
      mode:
        kind === "file"
          ? modes?.[index]
          : kind === "link"
            ? LINK_MODE
            : (folderModes.get(path) ?? FOLDER_MODE),
      row: kind === "file" ? (rows === undefined ? index : rows[index]) : undefined,
      target: kind === "link" ? (links.values.at(index) ?? "") : "",
    };
  }
  return undefined;
}

const NO_TEXTS: TextViews = TextViews.of([]);
const NO_LINKS: SealedTree["links"] = { paths: NO_TEXTS, values: NO_TEXTS };

function folderModesOf(tree: SealedTree | undefined): ReadonlyMap<string, number> {
  const modes = new Map<string, number>();
  for (const { mode, paths } of tree?.folderModes ?? [])
    for (const path of paths) modes.set(path, Number.parseInt(mode, 8));
  return modes;
}
