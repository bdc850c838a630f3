/**
 * Walks to many paths whose neighbours are mostly in one folder: that folder is walked to, or found missing, once.
 *
 * @module
 */

import type { AnchoredDir } from "./anchored-dir.ts";
import type { AnchoredRoot, Location } from "./anchored-root.ts";
import type { SourceWalk } from "./read-source.ts";

type MissingLocation = Extract<Location, { kind: "missing" | "not-a-folder" }>;

/** The folder of the last path, and so of its neighbours. */
type Neighbourhood = {
  /** The path of the folder as the caller spelled it, with a slash at the end; empty for the root. */
  readonly prefix: string;
} & (
  | {
      readonly dir: AnchoredDir;
      /** Its real path below the root, with a slash at the end; empty for the root. */
      readonly real: string;
      /** Whether a link was followed to it. */
      readonly isThroughLink: boolean;
    }
  /** It is missing. */
  | { readonly missing: MissingLocation }
);

/** A walk through a root. Meanwhile, no other walk through the same `AnchoredRoot` is allowed. */
export class NeighbourWalk implements SourceWalk {
  readonly #root: AnchoredRoot;
  #last: Neighbourhood | undefined;

  constructor(root: AnchoredRoot) {
    this.#root = root;
  }

  /** As `AnchoredRoot.locate`. */
  locate(path: string): Location {
    const slash = path.lastIndexOf("/") + 1;
    const last = this.#last;
    if (last !== undefined && slash === last.prefix.length && path.startsWith(last.prefix)) {
      return neighbourOf(last, path.slice(slash));
    }
    const location = this.#root.locate(path);
    this.#last = neighbourhoodOf(location, path.slice(0, slash));
    return location;
  }

  /** As `AnchoredRoot.follow`, which may open so many folders that the last one gets closed. */
  follow(location: Extract<Location, { kind: "entry" }>): Location {
    this.#last = undefined;
    return this.#root.follow(location);
  }
}

function neighbourOf(last: Neighbourhood, name: string): Location {
  if ("dir" in last) {
    const { dir, isThroughLink, real } = last;
    return { kind: "entry", dir, name, real: real + name, isThroughLink };
  }
  return { ...last.missing, ahead: [...last.missing.ahead.slice(0, -1), name] };
}

function neighbourhoodOf(location: Location, prefix: string): Neighbourhood | undefined {
  switch (location.kind) {
    case "entry": {
      const { dir, isThroughLink, real } = location;
      return { prefix, dir, real: real.slice(0, real.lastIndexOf("/") + 1), isThroughLink };
    }
    case "missing":
      // With components ahead, a folder on the way is missing.
      return location.ahead.length > 0 ? { prefix, missing: location } : undefined;
    default:
      return undefined;
  }
}
