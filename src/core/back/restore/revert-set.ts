/**
 * What of a folder a revert is about: the paths that the run changed, and what was done with them since.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { matchesDigest } from "../../system/bytes/crypto.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import {
  type BlockedPath,
  type BlockReason,
  type ChangedPath,
  type RestoreFault,
  restoreFault,
} from "../../system/codes/restore-fault.ts";
import type { OwnChange, OwnChanges } from "./own-changes.ts";
import type { RevertPlaces } from "./revert-outlook.ts";
import type { SpecialState } from "./revert-plan.ts";
import { isSelected, withoutTrailingSlashes } from "./selection.ts";
import { type DifferingPath, differingPaths } from "./snapshot-difference.ts";
import { isSameEntry, type LeftOutEntry, type SnapshotEntry, type SnapshotView } from "./snapshot-view.ts";

/** The snapshots that a revert stands on. With `--to`, `after` is `now`. */
export interface RevertSnapshots {
  /** What the folder is to be. */
  readonly before: SnapshotView;
  readonly after: SnapshotView;
  readonly now: SnapshotView;
}

/** What of the set to revert. */
export interface RevertChoice {
  /** Only what is at or below these paths; all where undefined. */
  readonly only?: readonly string[] | undefined;
  /** What to do with paths that were changed since the run: `refuse` and `take` plan them, `skip` does not. */
  readonly changed: "refuse" | "skip" | "take";
}

/** A path that is to become what it was. Undefined where nothing is, or is to be. */
export interface RevertItem {
  readonly path: string;
  readonly goal: SnapshotEntry | undefined;
  readonly now: SnapshotEntry | SpecialState | undefined;
}

/** What a plan is made from. */
export interface RevertQuestion {
  readonly snapshots: RevertSnapshots;
  readonly choice: RevertChoice;
  readonly places: RevertPlaces;
  /** What of the changes between `before` and `after` is to be reverted; undefined: all of it. */
  readonly own?: OwnChanges | undefined;
}

/** The set, by what is to be done. */
export interface RevertSet {
  readonly items: ReadonlyMap<string, RevertItem>;
  /** How many paths are already what they are to be. */
  readonly already: number;
  readonly changed: readonly ChangedPath[];
  readonly blocked: readonly BlockedPath[];
}

/**
 * Finds the set, in byte order of path. Fails with RESTORE_SELECTION_NOT_FOUND if no snapshot has anything at or below a selected
 * path.
 */
export function findRevertSet(
  { choice, own, places, snapshots }: RevertQuestion,
  crypto: Crypto,
): Result<RevertSet, RestoreFault> {
  const { after, before, now } = snapshots;
  const wanted = choice.only && new Set(choice.only.map(withoutTrailingSlashes));
  const found = new Set<string>();
  const items = new Map<string, RevertItem>();
  const changed: ChangedPath[] = [];
  const blocked = new Map<string, BlockedPath>();
  let already = 0;
  const set: Iterable<DifferingPath & Partial<OwnChange>> =
    own?.list(crypto) ?? differingPaths(before, after, crypto);
  for (const differing of set) {
    const { by, hasOthers = false, path } = differing;
    if (wanted !== undefined && !isSelected(path, wanted, found)) continue;
    // The snapshot does not say what was there.
    if (before.findLeftOut(path) !== undefined) continue;
    const entry = now.find(path);
    const leftOut = now.findLeftOut(path);
    const isSpecial = leftOut !== undefined && isMovable(leftOut, places);
    const item = { path, goal: differing.before, now: isSpecial && leftOut.path === path ? SPECIAL : entry };
    if (leftOut !== undefined && !isSpecial && item.goal !== undefined) {
      blocked.set(leftOut.path, { path: leftOut.path, reason: reasonOf(leftOut, places) });
    } else if (isSameEntry(entry, item.goal, crypto)) already++;
    else {
      const wasSpecial = isSpecial && snapshots.after.findLeftOut(path)?.reason === leftOut.reason;
      const isChanged =
        hasOthers ||
        (!wasSpecial && (item.now === SPECIAL || !isAsRunLeftIt(differing, entry, snapshots, crypto)));
      const known = hasOthers ? differing.before : differing.after;
      const change = describeChange(known, item.now, crypto);
      if (isChanged) changed.push({ path, change, ...(by === undefined ? {} : { by }) });
      if (!isChanged || choice.changed !== "skip") items.set(path, item);
    }
  }
  for (const path of wanted ?? [])
    if (!found.has(path) && !isKnown(path, [before, after, now]))
      return restoreFault("PLAN", "RESTORE_SELECTION_NOT_FOUND", { path });
  return ok({ items, already, changed, blocked: [...blocked.values()] });
}

const SPECIAL: SpecialState = { kind: "special" };

/** Whether what a snapshot left out can be moved aside: a device may also be a place where something is mounted. */
function isMovable({ path, reason }: LeftOutEntry, places: Pick<RevertPlaces, "look">): boolean {
  if (reason === "device") return places.look(path)?.isSpecial === true;
  return reason === "fifo" || reason === "socket";
}

/** Why what a snapshot left out is in the way. It says `device` of a place where something is mounted. */
function reasonOf({ path, reason }: LeftOutEntry, places: Pick<RevertPlaces, "look">): BlockReason {
  if (reason === "unreadable") return reason;
  return places.look(path)?.isOtherFileSystem === true ? "other-file-system" : "holds-others";
}

/** Whether a path is as the run left it, so that reverting loses nothing that came later. */
function isAsRunLeftIt(
  { after, before, path }: DifferingPath,
  now: SnapshotEntry | undefined,
  snapshots: RevertSnapshots,
  crypto: Crypto,
): boolean {
  if (snapshots.after.findLeftOut(path) !== undefined) return false;
  // A folder that goes takes its mode with it: nothing is lost if that was changed since.
  const isGoing = before?.kind !== "folder" && after?.kind === "folder";
  return (isGoing && now?.kind === "folder") || isSameEntry(now, after, crypto);
}

function describeChange(
  after: SnapshotEntry | undefined,
  now: SnapshotEntry | SpecialState | undefined,
  crypto: Crypto,
): ChangedPath["change"] {
  if (now === undefined) return "missing";
  if (after === undefined) return "added";
  if (now.kind === "special") return "other-type";
  if (now.kind !== after.kind) return "other-type";
  if (now.kind === "link") return "other-target";
  const isMode =
    now.kind === "folder" || after.kind !== "file" || matchesDigest(now.digest, after.digest, crypto);
  return isMode ? "other-mode" : "other-bytes";
}

/** Whether one of the snapshots has something at a path. */
function isKnown(path: string, views: readonly SnapshotView[]): boolean {
  return views.some((view) => view.find(path) !== undefined || view.findLeftOut(path) !== undefined);
}
