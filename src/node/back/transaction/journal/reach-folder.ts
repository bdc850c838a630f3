/**
 * Folders below a root by their real paths, never through a link, for the end of a transaction.
 *
 * @module
 */

import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { components } from "./places.ts";

/** Enters a folder. A link or a file in its place means that it was removed, and its files with it. */
export function enterIfThere(root: AnchoredRoot, real: string): AnchoredDir | undefined {
  try {
    return root.folder(components(real));
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP") return undefined;
    throw thrown;
  }
}
