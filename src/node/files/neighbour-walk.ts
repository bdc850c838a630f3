/**
 * Walking to many paths of which neighbours mostly lie in one folder: that folder is walked to once.
 *
 * @module
 */

import type { AnchoredDir } from "./anchored-dir.ts";
import type { AnchoredRoot, Location } from "./anchored-root.ts";
import type { SourceWalk } from "./read-source.ts";

/** The folder that the last path was found in. */
interface Neighbourhood {
  /** Its path as it was asked for, with a slash behind it; empty for the root. */
  readonly prefix: string;
  readonly dir: AnchoredDir;
  /** Its real path below the root, with a slash behind it; empty for the root. */
  readonly real: string;
}

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
      const name = path.slice(slash);
      return { kind: "entry", dir: last.dir, name, real: last.real + name };
    }
    const location = this.#root.locate(path);
    this.#last =
      location.kind === "entry"
        ? {
            prefix: path.slice(0, slash),
            dir: location.dir,
            real: location.real.slice(0, location.real.lastIndexOf("/") + 1),
          }
        : undefined;
    return location;
  }

  /** As `AnchoredRoot.follow`, which may open so many folders that the last one is closed. */
  follow(location: Extract<Location, { kind: "entry" }>): Location {
    this.#last = undefined;
    return this.#root.follow(location);
  }
}
