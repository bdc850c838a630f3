/** Paths as a user gave them, made absolute. @module */

import { isAbsolute, resolve } from "node:path";

/** Where relative paths begin. */
export interface Here {
  /** Throws where the current folder was removed. */
  readonly cwd: string;
}

/** A path by which a file is found from anywhere. An absolute one needs no current folder: it may have been removed. */
export function absolutePath(path: string, here: Here): string {
  return isAbsolute(path) ? resolve(path) : resolve(here.cwd, path);
}
