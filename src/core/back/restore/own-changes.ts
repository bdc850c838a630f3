/**
 * What of the changes between two snapshots is undone, where others were at work in between: of turns that are undone together, and of
 * turns of several agents in one folder. For each path, the first state and the last one that what is undone left.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { byPath } from "../../system/bytes/listing.ts";
import { type DifferingPath, differingPaths } from "./snapshot-difference.ts";
import { isSameEntry, type SnapshotView } from "./snapshot-view.ts";

/** A path that what is undone changed. */
export interface OwnChange extends DifferingPath {
  /** Whether others changed it too, between two changes, or may have, at the same moment. */
  readonly hasOthers: boolean;
  /** The turn that may have. */
  readonly by?: string | undefined;
}

/** The paths. */
export class OwnChanges {
  readonly #changes = new Map<string, OwnChange>();

  /** Adds the changes of the next segment in which what is undone was at work. `other` is another turn that was at work then. */
  add(before: SnapshotView, after: SnapshotView, other: string | undefined, crypto: Crypto): void {
    for (const differing of differingPaths(before, after, crypto)) {
      const known = this.#changes.get(differing.path);
      const isBroken = known !== undefined && !isSameEntry(known.after, differing.before, crypto);
      this.#changes.set(differing.path, {
        ...differing,
        before: known === undefined ? differing.before : known.before,
        hasOthers: known?.hasOthers === true || isBroken || other !== undefined,
        by: other ?? known?.by,
      });
    }
  }

  /** In byte order of path, without those that were changed back. */
  list(crypto: Crypto): readonly OwnChange[] {
    return [...this.#changes.values()]
      .filter(({ after, before }) => !isSameEntry(before, after, crypto))
      .sort(byPath);
  }
}
