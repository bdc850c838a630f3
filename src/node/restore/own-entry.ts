/**
 * Taking back what this restore made, and nothing else (PROTOCOL 13.7).
 *
 * @module
 */

import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { errnoOf } from "../files/machine-reason.ts";

/** Which file or folder a name must lead to for us to undo it: never a name alone. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Something this restore made. */
export interface OwnEntry {
  readonly kind: "file" | "folder";
  /**
   * `undefined` for a folder whose making failed in a way that may have made it all the same: then an
   * empty folder under its name is taken for it. A file is always known: it was staged before.
   */
  readonly identity: FileIdentity | undefined;
}

/**
 * Removes what stands under a name if it is ours: a file that is the very inode, a folder if it is empty.
 * What somebody else put there meanwhile stays. Gives whether nothing of ours is left under this name.
 */
export function removeOwn(dir: AnchoredDir, name: string, own: OwnEntry, fs: FileSystem): boolean {
  try {
    const address = dir.address(name);
    const found = fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
    // Gone, or no longer ours: either way there is nothing of ours under this name.
    if (found === undefined) return true;
    const { identity } = own;
    const isOurs =
      identity === undefined ? found.isDirectory() : found.dev === identity.dev && found.ino === identity.ino;
    if (!isOurs) return true;
    if (own.kind === "file") fs.unlinkSync(address);
    else fs.rmdirSync(address);
    return true;
  } catch (thrown) {
    return isGone(thrown, own.kind);
  }
}

/** Whether a removal failed because there is nothing of ours to remove: a folder that others use stays. */
export function isGone(thrown: unknown, kind: OwnEntry["kind"]): boolean {
  const errno = errnoOf(thrown);
  if (errno === undefined) throw thrown;
  return errno === "ENOENT" || (kind === "folder" && (errno === "ENOTEMPTY" || errno === "EEXIST"));
}

/** Makes a folder, exclusively. `mayBeThere` is told, before anything is thrown, whether it may be there now. */
export function makeOwnFolder(
  dir: AnchoredDir,
  name: string,
  mode: number,
  fs: FileSystem,
): { readonly thrown: unknown; readonly mayBeThere: boolean } | undefined {
  try {
    fs.mkdirSync(dir.address(name), mode);
    return undefined;
  } catch (thrown) {
    return { thrown, mayBeThere: errnoOf(thrown) !== "EEXIST" };
  }
}
