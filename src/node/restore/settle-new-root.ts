/**
 * The end of a restore into a root that was not there: it has its name, or it is gone (PROTOCOL 13.9).
 * Looks at what is on the disk, so that it may itself be killed at any moment and run again.
 *
 * @module
 */

import type { AnchoredDir } from "../files/anchored-dir.ts";
import { AnchoredRoot } from "../files/anchored-root.ts";
import { emptyFolder } from "../files/empty-folder.ts";
import type { FileSystem } from "../files/file-system.ts";
import { machineReason } from "../files/machine-reason.ts";
import type { OwnFolder } from "./own-entry.ts";
import { discard, type Settled } from "./settle.ts";
import { STAGED, type Staging } from "./staging.ts";

/** A new root to bring to one of its two ends. */
export interface UnsettledNewRoot {
  /** The folder that holds, or is to hold, the root. */
  readonly parent: AnchoredDir;
  readonly staging: Staging;
  /** The tree as the process that made it knows it, and the name it may have got; undefined in any other. */
  readonly tree:
    | { readonly root: AnchoredRoot; readonly folder: OwnFolder; readonly name: string }
    | undefined;
  /** Whether this process saw it arrive. */
  readonly arrived: boolean;
  readonly fs: FileSystem;
}

/** Brings it to its end. */
export function settleNewRoot(unsettled: UnsettledNewRoot): Settled {
  const { arrived, fs, parent, staging } = unsettled;
  try {
    if (!arrived && !hasArrived(unsettled)) return { state: "nothing", clean: takeAway(unsettled) };
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return { state: "unresolved", astray: [] };
  }
  try {
    // [arrival] The new name, and that it is no longer in the staging folder.
    fs.fsyncSync(parent.fd);
    staging.sync();
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return { state: "in-doubt" };
  }
  try {
    return { state: "everything", clean: discard(staging) };
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return { state: "everything", clean: false };
  }
}

/** Whether an earlier process' tree has left the staging folder: made before the journal, it can only have arrived. */
function hasArrived({ staging, tree }: UnsettledNewRoot): boolean {
  if (tree !== undefined || !staging.isMade) return false;
  const names = new Set(staging.names());
  return names.has(STAGED.journal) && !names.has(STAGED.tree) && !names.has(STAGED.aborted);
}

/** Removes the tree and the staging folder. Throws what the system says. */
function takeAway({ fs, parent, staging, tree }: UnsettledNewRoot): boolean {
  if (!staging.isMade) return discard(staging);
  const names = new Set(staging.names());
  // If we are killed once the tree is gone, it must not be taken for one that has arrived.
  if (!names.has(STAGED.aborted)) staging.mark(STAGED.aborted);
  if (tree !== undefined) {
    emptyFolder(tree.root, fs);
    tree.folder.discard(staging.dir, STAGED.tree, fs);
    tree.folder.remove(parent, tree.name, fs);
  } else if (names.has(STAGED.tree)) {
    const root = AnchoredRoot.adopt(staging.dir.enter(STAGED.tree), staging.address(STAGED.tree), fs);
    try {
      emptyFolder(root, fs);
    } finally {
      root.close();
    }
    fs.rmdirSync(staging.address(STAGED.tree));
  }
  return discard(staging);
}
