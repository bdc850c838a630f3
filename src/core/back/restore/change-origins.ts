/**
 * Which paths were changed by what is undone, and which by others in between: of turns that are undone together, and of turns of several
 * agents in one folder.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { differingPaths } from "./snapshot-difference.ts";
import type { SnapshotView } from "./snapshot-view.ts";

/** Whose changes lie between two snapshots. Both may be: of agents that work at once, it is not known who changed a path. */
export interface ChangeAuthors {
  /** Whether what is undone was at work. */
  readonly isOwn: boolean;
  /** Another turn that was at work. */
  readonly other?: string | undefined;
}

/** The paths, collected from neighbouring snapshots. */
export class ChangeOrigins {
  readonly #own = new Set<string>();
  readonly #others = new Map<string, string | undefined>();

  /** Adds the changes between two snapshots. */
  add(before: SnapshotView, after: SnapshotView, { isOwn, other }: ChangeAuthors, crypto: Crypto): void {
    for (const { path } of differingPaths(before, after, crypto)) {
      if (isOwn) this.#own.add(path);
      if (!isOwn || other !== undefined) this.#others.set(path, other);
    }
  }

  /** Whether what is undone changed a path, alone or with others. */
  isOwn(path: string): boolean {
    return this.#own.has(path);
  }

  /** Whether others changed a path too, or may have; with the turn that did, if one is known. */
  othersOf(path: string): { readonly by?: string } | undefined {
    if (!this.#others.has(path)) return undefined;
    const by = this.#others.get(path);
    return by === undefined ? {} : { by };
  }
}
