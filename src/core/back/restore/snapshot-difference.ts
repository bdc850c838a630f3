/**
 * In which paths two snapshots differ.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { inPairs } from "../../system/bytes/listing.ts";
import { isSameEntry, type SnapshotEntry, type SnapshotView } from "./snapshot-view.ts";

/** A path of which two snapshots say different things. Undefined where a snapshot has nothing there. */
export interface DifferingPath {
  readonly path: string;
  readonly before: SnapshotEntry | undefined;
  readonly after: SnapshotEntry | undefined;
}

/** Gives each path of which two snapshots differ, in byte order. Looks at each entry of both once. */
export function* differingPaths(
  before: SnapshotView,
  after: SnapshotView,
  crypto: Crypto,
): Generator<DifferingPath, undefined> {
  for (const [path, was, is] of inPairs(before.entries(), after.entries()))
    if (!isSameEntry(was?.entry, is?.entry, crypto)) yield { path, before: was?.entry, after: is?.entry };
  return undefined;
}
