/**
 * Takes the snapshots of a turn: one before the agent gets a prompt, and one when it has answered. What fails is noted in the turn's record:
 * an agent must not wait, and a turn without a snapshot must not look like one.
 *
 * @module
 */

import { join } from "node:path";
import { formatUtcSecond, type HexDigest, ok, type Result } from "../../../core/internal.ts";
import { inspectBundle } from "../../judge/history/inspect-run.ts";
import type { Released, SealFault } from "../../make/seal/while-held.ts";
import { OWN_FOLDER, ownFolderOf, runsFolderOf } from "../../records/project/project-names.ts";
import { openRuns } from "../../records/project/run-links.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { Interruption } from "../../system/runtime/interruption.ts";
import { attempt, reasonOf } from "../../system/runtime/machine-reason.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import { operationFault } from "../../system/runtime/operation-fault.ts";
import { findRunAtRoot } from "../guard/equal-snapshot.ts";
import type { LocatedGuard } from "../guard/locate-guard.ts";
import { type TakenSnapshot, type TakeSnapshotRequest, takeSnapshot } from "../guard/take-snapshot.ts";
import {
  claimTurn,
  dropTurn,
  readTurns,
  saveTurn,
  sessionOf,
  type Turn,
  turnIdOf,
} from "../guard/turns/turn-record.ts";

/** Whose turn, and how to take its snapshot. */
export interface TakeTurnRequest
  extends Omit<TakeSnapshotRequest, "budget" | "folder" | "ignore" | "message" | "runId" | "turn"> {
  /** Its guard is there already: an agent makes none. */
  readonly guard: LocatedGuard;
  /** The agent's id of the session. */
  readonly session: string;
  /** How long to wait for the lock of the guard; undefined: as long as it takes. */
  readonly lockMs?: number | undefined;
}

/** A turn whose snapshot was taken. */
export interface TakenTurn {
  readonly turn: Turn;
  readonly taken: Released<TakenSnapshot>;
  /** Whether it is the session's last turn, which had changed nothing. */
  readonly isJoined: boolean;
}

/**
 * Begins a turn. With `joins`, a prompt joins the last turn of the session if nothing was changed since that began: agents send prompts of
 * their own. Fails as `takeSnapshot` does, with LOCKED after `lockMs`, and with WRITE_FAILED; the turn is recorded then with the code, if
 * it can be. Throws an Interruption.
 */
export async function beginTurn(
  request: TakeTurnRequest,
  joins: boolean,
): Promise<Result<TakenTurn, SealFault>> {
  const session = sessionOf(request.session);
  return await inOwnFolder(request, async (own) => {
    const turn = claimTurn(own, session, formatUtcSecond(request.now));
    const snapshot = { moment: "before", turnId: turnIdOf(turn), ignored: undefined } as const;
    const taken = await takeNoted(own, turn, `${turnIdOf(turn)}.before`, snapshot, request);
    if (!taken.ok) return taken;
    const { bundleRoot } = taken.value;
    const last = readTurns(own).findLast((each) => each.number < turn.number && isOf(each, session));
    const isJoined =
      joins &&
      last?.before !== undefined &&
      isSameDigest(last.before, bundleRoot) &&
      isSameDigest(last.after ?? bundleRoot, bundleRoot);
    const begun: Turn = isJoined
      ? { ...last, after: undefined, failure: undefined }
      : { ...turn, before: bundleRoot, failure: undefined };
    saveTurn(own, begun);
    if (isJoined) dropTurn(own, turn);
    return ok({ turn: begun, taken: taken.value, isJoined });
  });
}

/** Notes that a prompt has no snapshot. Gives the turn. Fails with WRITE_FAILED. */
export async function noteFailedTurn(
  request: Pick<TakeTurnRequest, "guard" | "now" | "session">,
  failure: string,
): Promise<Result<Turn, SealFault>> {
  return await inOwnFolder(request, async (own) => {
    const turn = { ...claimTurn(own, sessionOf(request.session), formatUtcSecond(request.now)), failure };
    saveTurn(own, turn);
    return ok(turn);
  });
}

/**
 * Ends the last turn of a session; gives `undefined` if there is none to end. An agent that answers again, without a prompt in between, goes on
 * with its turn if `again` says so. Fails and throws as `beginTurn` does.
 */
export async function endTurn(
  request: TakeTurnRequest,
  again: boolean,
): Promise<Result<TakenTurn | undefined, SealFault>> {
  const session = sessionOf(request.session);
  return await inOwnFolder(request, async (own) => {
    const turn = readTurns(own).findLast((each) => isOf(each, session));
    if (turn?.before === undefined || (turn.after !== undefined && !again)) return ok(undefined);
    const ignored = patternsBefore(request.guard.home, turn.before);
    const snapshot = { moment: "after", turnId: turnIdOf(turn), ignored } as const;
    const taken = await takeNoted(own, turn, freeId(own, `${turnIdOf(turn)}.after`), snapshot, request);
    if (!taken.ok) return taken;
    const ended: Turn = { ...turn, after: taken.value.bundleRoot, failure: undefined };
    saveTurn(own, ended);
    return ok({ turn: ended, taken: taken.value, isJoined: false });
  });
}

async function inOwnFolder<Value>(
  { guard }: Pick<TakeTurnRequest, "guard">,
  act: (own: AnchoredDir) => Promise<Result<Value, SealFault>>,
): Promise<Result<Value, SealFault>> {
  try {
    using own = AnchoredDir.open(ownFolderOf(guard.home));
    return await act(own);
  } catch (thrown) {
    if (thrown instanceof Interruption) throw thrown;
    return operationFault("WRITE_FAILED", {
      path: `${guard.homePath}/${OWN_FOLDER}`,
      reason: reasonOf(thrown),
    });
  }
}

/** Takes a snapshot, and notes in the record of the turn why there is none. */
async function takeNoted(
  own: AnchoredDir,
  turn: Turn,
  runId: string,
  snapshot: Pick<NonNullable<TakeSnapshotRequest["turn"]>, "ignored" | "moment" | "turnId">,
  { guard, lockMs, ...request }: TakeTurnRequest,
): Promise<Result<Released<TakenSnapshot>, SealFault>> {
  const note = (failure: string): boolean => attempt(() => saveTurn(own, { ...turn, failure }));
  const late = lockMs === undefined ? undefined : AbortSignal.timeout(lockMs);
  const signals = [request.signal, late].filter((signal) => signal !== undefined);
  try {
    const taken = await takeSnapshot({
      ...request,
      folder: guard.root,
      ignore: [],
      runId,
      turn: { ...snapshot, isUnattended: lockMs !== undefined, lockSignal: AbortSignal.any(signals) },
    });
    if (!taken.ok) note(taken.code);
    return taken;
  } catch (thrown) {
    if (!(thrown instanceof Interruption)) throw thrown;
    const isLate = late?.aborted === true && request.signal?.aborted !== true;
    note(isLate ? "LOCKED" : "INTERRUPTED");
    if (!isLate) throw thrown;
    return operationFault("LOCKED", { reason: "project", path: `${guard.homePath}/${OWN_FOLDER}/lock` });
  }
}

function isOf(turn: Turn, session: HexDigest): boolean {
  return isSameDigest(turn.session, session);
}

/** The patterns by which a snapshot left something out. */
function patternsBefore(home: string, root: HexDigest): readonly string[] | undefined {
  const runId = findRunAtRoot(home, root);
  return runId === undefined ? undefined : inspectBundle(join(runsFolderOf(home), runId)).tree?.ignored;
}

function freeId(own: AnchoredDir, runId: string): string {
  using runs = openRuns(own);
  for (let number = 1; ; number++) {
    const id = number === 1 ? runId : `${runId}-${number}`;
    if (runs?.has(id) !== true) return id;
  }
}
