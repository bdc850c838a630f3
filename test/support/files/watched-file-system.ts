/**
 * The file-system port, with a record of what was done through it.
 *
 * @module
 */

import type { FileSystem } from "../../../src/node/system/files/file-system.ts";
import { type CallName, interceptFileSystem, isMutating } from "./faulty-file-system.ts";

/** A port that notes each call that would change something on the disk. */
export function watchedFileSystem(): { readonly fs: FileSystem; readonly written: readonly CallName[] } {
  const written: CallName[] = [];
  const fs = interceptFileSystem((call, proceed) => {
    if (isMutating(call)) written.push(call.name);
    return proceed();
  });
  return { fs, written };
}
