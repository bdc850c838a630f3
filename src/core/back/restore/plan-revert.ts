/**
 * Plans a revert: how a folder becomes again what a snapshot says of the paths that a run changed, and what stands against it.
 * Nothing is written, and what was changed after the run is never planned away without the caller's word.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { byPath } from "../../system/bytes/listing.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import { sortUtf8 } from "../../system/bytes/utf8.ts";
import type { BlockedPath, RestoreFault } from "../../system/codes/restore-fault.ts";
import { ArrivingPaths } from "./arriving-paths.ts";
import { findEmptiedFolders } from "./emptied-folders.ts";
import type { RevertOutlook } from "./revert-outlook.ts";
import { findRevertSet, type RevertItem, type RevertQuestion } from "./revert-set.ts";
import { RevertSteps } from "./revert-steps.ts";

/**
 * Plans a revert of the paths in which `before` and `after` differ. Fails with RESTORE_SELECTION_NOT_FOUND if no snapshot has
 * anything at or below a selected path.
 */
export function planRevert(question: RevertQuestion, crypto: Crypto): Result<RevertOutlook, RestoreFault> {
  const { choice, places, snapshots } = question;
  const set = findRevertSet(question, crypto);
  if (!set.ok) return set;
  const { already, changed } = set.value;
  const items = new Map<string, RevertItem>(set.value.items);
  const skipped = new Set(choice.changed === "skip" ? changed.map(({ path }) => path) : []);
  const blocked: BlockedPath[] = [...set.value.blocked];

  const folders = findEmptiedFolders(items, skipped, places);
  for (const path of folders.skipped) skipped.add(path);
  blocked.push(...folders.blocked);
  for (const path of [...folders.left, ...folders.skipped, ...folders.blocked.map((each) => each.path)])
    items.delete(path);

  const arriving = new ArrivingPaths(items, skipped, { places, snapshots });
  const planned = [...items.values()].filter((item) => arriving.admit(item));
  blocked.push(...arriving.blocked);
  for (const path of arriving.skipped) skipped.add(path);

  const steps = new RevertSteps(places, crypto);
  for (const item of planned) steps.add(item);
  for (const folder of arriving.missingFolders) steps.make(folder);
  const plan = steps.plan(snapshots.now);
  return ok({
    plan,
    already,
    changed,
    skipped: sortUtf8([...skipped]),
    blocked: withoutRepetition([...blocked, ...steps.blocked]),
    foldersLeft: sortUtf8([...folders.left]),
  });
}

/** In byte order of path, each path once, with the reason that was found first. */
function withoutRepetition(blocked: readonly BlockedPath[]): readonly BlockedPath[] {
  const byName = new Map<string, BlockedPath>();
  for (const each of blocked) if (!byName.has(each.path)) byName.set(each.path, each);
  return [...byName.values()].sort(byPath);
}
