/**
 * The end of a restore into a new root: the root has its name, or it is removed (PROTOCOL 13.9). Everything is decided by what
 * is on the disk, so the process may be killed at any moment, and the next one ends the restore.
 *
 * @module
 */

import { type AnchoredDir, canAnchor } from "../../../system/files/anchored-dir.ts";
import { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import type { OwnFolder } from "../../../system/files/made-entry.ts";
import { showsPermissions } from "../../../system/files/shared-above.ts";
import { attempt, machineReason } from "../../../system/runtime/machine-reason.ts";
import { writableMode } from "../../transaction/folder-access.ts";
import { discard } from "../../transaction/journal/drop-record.ts";
import { MODE_BITS } from "../../transaction/journal/journal-kinds.ts";
import { STAGED, type Staging } from "../../transaction/journal/staging.ts";
import { NONE_ASTRAY, type TransactionEnd } from "../../transaction/journal/transaction-end.ts";

/** A restore into a new root that is to end. */
export interface NewRootTransaction {
  /** The folder that holds, or is to hold, the root. */
  readonly parent: AnchoredDir;
  readonly staging: Staging;
  /** The tree, and the name that it may have got, if this process made it. `root` is undefined once it is closed. */
  readonly tree:
    | { readonly root: AnchoredRoot | undefined; readonly folder: OwnFolder; readonly name: string }
    | undefined;
  /** Whether this process saw the tree under its name, or an earlier one left it there. */
  readonly isCommitted: boolean;
  readonly fs: FileSystem;
}

/** Ends the restore: cleans up if the root has its name, else rolls back. */
export function endNewRoot(transaction: NewRootTransaction): TransactionEnd {
  const { fs, isCommitted, parent, staging, tree } = transaction;
  try {
    if (!isCommitted && tree?.folder.isAt(parent, tree.name) !== true) {
      rollBack(transaction);
      return { state: "nothing", clean: true };
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return { state: "unresolved", ...NONE_ASTRAY };
  }
  const isDurable = attempt(() => {
    // [arrival] The name that it has now.
    fs.fsyncSync(parent.fd);
    // [departure] The name that it had: a rename is certainly durable only once both folders are.
    staging.sync();
  });
  if (!isDurable) return { state: "in-doubt" };
  return { state: "everything", clean: attempt(() => discard(staging)) };
}

/**
 * Whether the names in a staging folder show that the tree was renamed to its place. It is made before the journal, and a
 * rollback removes it after the journal, so a journal without a tree has no other cause.
 */
export function isArrival(names: ReadonlySet<string>): boolean {
  return names.has(STAGED.journal) && !names.has(STAGED.tree);
}

/** Removes the tree and the staging folder. Throws what the system says. */
function rollBack({ fs, staging, tree }: NewRootTransaction): void {
  if (tree?.root !== undefined) emptyFolder(tree.root, fs);
  else if (staging.isMade && staging.dir.stats(STAGED.tree) !== undefined) emptyEarlierTree(staging, fs);
  discard(staging, undefined, (names) => {
    if (tree !== undefined) tree.folder.discard(staging.dir, STAGED.tree);
    else if (names.includes(STAGED.tree)) staging.dir.rmdir(STAGED.tree);
  });
}

function emptyEarlierTree(staging: Staging, fs: FileSystem): void {
  using root = AnchoredRoot.adopt(staging.dir.enter(STAGED.tree), staging.address(STAGED.tree));
  emptyFolder(root, fs);
}

/**
 * Removes everything in a folder, not the folder itself, by descriptor: no path is resolved twice, no link is followed, and no
 * tree is too deep. `fs.rm` could be led outside (SECURITY 1). Throws what the system says.
 */
function emptyFolder(root: AnchoredRoot, fs: FileSystem): void {
  const pending: { readonly folder: readonly string[]; readonly isEmpty: boolean }[] = [
    { folder: [], isEmpty: false },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { folder, isEmpty } = next;
    if (isEmpty) {
      // Windows keeps the name of a folder until it is closed.
      if (!canAnchor()) root.closeFolders();
      root.folder(folder.slice(0, -1)).rmdir(folder.at(-1) ?? "");
      continue;
    }
    if (folder.length > 0) pending.push({ folder, isEmpty: true });
    const dir = root.folder(folder);
    openToOwner(dir, fs);
    for (const name of dir.names()) {
      if (dir.lstat(name)?.isDirectory() === true)
        pending.push({ folder: [...folder, name], isEmpty: false });
      else dir.unlink(name);
    }
  }
}

/** Folders of a tree have their modes by then, which may close them to their owner. */
function openToOwner({ fd }: AnchoredDir, fs: FileSystem): void {
  const mode = fs.fstatSync(fd).mode & MODE_BITS;
  // Windows changes the mode of no folder that is open.
  if (showsPermissions() && writableMode(mode) !== mode) fs.fchmodSync(fd, writableMode(mode));
}
