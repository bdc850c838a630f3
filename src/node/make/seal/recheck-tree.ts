/**
 * Looks again at links and empty folders after the files were hashed. A seal must not name a tree that never was.
 *
 * @module
 */

import type { OutputTree } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { readTarget } from "../../system/files/read-target.ts";
import { listTree, type TreeListing } from "../../system/files/walk-tree.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { type IgnoreRules, IgnoreWatch } from "./ignore-rules.ts";
import type { LinkRule } from "./refuse-links.ts";

/** Empty folders that are listed at once. */
const FOLDERS_AT_ONCE = 1024;

/** By which rules the tree was selected. */
export interface RecheckTreeOptions {
  readonly rules?: IgnoreRules | undefined;
  readonly links?: LinkRule | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fails with CHANGED_WHILE_READ for a link with another target or none, and for a folder that is missing or no longer empty.
 * Fails with READ_FAILED, too. Throws an Interruption.
 */
export async function recheckTree(
  root: AnchoredRoot,
  tree: OutputTree,
  options: RecheckTreeOptions,
): Promise<OperationFault | undefined> {
  if (tree.links.paths.length === 0 && tree.emptyFolders.length === 0) return undefined;
  // A folder that is still open may have been exchanged since.
  root.closeFolders();
  return (await findChangedLink(root, tree, options)) ?? (await findChangedFolder(root, tree, options));
}

async function findChangedLink(
  root: AnchoredRoot,
  { links: { paths, values } }: OutputTree,
  { signal }: RecheckTreeOptions,
): Promise<OperationFault | undefined> {
  for (let index = 0; index < paths.length; index++) {
    const path = paths.at(index) ?? "";
    try {
      const reading = readTarget(root.addressOf(path), fs);
      if (reading.kind === "changed" || reading.target !== values.at(index)) return changed(path);
    } catch (thrown) {
      const errno = errnoOf(thrown);
      // A folder on the way was exchanged or removed.
      if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP") return changed(path);
      return operationFault("READ_FAILED", { path, reason: reasonOf(thrown) });
    }
    await breathe(index, signal);
  }
  return undefined;
}

async function findChangedFolder(
  root: AnchoredRoot,
  { emptyFolders }: OutputTree,
  { links, rules, signal }: RecheckTreeOptions,
): Promise<OperationFault | undefined> {
  const { passOver } = new IgnoreWatch(rules);
  for (let from = 0; from < emptyFolders.length; from += FOLDERS_AT_ONCE) {
    const folders: string[] = [];
    for (let index = from; index < Math.min(from + FOLDERS_AT_ONCE, emptyFolders.length); index++)
      folders.push(emptyFolders.at(index) ?? "");
    const starts = folders.map((path) => path.split("/"));
    const listing = await listTree(root, starts, passOver, { readsLinks: links !== "none", signal });
    const fault = compare(folders, listing);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Compares folders that were empty with what they hold now. What a seal leaves out may come and go. */
function compare(
  folders: readonly string[],
  { closed, emptyFolders }: TreeListing,
): OperationFault | undefined {
  if (closed[0] !== undefined) return operationFault("READ_FAILED", closed[0]);
  const place = folders.findIndex((folder, index) => folder !== emptyFolders[index]);
  return place < 0 ? undefined : changed(folders[place] ?? "");
}

function changed(path: string): OperationFault {
  return operationFault("CHANGED_WHILE_READ", { path });
}
