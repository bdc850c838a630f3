/**
 * The modes of folders that a restore of a tree makes: 755 whatever the umask, and in the end the modes of a snapshot.
 *
 * @module
 */

import type { FolderMode } from "../../../../core/internal.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { showsPermissions } from "../../../system/files/shared-above.ts";
import { stickyMode } from "../../transaction/journal/journal-kinds.ts";

/** The mode of a folder that a restore makes for a bundle with a tree. */
const TREE_FOLDER_MODE = 0o755;

/**
 * Sets the mode of an open folder that was just made, whatever the umask. `false` for a folder that is not empty: another user
 * exchanged the folder, and the mode might open a folder that was closed. Throws what the system says.
 */
export function setTreeFolderMode(dir: AnchoredDir, fs: FileSystem): boolean {
  if (!showsPermissions() || (fs.fstatSync(dir.fd).mode & 0o777) === TREE_FOLDER_MODE) return true;
  if (dir.names().length > 0) return false;
  fs.fchmodSync(dir.fd, TREE_FOLDER_MODE);
  return true;
}

/**
 * Sets the modes of a snapshot, deepest folders first: a folder may be closed to its owner afterwards. Throws what the system
 * says.
 */
export function setFolderModes(
  modes: readonly FolderMode[],
  open: (path: string) => AnchoredDir,
  fs: FileSystem,
): void {
  if (!showsPermissions()) return;
  for (const { mode, path } of modes) {
    const { fd } = open(path);
    fs.fchmodSync(fd, stickyMode(mode, TREE_FOLDER_MODE));
    // [folder-modes] The modes are durable before the commit says so.
    fs.fsyncSync(fd);
  }
}
