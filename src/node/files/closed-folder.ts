/**
 * A folder in which no other user can exchange a file.
 *
 * @module
 */

import type { AnchoredDir } from "./anchored-dir.ts";
import type { FileSystem } from "./file-system.ts";

/**
 * Whether an open folder belongs to this user and is closed to all others. A folder that was made by its name may be
 * another one: the owner of the folder above can exchange it before it is opened.
 */
export function isClosedToOthers(dir: AnchoredDir, fs: FileSystem): boolean {
  const { mode, uid } = fs.fstatSync(dir.fd);
  return process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o077) === 0);
}
