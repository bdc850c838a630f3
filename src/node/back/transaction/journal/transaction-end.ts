/**
 * How a transaction can end (PROTOCOL 13.7 and 13.9).
 *
 * @module
 */

import type { Astray, MovedFile } from "../../../../core/internal.ts";
import { folderOf } from "./places.ts";

/** How a transaction ended. `clean` is whether the staging folder is removed too. */
export type TransactionEnd =
  | { readonly state: "everything" | "nothing"; readonly clean: boolean }
  /** Everything is in place. It may not survive a power cut. */
  | { readonly state: "in-doubt" }
  /**
   * The rollback failed for some files. `changed`: it failed for nothing but files that were edited in their places, and stay.
   */
  | ({ readonly state: "unresolved" | "changed" } & Astray);

/** Nothing is astray. */
export const NONE_ASTRAY: Astray = { astray: [], edited: [], moved: [], occupied: [] };

/** The facts about what is astray; none if nothing is. */
export function astrayFacts({ astray, edited, moved, occupied }: Astray): Partial<Astray> {
  return astray.length === 0 ? {} : { astray, edited, moved, occupied };
}

/** Collects what a rollback can't take back. */
export class AstrayFiles {
  readonly #edited = new Set<string>();
  readonly #moved = new Map<string, MovedFile>();
  /** The folders above them. */
  readonly #movedFrom = new Set<string>();
  readonly #occupied = new Set<string>();
  readonly #withoutFolder = new Set<string>();

  /** A file that another process wrote to: it stays in its place. */
  addEdited(place: string): void {
    this.#edited.add(place);
  }

  /** A file that was moved or linked elsewhere. `staged` is its name in staging. */
  addMoved(place: string, staged: string): void {
    this.#moved.set(place, { path: place, staged });
    for (
      let folder = folderOf(place);
      folder !== "" && !this.#movedFrom.has(folder);
      folder = folderOf(folder)
    )
      this.#movedFrom.add(folder);
  }

  /** Whether a moved file was in a folder. */
  isMovedFrom(folder: string): boolean {
    return this.#movedFrom.has(folder);
  }

  /** A place that something else has by now. */
  addOccupied(place: string): void {
    this.#occupied.add(place);
  }

  /** A place whose folder is missing. */
  addWithoutFolder(place: string): void {
    this.#withoutFolder.add(place);
  }

  /** The end of the transaction if something is astray, or if the system refused a step. */
  end(isClean: boolean): TransactionEnd | undefined {
    const edited = [...this.#edited].sort();
    // An edited file stays in the way of what was there.
    const isInTheWay = (place: string): boolean =>
      edited.some((path) => path === place || path.startsWith(`${place}/`));
    const occupied = [...this.#occupied].filter((place) => !isInTheWay(place)).sort();
    const withoutFolder = [...this.#withoutFolder].filter((place) => !isInTheWay(place));
    const moved = [...this.#moved.values()];
    const others = [...occupied, ...withoutFolder, ...moved.map(({ path }) => path)];
    const astray = [...new Set([...edited, ...others])].sort();
    if (isClean && astray.length === 0) return undefined;
    const state = isClean && others.length === 0 ? "changed" : "unresolved";
    return { state, astray, edited, moved, occupied };
  }
}
