/**
 * Counting files that stand among the outputs of a bundle and are not in it. A verdict says nothing of them.
 *
 * @module
 */

import {
  type IsPassedOver,
  type JsonObject,
  type OutputClaims,
  parseOutputPath,
  parsePassedOver,
  RESTORE_TREE_NAME,
  RESULT_ARTIFACTS,
  type SealedTree,
  STAGING_PREFIX,
} from "../../core/internal.ts";
import { type AnchoredRoot, openRoot } from "../files/anchored-root.ts";
import { OWN_FOLDER } from "../project/project-names.ts";
import { machineReason } from "../runtime/machine-reason.ts";

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
 * outputs, or where there is no root.
 */
export function countUnsealed(
  rootPath: string,
  { claims, taskSpec }: { readonly claims: OutputClaims; readonly taskSpec: JsonObject },
  tree: SealedTree | undefined,
): UnsealedFiles | undefined {
  if (claims.length > MOST_ENTRIES) return undefined;
  const opened = openRoot(rootPath);
  if (!opened.ok) return undefined;
  using root = opened.value;
  // A path that is not lawful may name a place outside of the root.
  const known = new Set<string>();
  for (const { lawful, path } of claims) if (lawful) known.add(path);
  const folders = sealedFolders(known, taskSpec);
  for (const path of tree?.links.paths ?? []) known.add(path);
  for (const path of tree?.leftOut.paths ?? []) known.add(path);
  const passedOver = parsePassedOver(tree?.ignored ?? [], []);
  if (!passedOver.ok) throw new TypeError("no patterns exceed no limit");
  const isPassedOver = passedOver.value;
  const left = { entries: MOST_ENTRIES, isComplete: true };
  let files = 0;
  const below: string[] = [];
  for (const folder of folders) {
    const count = countBelow(root, folder, { known, isPassedOver }, left);
    files += count;
    if (count > 0) below.push(folder.join("/") || ".");
  }
  return { files, below, isComplete: left.isComplete };
}

type Folder = readonly string[];

/** What was asked for when the run was sealed, where TASK_SPEC.json tells; else the outermost folders of outputs. */
function sealedFolders(sealed: ReadonlySet<string>, taskSpec: JsonObject): readonly Folder[] {
  const asked = taskSpec.get("expected_outputs");
  const named = Array.isArray(asked) ? asked.filter((path) => typeof path === "string") : [];
  const lawful = named.filter((path) => path === "." || parseOutputPath(path, { refuseColon: false }).ok);
  const outermost = [...sealed].flatMap((path) => (path.includes("/") ? [path.split("/")[0] ?? ""] : []));
  const paths = [...new Set(lawful.length > 0 ? lawful : outermost)].filter((path) => !sealed.has(path));
  if (paths.includes(".")) return [[]];
  const isWithin = (path: string): boolean => paths.some((other) => path.startsWith(`${other}/`));
  return paths.filter((path) => !isWithin(path)).map((path) => path.split("/"));
}

function countBelow(
  root: AnchoredRoot,
  start: Folder,
  { isPassedOver, known }: { readonly known: ReadonlySet<string>; readonly isPassedOver: IsPassedOver },
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
        if (isOwn(entry.name, folder)) continue;
        const inner = [...folder, entry.name];
        const path = inner.join("/");
        if (known.has(path) || isPassedOver(path, entry.name, entry.isDirectory())) continue;
        if (entry.isDirectory()) ahead.push(inner);
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
