/**
 * Walking to many paths of which neighbours mostly lie in one folder: that folder is walked to, or found missing, once.
 *
 * @module
 */

import type { AnchoredDir } from "./anchored-dir.ts";
import type { AnchoredRoot, Location } from "./anchored-root.ts";
import type { SourceWalk } from "./read-source.ts";

type MissingLocation = Extract<Location, { kind: "missing" | "not-a-folder" }>;

/** Where the last path led, and so where its neighbours do. */
type Neighbourhood = {
  /** The path of the folder as it was asked for, with a slash behind it; empty for the root. */
  readonly prefix: string;
} & (
  | {
      readonly dir: AnchoredDir;
      /** Its real path below the root, with a slash behind it; empty for the root. */
      readonly real: string;
    }
  /** It isn't there. */
  | { readonly missing: MissingLocation }
);

/** A walk through a root. While one is going on, nobody else may walk through the same `AnchoredRoot`. */
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

  /** As `AnchoredRoot.follow`, which may open so many folders that the last one is closed. */
  follow(location: Extract<Location, { kind: "entry" }>): Location {
    this.#last = undefined;
    return this.#root.follow(location);
  }
}

function neighbourOf(last: Neighbourhood, name: string): Location {
  if ("dir" in last) return { kind: "entry", dir: last.dir, name, real: last.real + name };
  return { ...last.missing, ahead: [...last.missing.ahead.slice(0, -1), name] };
}

function neighbourhoodOf(location: Location, prefix: string): Neighbourhood | undefined {
  switch (location.kind) {
    case "entry":
      return { prefix, dir: location.dir, real: location.real.slice(0, location.real.lastIndexOf("/") + 1) };
    case "missing":
      // With something ahead it is a folder on the way that isn't there.
      return location.ahead.length > 0 ? { prefix, missing: location } : undefined;
    default:
      return undefined;
  }
}
