/**
 * The stat index on the disk: read strictly, and put in place in one step.
 *
 * @module
 */

import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { isOursAlone } from "../../../system/files/anchored-dir.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { PlacedFile } from "../../../system/files/placed-file.ts";
import { openPlainFile, readUpTo } from "../../../system/files/read-source.ts";
import { tolerate, unlessRefused } from "../../../system/runtime/machine-reason.ts";
import { MAX_INDEX_BYTES } from "./index-format.ts";

/** The name in a guard's folder. */
export const INDEX_NAME = "index";

/** One fixed name suffices: only the lock holder writes here. */
const NEW_NAME = "index.new";

/**
 * Reads the file of an index; `undefined` if it is missing, can't be read, is too large, is not a regular file, or may have been
 * written by another user.
 */
export function readIndexFile(folder: AnchoredDir, fs: FileSystem): Uint8Array | undefined {
  return unlessRefused(() => {
    const source = openPlainFile(folder, INDEX_NAME, fs);
    if (typeof source === "string") return undefined;
    try {
      const { mode, size, uid } = source.before;
      if (size > MAX_INDEX_BYTES || !isOursAlone({ mode: Number(mode), uid: Number(uid) })) return undefined;
      return readUpTo(source.fd, Number(size), fs);
    } finally {
      fs.closeSync(source.fd);
    }
  });
}

/**
 * Puts an index in the place of the one before, with mode 0600. Does nothing where the system refuses it: the older index stays.
 * Nothing is synced. After a power cut, the index may be broken, and its hash shows that. Gives the last piece; `undefined` where refused.
 */
export function writeIndexFile(
  folder: AnchoredDir,
  pieces: Iterable<Uint8Array>,
  fs: FileSystem,
): Uint8Array | undefined {
  const address = folder.address(NEW_NAME);
  return unlessRefused(() => {
    // A killed process may have left one.
    tolerate(["ENOENT"], () => fs.unlinkSync(address));
    using file = new PlacedFile(address, fs);
    let last: Uint8Array | undefined;
    for (const piece of pieces) {
      file.add(piece);
      last = piece;
    }
    file.rename(folder.address(INDEX_NAME));
    return last;
  });
}
