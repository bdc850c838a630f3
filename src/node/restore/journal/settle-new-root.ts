/**
 * The end of a restore into a root that was not there: it has its name, or it is gone (PROTOCOL 13.9).
 * Looks at what is on the disk, so that it may itself be killed at any moment and run again.
 *
 * @module
 */

import type { AnchoredDir } from "../../files/anchored-dir.ts";
import { AnchoredRoot } from "../../files/anchored-root.ts";
import { emptyFolder } from "../../files/empty-folder.ts";
import type { FileSystem } from "../../files/file-system.ts";
import type { OwnFolder } from "../../files/own-entry.ts";
import { machineReason } from "../../runtime/machine-reason.ts";
import { discard, dropRecord, type Settled } from "./settle.ts";
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
    // [arrival] The name that it has now.
    fs.fsyncSync(parent.fd);
    // [departure] The name that it had: a rename is durable for sure once both folders are.
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

function hasArrived({ fs, parent, staging, tree }: UnsettledNewRoot): boolean {
  if (tree !== undefined) return tree.folder.isAt(parent, tree.name, fs);
  return staging.isMade && isArrival(staging.names());
}

/**
 * Whether the names in a staging folder are those of a tree that has arrived: made before the journal, and taken
 * away after it, it can't be gone otherwise.
 */
export function isArrival(names: readonly string[]): boolean {
  return names.includes(STAGED.journal) && !names.includes(STAGED.tree);
}

/** Removes the tree and the staging folder. Throws what the system says. */
function takeAway({ fs, staging, tree }: UnsettledNewRoot): boolean {
  if (!staging.isMade) return discard(staging);
  if (tree !== undefined) emptyFolder(tree.root, fs);
  else if (staging.look(STAGED.tree) !== undefined) emptyEarlierTree(staging, fs);
  dropRecord(staging);
  if (tree !== undefined) tree.folder.discard(staging.dir, STAGED.tree, fs);
  else if (staging.look(STAGED.tree) !== undefined) fs.rmdirSync(staging.address(STAGED.tree));
  return discard(staging);
}

function emptyEarlierTree(staging: Staging, fs: FileSystem): void {
  const root = AnchoredRoot.adopt(staging.dir.enter(STAGED.tree), staging.address(STAGED.tree), fs);
  try {
    emptyFolder(root, fs);
  } finally {
    root.close();
  }
}
