/**
 * Where the outputs of a bundle are: under their paths in a folder, or by their digests in a store or an archive of several runs.
 *
 * @module
 */

import type { OutputClaims, TreeDisk } from "../../src/core/internal.ts";
import { type Resolved, resolvePath } from "../source/resolve-path.ts";
import type { SourceFolder } from "../source/source-folder.ts";
import type { StoredObjects } from "../store/given-objects.ts";

/** Outputs, each found by its row. */
export interface OutputPlace {
  /** Present where links, modes and empty folders can be seen. Objects have none. */
  readonly disk?: TreeDisk | undefined;
  readonly find: (claims: OutputClaims, row: number) => Promise<Resolved>;
}

/** The outputs below a folder. */
export function outputsBelow(folder: SourceFolder): OutputPlace {
  return {
    disk: folder.disk,
    find: async (claims, row) => await resolvePath(folder, claims.at(row)?.path ?? ""),
  };
}

/** The outputs by their digests. */
export function outputsByDigest(objects: StoredObjects): OutputPlace {
  return {
    find: async (claims, row) => ({ entry: await objects.find(claims, row), isThroughLink: false }),
  };
}
