/**
 * Whether what a revert puts in finds its folder and a free place.
 *
 * @module
 */

import { folderAbove, USUAL_FOLDER } from "../../records/tree/tree-folders.ts";
import type { BlockedPath, BlockReason } from "../../system/codes/restore-fault.ts";
import type { RevertPlaces } from "./revert-outlook.ts";
import type { PlannedFolder } from "./revert-plan.ts";
import type { RevertItem, RevertSnapshots } from "./revert-set.ts";

/** What stands against an arrival: a reason, or that something above it is skipped. */
type Obstacle = BlockReason | "skipped" | undefined;

/** Judges the places of entries that come back. */
export class ArrivingPaths {
  /** Folders above entries of the set that are missing and not in the set themselves. */
  readonly missingFolders: PlannedFolder[] = [];
  readonly blocked: BlockedPath[] = [];
  readonly skipped: string[] = [];
  readonly #items: ReadonlyMap<string, RevertItem>;
  readonly #skipped: ReadonlySet<string>;
  readonly #snapshots: RevertSnapshots;
  readonly #places: Pick<RevertPlaces, "look">;
  /** Judged folders, so that each is judged once for all that is in it. */
  readonly #folders = new Map<string, Obstacle>([["", undefined]]);

  /** @param skipped paths that are left as they are at the caller's wish. */
  constructor(
    items: ReadonlyMap<string, RevertItem>,
    skipped: ReadonlySet<string>,
    { places, snapshots }: { places: Pick<RevertPlaces, "look">; snapshots: RevertSnapshots },
  ) {
    this.#items = items;
    this.#skipped = skipped;
    this.#snapshots = snapshots;
    this.#places = places;
  }

  /** Whether an entry of the set can come to its place. If not, adds it to `blocked` or `skipped`. */
  admit({ goal, now, path }: RevertItem): boolean {
    if (goal === undefined) return true;
    const obstacle = this.#judgeFolder(folderAbove(path)) ?? (now === undefined && this.#judgeFree(path));
    if (obstacle === undefined || obstacle === false) return true;
    if (obstacle === "skipped") this.skipped.push(path);
    else this.blocked.push({ path, reason: obstacle });
    return false;
  }

  #judgeFolder(path: string): Obstacle {
    if (this.#folders.has(path)) return this.#folders.get(path);
    const obstacle = this.#findObstacle(path);
    this.#folders.set(path, obstacle);
    return obstacle;
  }

  #findObstacle(path: string): Obstacle {
    const { before, now } = this.#snapshots;
    const above = this.#judgeFolder(folderAbove(path));
    if (above !== undefined) return above;
    const present = now.find(path);
    if (this.#items.has(path) || present?.kind === "folder") return undefined;
    if (this.#skipped.has(path)) return "skipped";
    if (present !== undefined) return "parent";
    const leftOut = now.findLeftOut(path);
    if (leftOut !== undefined) return leftOut.reason === "unreadable" ? "unreadable" : "parent";
    if (this.#judgeFree(path) !== undefined) return "parent";
    this.missingFolders.push({ path, mode: before.folders.get(path) ?? USUAL_FOLDER });
    return undefined;
  }

  /** What is in a place where the snapshot of now has nothing. */
  #judgeFree(path: string): BlockReason | undefined {
    const facts = this.#places.look(path);
    if (facts === undefined) return undefined;
    return facts.isOtherFileSystem ? "other-file-system" : "holds-others";
  }
}
