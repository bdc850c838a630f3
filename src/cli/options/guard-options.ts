/** The options that say what is guarded, where its snapshots are, and which turn of an agent is meant. @module */

import { resolve } from "node:path";
import { ok, type Result } from "../../core/internal.ts";
import type { LocateRequest } from "../../node/back/guard/locate-guard.ts";
import { chooseTurn, type WantedTurn } from "../../node/back/guard/turns/choose-turn.ts";
import { readTurnsOf, type Turn } from "../../node/back/guard/turns/turn-record.ts";
import { nearest } from "../../node/records/project/near-runs.ts";
import { type OperationFault, operationFault } from "../../node/system/runtime/operation-fault.ts";
import type { Io } from "../output/io.ts";

/** Where the snapshots are, as parsed. */
export interface StoreOptions {
  readonly store?: string | undefined;
}

/** What is guarded, as parsed. */
export interface GuardOptions extends StoreOptions {
  readonly ignore: readonly string[];
  /** Bytes that a snapshot may add. */
  readonly budget?: number | undefined;
}

/** What finds the guard of a folder that the user named as `shown`. */
export function guardRequest(
  shown: string,
  { store }: StoreOptions,
  { cwd, environment }: Pick<Io, "cwd" | "environment">,
): Pick<LocateRequest, "shown" | "environment" | "store" | "shownStore"> {
  return {
    shown,
    environment,
    store: store === undefined ? undefined : resolve(cwd, store),
    shownStore: store,
  };
}

/** Which turn, as parsed: `true` is the last one. */
export interface TurnOptions {
  readonly turn?: number | true | undefined;
  readonly session?: string | undefined;
}

/** The turn that is meant. */
export function wantedTurn({ session, turn }: TurnOptions): WantedTurn {
  return { session, number: turn === true ? undefined : turn };
}

/** Finds the turn in a guard. Fails with RUN_NOT_FOUND. */
export function findTurn(home: string, shown: string, options: TurnOptions): Result<Turn, OperationFault> {
  const turn = chooseTurn(readTurnsOf(home), wantedTurn(options));
  if (turn !== undefined) return ok(turn);
  const name = typeof options.turn === "number" ? `turn ${options.turn}` : "turn";
  return operationFault("RUN_NOT_FOUND", {
    reason: "id",
    path: shown,
    run_id: name,
    ...nearest([], name),
    waiting: [],
  });
}
