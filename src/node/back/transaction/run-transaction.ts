/**
 * The steps of a transaction one after the other, and how their end is reported: what is on the disk decides.
 *
 * @module
 */

import {
  type RestoreCode,
  type RestoreFault,
  type RestorePhase,
  restoreFault,
} from "../../../core/internal.ts";
import { publishCause } from "../../system/runtime/cause-channel.ts";
import { Interruption } from "../../system/runtime/interruption.ts";
import { WorkerDeath } from "../../system/work/worker-death.ts";
import { astrayFacts, type TransactionEnd } from "./journal/transaction-end.ts";
import { type RestoreFailure, rolledBack } from "./restore-failure.ts";
import { faultOf } from "./work/fault-of.ts";

/** A step of a transaction: its phase, and the code for a refusal by the system. */
export type Step = readonly [
  RestorePhase,
  RestoreCode,
  () => Promise<RestoreFault | undefined> | RestoreFault | undefined,
];

/** All is in place; `isClean` is whether the staging folder is removed. */
export interface Executed {
  readonly ok: true;
  readonly isClean: boolean;
}

/**
 * Runs the steps of a transaction, and then ends it: it is committed, or everything is rolled back. Throws an Interruption when the
 * signal fired, and a WorkerDeath when a thread died, after everything was rolled back.
 */
export async function runTransaction(
  steps: readonly Step[],
  end: () => TransactionEnd,
): Promise<Executed | RestoreFailure> {
  try {
    for (const [phase, code, run] of steps) {
      const fault = await runStep(phase, code, run);
      if (fault !== undefined) return endedBy(end(), fault);
    }
  } catch (thrown) {
    const ended = end();
    if (isForCaller(thrown) && isRolledBack(ended)) throw thrown;
    publishCause(thrown);
    return rolledBackBy(restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR"), ended);
  }
  return endedBy(end(), restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED"));
}

/** What is on the disk decides: a commit may have taken effect and failed all the same. */
function endedBy(ended: TransactionEnd, fault: RestoreFault): Executed | RestoreFailure {
  if (ended.state === "everything") return { ok: true, isClean: ended.clean };
  if (ended.state !== "in-doubt") return rolledBackBy(fault, ended);
  return { ...restoreFault("VERIFY", "IN_DOUBT"), cause_code: null, wrote: true };
}

function isRolledBack(ended: TransactionEnd): boolean {
  return ended.state === "nothing" && ended.clean;
}

function rolledBackBy(fault: RestoreFault, ended: TransactionEnd): RestoreFailure {
  const details = "astray" in ended ? { ...fault.details, ...astrayFacts(ended) } : fault.details;
  return rolledBack({ ...fault, details }, isRolledBack(ended));
}

/** Runs one step, and gives the fault for what it throws; not for what is the caller's to handle. */
export async function runStep(
  phase: RestorePhase,
  code: RestoreCode,
  run: Step[2],
): Promise<RestoreFault | undefined> {
  try {
    return await run();
  } catch (thrown) {
    if (isForCaller(thrown)) throw thrown;
    return faultOf(thrown, phase, code);
  }
}

/** Whether an exception is not a fault of the transaction: it is thrown to the caller after the rollback. */
export function isForCaller(thrown: unknown): boolean {
  return thrown instanceof Interruption || thrown instanceof WorkerDeath;
}
