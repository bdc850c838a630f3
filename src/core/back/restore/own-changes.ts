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

/** What was done to a path: chains of changes, each of which goes on where the last one ended. Between two chains others changed it. */
interface ChangedTimes {
  readonly chains: readonly DifferingPath[];
  readonly by: string | undefined;
}

/** The paths. */
export class OwnChanges {
  readonly #paths = new Map<string, ChangedTimes>();

  /** Adds the changes of the next segment in which what is undone was at work. `other` is another turn that was at work then. */
  add(before: SnapshotView, after: SnapshotView, other: string | undefined, crypto: Crypto): void {
    for (const differing of differingPaths(before, after, crypto)) {
      const { by, chains } = this.#paths.get(differing.path) ?? { chains: [], by: undefined };
      const last = chains.at(-1);
      const goesOn = last !== undefined && isSameEntry(last.after, differing.before, crypto);
      const chain = goesOn ? { ...differing, before: last.before } : differing;
      const earlier = goesOn ? chains.slice(0, -1) : chains;
      // A turn that is undone already leaves what was before it to be undone.
      const isBack = isSameEntry(chain.before, chain.after, crypto);
      this.#paths.set(differing.path, { chains: isBack ? earlier : [...earlier, chain], by: other ?? by });
    }
  }

  /** In byte order of path, without those that were changed back. */
  list(crypto: Crypto): readonly OwnChange[] {
    return [...this.#paths.values()]
      .flatMap(({ by, chains }): readonly OwnChange[] => {
        const [first, last] = [chains[0], chains.at(-1)];
        if (first === undefined || last === undefined) return [];
        if (isSameEntry(first.before, last.after, crypto)) return [];
        return [{ ...last, before: first.before, hasOthers: chains.length > 1 || by !== undefined, by }];
      })
      .sort(byPath);
  }
}
