/**
 * Which folders a revert can take out: those in which nothing stays.
 *
 * @module
 */

import type { BlockedPath } from "../../system/codes/restore-fault.ts";
import type { RevertPlaces } from "./revert-outlook.ts";
import type { RevertItem } from "./revert-set.ts";

/** What happens to the folders that are to go. */
export interface EmptiedFolders {
  /** Folders that stay, because something else is in them. */
  readonly left: readonly string[];
  readonly blocked: readonly BlockedPath[];
  /** Folders that would become a file or a link, if nothing in them were skipped. */
  readonly skipped: readonly string[];
}

/**
 * Finds which of the folders that are to go hold something that stays. Asks the disk for their names: a snapshot does not have
 * what is not guarded. `skipped` are paths that are left as they are at the caller's wish.
 */
export function findEmptiedFolders(
  items: ReadonlyMap<string, RevertItem>,
  skipped: ReadonlySet<string>,
  places: Pick<RevertPlaces, "list">,
): EmptiedFolders {
  const left: string[] = [];
  const blocked: BlockedPath[] = [];
  const newlySkipped: string[] = [];
  /** What stays, and whether it does because something was skipped. */
  const staying = new Map<string, boolean>();
  const goes = (path: string): boolean => {
    const item = items.get(path);
    return item?.now !== undefined && item.goal === undefined && !staying.has(path);
  };
  // Items are in byte order, so that this one has folders after what is in them.
  for (const { goal, now, path } of [...items.values()].reverse()) {
    if (now?.kind !== "folder" || goal?.kind === "folder") continue;
    const names = places.list(path);
    if (names === undefined) blocked.push({ path, reason: "unreadable" });
    const rest = (names ?? []).map((name) => `${path}/${name}`).filter((inner) => !goes(inner));
    if (names !== undefined && rest.length === 0) continue;
    const isSkipped = rest.some((inner) => skipped.has(inner) || staying.get(inner) === true);
    staying.set(path, isSkipped);
    if (names === undefined) continue;
    if (goal === undefined) left.push(path);
    else if (isSkipped) newlySkipped.push(path);
    else blocked.push({ path, reason: "holds-others" });
  }
  return { left, blocked, skipped: newlySkipped };
}
