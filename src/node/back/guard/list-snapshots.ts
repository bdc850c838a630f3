/**
 * The snapshots, guarded runs and reverts of a guard, newest first: what there is to go back to. Each bundle is judged by its
 * artifacts; no file is looked at.
 *
 * @module
 */

import { join } from "node:path";
import {
  compareSealed,
  type HexDigest,
  type History,
  type HistoryRun,
  ok,
  orderNewestFirst,
  type Rejection,
  type Result,
  type SealedChange,
  type SealedState,
} from "../../../core/internal.ts";
import { inspectBundle, type SeenBundle } from "../../judge/history/inspect-run.ts";
import { readClaimedHistory } from "../../judge/history/read-history.ts";
import { readUnlistedRuns, type UnlistedRun } from "../../judge/history/runs-without-bundles.ts";
import { OWN_FOLDER, runsFolderOf } from "../../records/project/project-names.ts";
import { isRunning } from "../../records/project/running-runs.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { isSameDigest, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { type RunningRecord, readRunningRecords } from "./running-record.ts";
import type { SealedSnapshot } from "./seal-snapshot.ts";
import { type ReadTask, readSnapshotTask } from "./snapshot-task.ts";
import { turnAfter, turnsOfSession } from "./turns/choose-turn.ts";
import { parseTurnId, readTurnsOf, type Turn, turnIdOf } from "./turns/turn-record.ts";

/** Snapshots that are kept in memory: those of neighbouring runs are mostly the same. */
const MOST_HELD = 3;

/** Whose snapshots. */
export interface ListSnapshotsRequest extends WorkOptions {
  /** The folder of the guard. */
  readonly home: string;
  readonly environment: Environment;
  /** The most runs and snapshots that are listed. The snapshots of a run are listed with it, and not counted. */
  readonly limit: number;
  /** The turns of this session alone are listed, if one is named. */
  readonly session?: string | undefined;
}

/** What a run changed in the folder: files, links, empty folders and modes, each path once. */
export interface FolderChanges {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** A bundle of a guard. */
export interface GuardRun {
  readonly seen: SeenBundle;
  /** What a snapshot says of itself; undefined for a run. */
  readonly task: ReadTask | undefined;
  /** Whether it is a snapshot of a run that is listed itself, or of a killed run that another snapshot stands for. */
  readonly isPart: boolean;
  /** Of a guarded run whose two snapshots are there: what changed between them. */
  readonly changes: FolderChanges | undefined;
}

/** A guarded run without a bundle. */
export interface BegunRun extends Pick<RunningRecord, "runId" | "started"> {
  /** The id of the snapshot from before its command; undefined if it is not there. */
  readonly before: string | undefined;
  readonly isRunning: boolean;
}

/** A turn of an agent. */
export interface ListedTurn extends Turn {
  readonly turnId: string;
  /** What it changed; undefined while it is not ended, and where a snapshot is missing. */
  readonly changes: FolderChanges | undefined;
}

/** What a guard has, newest first. */
export interface ListedSnapshots {
  readonly runs: readonly GuardRun[];
  /** Runs without a bundle: killed ones, and those in progress. */
  readonly unlisted: readonly UnlistedRun[];
  /** Guarded runs without a bundle, with the snapshot to which each can be taken back. */
  readonly begun: readonly BegunRun[];
  readonly turns: readonly ListedTurn[];
  /** How many turns have no snapshot from before, beyond the limit too. */
  readonly failedTurns: number;
  /** Runs, turns and snapshots beyond the limit. */
  readonly more: number;
}

/** Lists the bundles of a guard. Fails as `readClaimedHistory` and `readUnlistedRuns` do. Throws an Interruption. */
export async function listSnapshots(
  request: ListSnapshotsRequest,
): Promise<Result<ListedSnapshots, OperationFault | Rejection>> {
  const { environment, home, limit, progress, session, signal } = request;
  const read = await readClaimedHistory({ root: home, environment, signal, progress });
  if (!read.ok) return read;
  const unlisted = await readUnlistedRuns(home);
  if (!unlisted.ok) return unlisted;
  const begun = await readBegun(home, read.value.history);
  if (!begun.ok) return begun;
  const ordered = orderNewestFirst(read.value.history, nodeCrypto);
  const bundles = new HeldSnapshots(home, ordered);
  const all = readTurnsOf(home);
  const wanted = session === undefined ? all : turnsOfSession(all, session);
  const told = new Set([...[...ordered, ...begun.value].map(({ runId }) => runId), ...all.map(turnIdOf)]);
  const runs: GuardRun[] = [];
  let left = limit;
  for (const [index, run] of session === undefined ? ordered.entries() : []) {
    await breathe(index, signal);
    const described = describe(bundles.look(run), bundles, told);
    // The snapshot after a turn stands for it.
    if ((!described.isPart || endsTurn(described)) && left-- === 0) break;
    runs.push(described);
  }
  const turns: ListedTurn[] = [];
  for (const turn of wanted.slice(-limit).reverse()) {
    await breathe(turns.length, signal);
    const end = turn.after ?? turnAfter(all, turn)?.before;
    const [before, after] = [bundles.atRoot(turn.before), bundles.atRoot(end)];
    turns.push({
      ...turn,
      turnId: turnIdOf(turn),
      changes: before && after && countChanges(stateOf(before), stateOf(after)),
    });
  }
  // By their names: reading all bundles to count them takes long.
  const isPart = ({ runId }: HistoryRun): boolean => {
    const [, of = ""] = /^(.+)\.(?:before|after)(?:-\d+)?$/.exec(runId) ?? [];
    return told.has(of);
  };
  const unread = session === undefined ? ordered.slice(runs.length) : [];
  const more = unread.filter((run) => !isPart(run)).length + wanted.length - turns.length;
  const failedTurns = wanted.filter(({ before }) => before === undefined).length;
  return ok({ runs, unlisted: unlisted.value, begun: begun.value, turns, failedTurns, more });
}

function endsTurn({ task }: GuardRun): boolean {
  return task?.moment === "after" && parseTurnId(task.ofRun ?? "") !== undefined;
}

/** The guarded runs that left a record and no bundle. Fails with PATH_NOT_FOUND or READ_FAILED. */
async function readBegun(
  home: string,
  { places }: History<HistoryRun>,
): Promise<Result<readonly BegunRun[], OperationFault>> {
  const opened = openRoot(home);
  if (!opened.ok) return opened;
  using project = opened.value;
  try {
    using own = project.dir.enterIfThere(OWN_FOLDER);
    const runs = [...places.keys()];
    const begun: BegunRun[] = [];
    if (own === undefined) return ok([]);
    for (const { before, runId, started } of readRunningRecords(own)) {
      if (runs.some((run) => run.runId === runId)) continue;
      const snapshot = runs.find(({ bundleRoot }) => isSameDigest(bundleRoot, before));
      begun.push({ runId, started, before: snapshot?.runId, isRunning: await isRunning(own, runId) });
    }
    return ok(begun);
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: ".runseal/running", reason: reasonOf(thrown) });
  }
}

/** `told`: the runs that are listed themselves. */
function describe(seen: SeenBundle, bundles: HeldSnapshots, told: Set<string>): GuardRun {
  const task = seen.sealed && readSnapshotTask(seen.sealed.taskSpec);
  const ofRun = task?.moment === "before" || task?.moment === "after" ? task.ofRun : undefined;
  const isPart = ofRun !== undefined && told.has(ofRun);
  if (ofRun !== undefined) told.add(ofRun);
  const guard = seen.sealed && seen.run.guard;
  // A revert's own bundle is the snapshot after it.
  const isRevert = task?.moment === "revert" && seen.failure === undefined;
  const before = bundles.atRoot(isRevert ? task.before : guard?.before);
  const after = isRevert ? seen : bundles.atRoot(guard?.after);
  const changes = before && after && countChanges(stateOf(before), stateOf(after));
  return { seen, task, isPart, changes };
}

/** The bundles of a guard, of which the last ones that were looked at are held. */
class HeldSnapshots {
  readonly #home: string;
  readonly #runs: readonly HistoryRun[];
  readonly #held: SeenBundle[] = [];

  constructor(home: string, runs: readonly HistoryRun[]) {
    this.#home = home;
    this.#runs = runs;
  }

  look({ runId }: Pick<HistoryRun, "runId">): SeenBundle {
    const held = this.#held.find(({ run }) => run.runId === runId);
    if (held !== undefined) return held;
    const seen = inspectBundle(join(runsFolderOf(this.#home), runId));
    this.#held.push(seen);
    if (this.#held.length > MOST_HELD) this.#held.shift();
    return seen;
  }

  /** The bundle with a root, if its artifacts hold. */
  atRoot(root: HexDigest | undefined): SeenBundle | undefined {
    if (root === undefined) return undefined;
    const claimed = this.#runs.find(({ bundleRoot }) => isSameDigest(bundleRoot, root));
    const seen = claimed && this.look(claimed);
    return seen?.failure === undefined && isSameDigest(seen?.run.bundleRoot, root) ? seen : undefined;
  }
}

/** What changed between two snapshots of the guard in a folder. Both are read again; equal roots need no look. */
export function countChangesBetween(
  home: string,
  before: Pick<SealedSnapshot, "bundleRoot" | "runId">,
  after: Pick<SealedSnapshot, "bundleRoot" | "runId">,
): FolderChanges {
  if (isSameDigest(before.bundleRoot, after.bundleRoot)) return { added: 0, removed: 0, changed: 0 };
  const stateIn = ({ runId }: typeof before): SealedState =>
    stateOf(inspectBundle(join(runsFolderOf(home), runId)));
  return countChanges(stateIn(before), stateIn(after));
}

/** Without the bytes of the bundle. */
function stateOf({ sealed, tree }: SeenBundle): SealedState {
  return { claims: sealed?.claims ?? [], tree };
}

function countChanges(before: SealedState, after: SealedState): FolderChanges {
  const { changes } = compareSealed(before, after, nodeCrypto);
  const count = (...kinds: readonly SealedChange["change"][]): number =>
    new Set(changes.flatMap(({ change, path }) => (kinds.includes(change) ? path : []))).size;
  return { added: count("added"), removed: count("removed"), changed: count("changed", "mode") };
}
