/**
 * Counting files that stand among the outputs of a bundle and are not in it. A verdict says nothing of them.
 *
 * @module
 */

import type { Dirent } from "node:fs";
import {
  type JsonObject,
  type OutputClaims,
  parseOutputPath,
  parsePassedOver,
  RESTORE_TREE_NAME,
  RESULT_ARTIFACTS,
  type SealedTree,
  STAGING_PREFIX,
  type TextViews,
} from "../../../core/internal.ts";
import { OWN_FOLDER } from "../../records/project/project-names.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { machineReason } from "../../system/runtime/machine-reason.ts";

/** Files that are not in a bundle. */
export interface UnsealedFiles {
  readonly files: number;
  /** The sealed folders that hold some, relative to the root; `.` is the root. */
  readonly below: readonly string[];
  /** Whether everything was looked at. */
  readonly isComplete: boolean;
}

/** What is looked at, at most: a count must not take longer than the verdict. */
const MOST_ENTRIES = 100_000;

/** Folders that no seal takes in, or that belong to tools rather than to a run. */
const PASSED_OVER: ReadonlySet<string> = new Set([OWN_FOLDER, ".git", ".hg", ".svn"]);

/**
 * Counts what stands below the folders that were sealed, follows no link, and opens no file. Undefined for a bundle of too many
 * outputs, or where there is no root. `isAsSealed`: all outputs and links were found, so equal numbers mean that nothing else is there.
 */
export function countUnsealed(
  rootPath: string,
  { claims, taskSpec }: { readonly claims: OutputClaims; readonly taskSpec: JsonObject },
  tree: SealedTree | undefined,
  isAsSealed = false,
): UnsealedFiles | undefined {
  if (claims.length > MOST_ENTRIES) return undefined;
  const opened = openRoot(rootPath);
  if (!opened.ok) return undefined;
  using root = opened.value;
  // A path that is not lawful may name a place outside of the root.
  const { files: sealed } = claims.lawfulPaths();
  const folders = sealedFolders(sealed, taskSpec);
  if (isAsSealed && isNothingElse(root, folders, [sealed, ...(tree === undefined ? [] : [tree.links.paths])]))
    return { files: 0, below: [], isComplete: true };
  const known = new Set(sealed);
  for (const path of tree?.links.paths ?? []) known.add(path);
  for (const path of tree?.leftOut.paths ?? []) known.add(path);
  const passedOver = parsePassedOver(tree?.ignored ?? [], []);
  if (!passedOver.ok) throw new TypeError("no patterns exceed no limit");
  const isPassedOver = passedOver.value;
  const isKnown = (entry: Dirent, folder: Folder): boolean => {
    const path = [...folder, entry.name].join("/");
    return known.has(path) || isPassedOver(path, entry.name, entry.isDirectory());
  };
  const left = { entries: MOST_ENTRIES, isComplete: true };
  let files = 0;
  const below: string[] = [];
  for (const folder of folders) {
    const count = countBelow(root, folder, isKnown, left);
    files += count;
    if (count > 0) below.push(folder.join("/") || ".");
  }
  return { files, below, isComplete: left.isComplete };
}

type Folder = readonly string[];

/** What was asked for when the run was sealed, where TASK_SPEC.json tells; else the outermost folders of outputs. */
function sealedFolders(sealed: TextViews, taskSpec: JsonObject): readonly Folder[] {
  const asked = taskSpec.get("expected_outputs");
  const named = Array.isArray(asked) ? asked.filter((path) => typeof path === "string") : [];
  const lawful = named.filter((path) => path === "." || parseOutputPath(path, { refuseColon: false }).ok);
  const paths = [...new Set(lawful.length > 0 ? lawful : outermostIn(sealed))].filter(
    (path) => sealed.find(path) === undefined,
  );
  if (paths.includes(".")) return [[]];
  const isWithin = (path: string): boolean => paths.some((other) => path.startsWith(`${other}/`));
  return paths.filter((path) => !isWithin(path)).map((path) => path.split("/"));
}

function outermostIn(sealed: TextViews): readonly string[] {
  return [...sealed].flatMap((path) => (path.includes("/") ? [path.split("/")[0] ?? ""] : []));
}

/** Whether the folders have as many files and links as were sealed in them. */
function isNothingElse(
  root: AnchoredRoot,
  folders: readonly Folder[],
  sealed: readonly TextViews[],
): boolean {
  let wanted = 0;
  for (const folder of folders)
    for (const paths of sealed) wanted += folder.length === 0 ? paths.length : lengthBelow(paths, folder);
  const left = { entries: wanted + MOST_ENTRIES, isComplete: true };
  for (const folder of folders) wanted -= countBelow(root, folder, () => false, left);
  return wanted === 0 && left.isComplete;
}

function lengthBelow(paths: TextViews, folder: Folder): number {
  const path = folder.join("/");
  // The character after the slash.
  return paths.lowerBound(`${path}0`) - paths.lowerBound(`${path}/`);
}

function countBelow(
  root: AnchoredRoot,
  start: Folder,
  isKnown: (entry: Dirent, folder: Folder) => boolean,
  left: { entries: number; isComplete: boolean },
): number {
  let files = 0;
  const ahead: Folder[] = [start];
  for (let folder = ahead.pop(); folder !== undefined; folder = ahead.pop()) {
    try {
      for (const entry of root.folder(folder).entries()) {
        if (left.entries-- <= 0) {
          left.isComplete = false;
          return files;
        }
        if (isOwn(entry.name, folder) || isKnown(entry, folder)) continue;
        if (entry.isDirectory()) ahead.push([...folder, entry.name]);
        else files++;
      }
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      // A folder that went away, is closed to this user, or is a file.
      left.isComplete &&= folder === start;
    }
  }
  return files;
}

/** A restore's own files stand in the root. */
function isOwn(name: string, folder: Folder): boolean {
  if (PASSED_OVER.has(name)) return true;
  if (folder.length > 0) return false;
  return (
    name === RESTORE_TREE_NAME ||
    RESULT_ARTIFACTS.some((own) => own === name) ||
    name.startsWith(STAGING_PREFIX)
  );
}
