/** Which runs and turns `prune` keeps: the newest ones, and for how long. @module */

import {
  type CutPlan,
  DigestIndex,
  formatUtcSecond,
  type HexDigest,
  type History,
  type HistoryRun,
  isHexDigest,
  type JsonObject,
  type Retention,
} from "../../../../core/internal.ts";
import type { VerifyFailure } from "../../../records/bundle/verify-context.ts";
import { nodeCrypto } from "../../../system/runtime/node-crypto.ts";
import { KEPT_SECONDS, type KeepRules } from "../keep-rules.ts";
import { parseTurnId, type Turn, turnIdOf } from "../turns/turn-record.ts";

/** How many of the newest runs are kept unless the caller says otherwise. */
export const KEPT_RUNS = 50;

/** A run whose artifacts were judged. */
export interface ForgettableRun extends HistoryRun {
  /** What it was rejected for. */
  readonly failure: VerifyFailure | undefined;
  readonly counts: boolean;
  /** Roots of the snapshots that it names. */
  readonly needs: readonly HexDigest[];
}

/**
 * Snapshots around a command or a revert belong to it. One that a user asked for counts. So does the one after a revert, which is the
 * revert's own bundle and names the one before it, and the one after a turn, whose record names the one before it.
 */
export function kindOf(
  { guard }: HistoryRun,
  task: JsonObject | undefined,
  turns: readonly Turn[],
): Pick<ForgettableRun, "counts" | "needs"> {
  const [moment, before] = [task?.get("moment"), task?.get("before")];
  const isRevert = moment === "revert" && isHexDigest(before);
  const ofRun = task?.get("of_run");
  const isTurn = moment === "after" && typeof ofRun === "string" && parseTurnId(ofRun) !== undefined;
  const counts = task?.get("kind") !== "snapshot" || moment === "manual" || isRevert || isTurn;
  const ofTurn = isTurn ? turns.find((turn) => turnIdOf(turn) === ofRun)?.before : undefined;
  const named = isRevert ? [before] : [guard?.before, guard?.after, ofTurn];
  return { counts, needs: named.filter((root) => root !== undefined) };
}

/** The rules as a plan of a cut takes them; both are the usual ones if neither is named. */
export function rulesOf({ keepLast, keepWithin, now }: KeepRules): Omit<Retention<ForgettableRun>, "pinned"> {
  const isUsual = keepLast === undefined && keepWithin === undefined;
  const [last, seconds] = isUsual ? [KEPT_RUNS, KEPT_SECONDS] : [keepLast, keepWithin];
  const since = seconds === undefined ? undefined : formatUtcSecond(Math.max(0, now - seconds));
  return { counts: ({ counts }) => counts, needs: ({ needs }) => needs, last, since };
}

/** Turns are kept with their snapshots, and for their time if they have none. */
export function keptTurns(
  { forgotten }: CutPlan<ForgettableRun>,
  { places }: History<ForgettableRun>,
  { keepWithin = KEPT_SECONDS, now }: KeepRules,
): (turn: Turn) => boolean {
  const kept = new DigestIndex<string>(nodeCrypto);
  for (const { bundleRoot, runId } of places.keys())
    if (bundleRoot !== undefined) kept.add(bundleRoot, runId);
  const gone = new Set(forgotten.map(({ runId }) => runId));
  const since = formatUtcSecond(Math.max(0, now - keepWithin));
  return ({ before, started }) =>
    before === undefined ? started >= since : kept.at(before).some((runId) => !gone.has(runId));
}
