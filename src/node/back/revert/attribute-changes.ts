/**
 * Which later run, if any, left a path as it is now, where a revert finds it changed.
 *
 * @module
 */

import { type ChangedPath, isSameEntry, type SnapshotView } from "../../../core/internal.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type GuardBundles, readSnapshot } from "./read-snapshot.ts";
import { snapshotsBackwards, type WalkedSnapshot } from "./walk-snapshots.ts";

/** Snapshots that are read for this: an answer in an error message is not worth more. */
const MOST_READ = 32;

/**
 * Adds `by` to changed paths: the run whose snapshot after it is the first that has the path as it is now. Walks back from the latest
 * snapshot to the one that the revert stands on. Gives no `by` for what was changed by hand.
 */
export function attributeChanges(
  changed: readonly ChangedPath[],
  now: SnapshotView,
  until: string,
  bundles: GuardBundles,
): readonly ChangedPath[] {
  const line = snapshotsBackwards(bundles);
  if (!line.ok) return changed;
  const by = new Map<string, string>();
  let open = changed.flatMap((each) => (each.by === undefined ? each.path : []));
  let later: WalkedSnapshot | undefined;
  let read = 0;
  for (const snapshot of line.value) {
    if (open.length === 0 || read++ === MOST_READ) break;
    const found = readSnapshot(bundles, snapshot.runId);
    if (!found.ok || found.value === undefined) break;
    const { view } = found.value;
    const asNow = open.filter((path) => isSameEntry(view.find(path), now.find(path), nodeCrypto));
    const author = later && authorOf(later);
    const same = new Set(asNow);
    if (author !== undefined) for (const path of open) if (!same.has(path)) by.set(path, author);
    open = asNow;
    if (snapshot.runId === until) break;
    later = snapshot;
  }
  return changed.map((each) => {
    const author = by.get(each.path);
    return author === undefined ? each : { ...each, by: author };
  });
}

/** Who made the folder what a snapshot says. Before a run, and on request, anyone may have. */
function authorOf({ runId, task }: WalkedSnapshot): string | undefined {
  if (task.moment === "revert") return runId;
  return task.moment === "after" ? task.ofRun : undefined;
}
