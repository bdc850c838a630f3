/**
 * Between which snapshots a revert is: those around a guarded run, those around an earlier revert, or one that the folder is to be made
 * like.
 *
 * @module
 */

import {
  type HexDigest,
  OwnChanges,
  ok,
  type RestoreFault,
  type Result,
  restoreFault,
  type SnapshotView,
} from "../../../core/internal.ts";
import { findByRoot } from "../../records/project/run-links.ts";
import { isSameDigest, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { readRunningRecords } from "../guard/running-record.ts";
import { readSnapshotTask } from "../guard/snapshot-task.ts";
import { segmentsOf } from "../guard/turns/at-work.ts";
import { chooseTurn, type WantedTurn } from "../guard/turns/choose-turn.ts";
import { readTurns, type Turn, turnIdOf } from "../guard/turns/turn-record.ts";
import { findLastRun, findLastUndo } from "./find-last.ts";
import {
  type BundleRefusal,
  type GuardBundles,
  type ReadRun,
  type ReadSnapshot,
  readRun,
  readSnapshot,
  runMissing,
} from "./read-snapshot.ts";
import { readTaskOf, snapshotsBackwards, type WalkedSnapshot } from "./walk-snapshots.ts";

/**
 * What to undo: what a run did, everything since a snapshot, the last run that is not undone, the last undo that is not redone, or
 * everything that a session did since before a turn: without its number the last one that is not undone.
 */
export type RevertTarget =
  | { readonly kind: "run" | "snapshot"; readonly runId: string }
  | ({ readonly kind: "turn" } & WantedTurn)
  | { readonly kind: "last-run" | "last-undo" };

/** The range of history that a revert takes back: from one snapshot to another, or to now. */
export interface RevertRange {
  /** The run, snapshot or revert that was found. */
  readonly runId: string;
  /** What the folder is to be. */
  readonly before: ReadSnapshot;
  /** What the run left; undefined where everything since `before` is reverted. */
  readonly after: ReadSnapshot | undefined;
  /** Of a redo: what the undo had undone, which is done again. */
  readonly redone?: string | undefined;
  /** Finds what is undone of the changes between the two snapshots; undefined where all of it is. */
  readonly findOwn?: ((now: SnapshotView) => Result<OwnChanges, RangeRefusal>) | undefined;
}

/** Why there is no such range. */
export type RangeRefusal = BundleRefusal | RestoreFault;

/**
 * Finds the snapshots for a target. Fails with RUN_NOT_FOUND; with UNDO_NO_AFTER for what has no snapshot after it; and as `readRun`
 * does.
 */
export function findReverted(bundles: GuardBundles, target: RevertTarget): Result<RevertRange, RangeRefusal> {
  switch (target.kind) {
    case "run":
      return rangeOfRun(bundles, target.runId);
    case "snapshot":
      return rangeSince(bundles, target.runId);
    case "turn":
      return rangeOfWanted(bundles, target);
    case "last-run":
    case "last-undo": {
      const last =
        target.kind === "last-run" ? findLastRun(bundles, snapshotOf(bundles)) : findLastUndo(bundles);
      const range = last.ok ? rangeOfRun(bundles, last.value) : last;
      if (!range.ok || target.kind === "last-run") return range;
      return ok({ ...range.value, redone: readTaskOf(bundles, range.value.runId)?.ofRun });
    }
  }
}

function rangeOfWanted(bundles: GuardBundles, wanted: WantedTurn): Result<RevertRange, RangeRefusal> {
  const turn = chooseTurn(readTurns(bundles.own), wanted);
  if (turn === undefined) return restoreFault("PLAN", "UNDO_NO_AFTER");
  // The last turn is not passed over where its snapshot is missing.
  if (wanted.number !== undefined || turn.before === undefined) return rangeOfTurn(bundles, turn);
  const last = findLastRun(bundles, snapshotOf(bundles), turn.session);
  return last.ok ? rangeOfRun(bundles, last.value) : last;
}

/**
 * Finds the snapshots for everything that a session did since before a turn. Fails with UNDO_NO_AFTER for a turn without a snapshot, and as
 * `snapshotsBackwards` and `readSnapshot` do.
 */
function rangeOfTurn(bundles: GuardBundles, turn: Turn): Result<RevertRange, RangeRefusal> {
  const runId = turnIdOf(turn);
  const { before: root, failure = "KILLED" } = turn;
  if (root === undefined) return restoreFault("PLAN", "UNDO_NO_AFTER", { run_id: runId, reason: failure });
  const walked = snapshotsBackwards(bundles);
  if (!walked.ok) return walked;
  const line: WalkedSnapshot[] = [];
  for (const snapshot of walked.value) {
    line.unshift(snapshot);
    if (isSameDigest(snapshot.bundleRoot, root)) break;
  }
  const segments = segmentsOf(line, readTurns(bundles.own), turn);
  const end = Math.max(0, ...segments.map(({ to }) => to));
  const read = (place: number): Result<ReadSnapshot, RangeRefusal> =>
    readByRoot(bundles, line[place]?.bundleRoot ?? root, line[place]?.runId ?? runId);
  const before = readByRoot(bundles, root, `${runId}.before`);
  if (!before.ok) return before;
  const after = end === line.length ? ok(undefined) : read(end);
  if (!after.ok) return after;
  const range = { runId, before: before.value, after: after.value };
  // Nothing else was at work.
  if (segments.length === 1 && segments[0]?.other === undefined) return ok(range);
  const findOwn = (now: SnapshotView): Result<OwnChanges, RangeRefusal> => {
    const own = new OwnChanges();
    for (const { from, other, to } of segments) {
      const [one, next] = [read(from), to === line.length ? ok({ view: now }) : read(to)];
      if (!one.ok) return one;
      if (!next.ok) return next;
      own.add(one.value.view, next.value.view, other, nodeCrypto);
    }
    return ok(own);
  };
  return ok({ ...range, findOwn });
}

function rangeOfRun(bundles: GuardBundles, runId: string): Result<RevertRange, RangeRefusal> {
  if (!bundles.runs.has(runId)) return rangeOfKilled(bundles, runId);
  const run = readRun(bundles, runId);
  if (!run.ok) return run;
  const { guard } = run.value;
  const roots = guard ?? rootsOfRevert(run.value);
  if (roots?.after === undefined) return noAfter(bundles, runId, roots?.before ?? ownRootOf(run.value));
  const before = readByRoot(bundles, roots.before, `${runId}.before`);
  if (!before.ok) return before;
  const after = readByRoot(bundles, roots.after, `${runId}.after`);
  return after.ok ? ok({ runId, before: before.value, after: after.value }) : after;
}

function rangeSince(bundles: GuardBundles, named: string): Result<RevertRange, RangeRefusal> {
  const equal = bundles.runs.has(named) ? undefined : findEqual(bundles, named);
  if (equal?.ok === false) return equal;
  const runId = equal?.value ?? named;
  const snapshot = readSnapshot(bundles, runId);
  if (!snapshot.ok) return snapshot;
  if (snapshot.value !== undefined) return ok({ runId: named, before: snapshot.value, after: undefined });
  // A run stands for what it left.
  const run = readRun(bundles, runId);
  if (!run.ok) return run;
  const root = run.value.guard?.after;
  if (root === undefined) return noAfter(bundles, runId, run.value.guard?.before);
  const after = readByRoot(bundles, root, `${runId}.after`);
  return after.ok ? ok({ runId, before: after.value, after: undefined }) : after;
}

function snapshotOf(bundles: GuardBundles): (named: string) => string | undefined {
  return (named) => {
    const equal = findEqual(bundles, named);
    return equal.ok ? equal.value : undefined;
  };
}

/**
 * The id of the snapshot that `RUN.before` or `RUN.after` stands for where there is no bundle of that name: a snapshot that is equal
 * to an earlier one is not sealed. Gives `undefined` where the name is not of a run.
 */
function findEqual(bundles: GuardBundles, named: string): Result<string | undefined, RangeRefusal> {
  const [, runId = "", moment] = /^(.+)\.(before|after)$/.exec(named) ?? [];
  if (moment === undefined) return ok(undefined);
  if (!bundles.runs.has(runId)) {
    const turn = findTurn(bundles, runId);
    if (turn !== undefined) {
      const root = moment === "before" ? turn.before : turn.after;
      return ok(root && findByRoot(bundles.own, root));
    }
    const record = readRunningRecords(bundles.own).find((each) => each.runId === runId);
    return ok(record && moment === "before" ? findByRoot(bundles.own, record.before) : undefined);
  }
  const run = readRun(bundles, runId);
  if (!run.ok) return run;
  const roots = run.value.guard ?? rootsOfRevert(run.value);
  const root = moment === "before" ? roots?.before : roots?.after;
  return ok(root && findByRoot(bundles.own, root));
}

function findTurn({ own }: GuardBundles, runId: string): Turn | undefined {
  return readTurns(own).find((turn) => turnIdOf(turn) === runId);
}

/** A revert's own bundle is the snapshot after it, and names the one before it. */
function rootsOfRevert({
  bundleRoot,
  taskSpec,
}: Pick<ReadRun, "bundleRoot" | "taskSpec">):
  | { readonly before: HexDigest; readonly after: HexDigest }
  | undefined {
  const task = readSnapshotTask(taskSpec);
  return task?.moment === "revert" && task.before !== undefined
    ? { before: task.before, after: bundleRoot }
    : undefined;
}

/** A snapshot that belongs to no run can be gone back to. */
function ownRootOf({
  bundleRoot,
  taskSpec,
}: Pick<ReadRun, "bundleRoot" | "taskSpec">): HexDigest | undefined {
  return readSnapshotTask(taskSpec) === undefined ? undefined : bundleRoot;
}

/** A turn, or a run without a bundle: it was killed, or there is none of that name. */
function rangeOfKilled(bundles: GuardBundles, runId: string): Result<RevertRange, RangeRefusal> {
  const { own, runs } = bundles;
  const turn = findTurn(bundles, runId);
  if (turn !== undefined) return rangeOfTurn(bundles, turn);
  const record = readRunningRecords(own).find((each) => each.runId === runId);
  if (record !== undefined || runs.has(`${runId}.before`)) return noAfter(bundles, runId, record?.before);
  // As for any name that is not there.
  const missing = readRun(bundles, runId);
  if (missing.ok) throw new TypeError("a run that was just missing is there");
  return missing;
}

function noAfter(bundles: GuardBundles, runId: string, root: HexDigest | undefined): RestoreFault {
  const known = root === undefined ? undefined : findByRoot(bundles.own, root);
  const named = bundles.runs.has(`${runId}.before`) ? `${runId}.before` : undefined;
  const before = known ?? named;
  return restoreFault(
    "PLAN",
    "UNDO_NO_AFTER",
    before === undefined ? { run_id: runId } : { run_id: runId, before },
  );
}

/** The snapshot of a root. It mostly has the name that is tried first; an equal snapshot that was there before has another. */
function readByRoot(
  bundles: GuardBundles,
  root: HexDigest,
  name: string,
): Result<ReadSnapshot, RangeRefusal> {
  const runId = findByRoot(bundles.own, root);
  if (runId === undefined) return runMissing(bundles, name);
  const snapshot = readSnapshot(bundles, runId);
  if (!snapshot.ok) return snapshot;
  // The links were read without verification.
  if (snapshot.value === undefined || !isSameDigest(snapshot.value.bundleRoot, root))
    return runMissing(bundles, name);
  return ok(snapshot.value);
}
