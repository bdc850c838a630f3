/**
 * The snapshots in the history of a guard, the latest first, by what the bundles say of themselves. Nothing here is verified: what is used
 * is read again and judged.
 *
 * @module
 */

import { DigestIndex, type HexDigest, ok, type Result } from "../../../core/internal.ts";
import { readHead } from "../../records/project/head-file.ts";
import { type RunLinks, readRunLinks } from "../../records/project/run-links.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { readObject } from "../../system/files/record-file.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { type ReadTask, readSnapshotTask } from "../guard/snapshot-task.ts";

/** A task of a snapshot names a thousand paths at most. */
const MAX_TASK_BYTES: number = 16 * 1024 * 1024;

/** A snapshot in the history. */
export interface WalkedSnapshot {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly task: ReadTask;
}

/** Where the bundles of a guard are. */
export interface GuardFolders {
  /** The guard's own folder, and the same as it may be shown. */
  readonly own: AnchoredDir;
  readonly shown: string;
  /** The folder of the bundles. */
  readonly runs: AnchoredDir;
}

/** Gives the snapshots from HEAD backwards, each read when it is asked for. Fails as `readHead` does. Throws what the system says. */
export function snapshotsBackwards(folders: GuardFolders): Result<Iterable<WalkedSnapshot>, OperationFault> {
  const head = readHead(folders.own, folders.shown);
  if (!head.ok) return head;
  return ok(walkBack(folders, head.value?.bundleRoot));
}

function* walkBack(
  { own, runs }: GuardFolders,
  head: HexDigest | undefined,
): Generator<WalkedSnapshot, undefined> {
  const byRoot = new DigestIndex<RunLinks>(nodeCrypto);
  let left = 0;
  for (const links of readRunLinks(own)) {
    if (links.bundleRoot === undefined) continue;
    byRoot.add(links.bundleRoot, links);
    left++;
  }
  // Links that lead in a circle end too.
  for (let root = head; root !== undefined && left > 0; left--) {
    const [links] = byRoot.at(root);
    if (links === undefined) return undefined;
    const task = readTask(runs, links.runId);
    if (task !== undefined) yield { runId: links.runId, bundleRoot: root, task };
    root = links.previousBundleRoot;
  }
  return undefined;
}

/** What a snapshot says of itself; `undefined` where there is none of that name. */
export function readTaskOf({ runs }: GuardFolders, runId: string): ReadTask | undefined {
  return runs.has(runId) ? readTask(runs, runId) : undefined;
}

function readTask(runs: AnchoredDir, runId: string): ReadTask | undefined {
  using bundle = runs.enter(runId);
  const task = readObject(bundle, "TASK_SPEC.json", MAX_TASK_BYTES);
  return task && readSnapshotTask(task);
}
