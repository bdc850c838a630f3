/**
 * A file system with clones, wherever the test runs: what FICLONE gives, made by a copy.
 *
 * @module
 */

import { constants } from "node:fs";
import { type FileSystem, nodeFileSystem } from "../../../src/node/system/files/file-system.ts";

/** As many bytes as are worth a clone. */
export const CLONED_BYTES: number = 128 * 1024;

/** The port `below`, which then makes ordinary copies where it is asked for clones; after so many, it asks `below` for clones. */
export function cloningFileSystem(
  below: FileSystem = nodeFileSystem,
  clones: number = Number.POSITIVE_INFINITY,
): FileSystem {
  let made = 0;
  return {
    ...below,
    copyFileSync: (from, to, mode) => {
      if (mode !== constants.COPYFILE_FICLONE_FORCE) throw new Error("only clones are asked for");
      below.copyFileSync(from, to, made++ < clones ? undefined : mode);
    },
  };
}
