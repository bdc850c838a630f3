/**
 * EXECUTE and VERIFY: stage, put in place, look again, report; or undo all of it (PROTOCOL 13.5 to 13.7).
 *
 * @module
 */

import { type RestoreCode, type RestoreFault, type RestorePhase, restoreFault } from "../../core/internal.ts";
import { Tally } from "../hashing/tally.ts";
import { publishCause } from "../runtime/cause-channel.ts";
import { breathe, Interruption } from "../runtime/interruption.ts";
import { beginCleaning, beginMany } from "../runtime/progress.ts";
import { WorkerDeath } from "../work/worker-death.ts";
import type { Execution } from "./execution.ts";
import type { Settled } from "./journal/settle.ts";
import { lookAgain } from "./look-again.ts";
import { beginWork } from "./restore-progress.ts";
import { stageAll } from "./stage-all.ts";
import { syncStaged } from "./sync-staged.ts";
import { type RestoreFailure, undone } from "./target/restore-outcome.ts";
import { faultOf } from "./work/step-fault.ts";

/** A step of the execution: its phase, and the code for what the system refuses in it. */
type Step = readonly [
  RestorePhase,
  RestoreCode,
  () => Promise<RestoreFault | undefined> | RestoreFault | undefined,
];

/** All is in place; `isClean` is whether the staging folder is gone. */
export interface Executed {
  readonly ok: true;
  readonly isClean: boolean;
}

/**
 * Carries a plan out, or gives the failure after everything was undone. Throws an Interruption when the
 * signal fired, and a WorkerDeath when a thread died, and everything was undone. The destination stays open.
 */
export async function execute(execution: Execution): Promise<Executed | RestoreFailure> {
  const { destination, entries } = execution;
  const { artifacts, length } = entries;
  const steps: readonly Step[] = [
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => destination.begin()],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => stageAll(execution)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => syncStaged(execution)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => prepare(execution)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => destination.makeFolders()],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => putAll(execution, 0, artifacts)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => lookAgain(execution)],
    ["VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", () => putAll(execution, artifacts, length)],
    ["VERIFY", "RESTORE_FINALIZE_FAILED", () => arrive(execution)],
  ];
  try {
    for (const [phase, code, run] of steps) {
      const fault = await attempt(phase, code, run);
      if (fault !== undefined) return endedBy(settle(execution), fault);
    }
  } catch (thrown) {
    const settled = settle(execution);
    if (endsAll(thrown) && isUndone(settled)) throw thrown;
    publishCause(thrown);
    return undoneBy(restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR"), settled);
  }
  return endedBy(settle(execution), restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED"));
}

function prepare({ destination, entries, progress }: Execution): RestoreFault | undefined {
  beginMany(progress, "prepare", entries.length);
  return destination.prepare();
}

function arrive({ destination, entries, progress }: Execution): RestoreFault | undefined {
  beginMany(progress, "commit", entries.length);
  return destination.arrive();
}

/** Cleans up, or undoes what was done so far. */
function settle({ destination, entries, progress }: Execution): Settled {
  beginCleaning(progress, entries.length);
  return destination.settle();
}

/** What is on the disk decides: a commit may have done its work, and failed, and not have been looked at. */
function endedBy(settled: Settled, fault: RestoreFault): Executed | RestoreFailure {
  if (settled.state === "everything") return { ok: true, isClean: settled.clean };
  return settled.state === "in-doubt" ? inDoubt() : undoneBy(fault, settled);
}

function isUndone(settled: Settled): boolean {
  return settled.state === "nothing" && settled.clean;
}

function undoneBy(fault: RestoreFault, settled: Settled): RestoreFailure {
  const astray = settled.state === "unresolved" ? settled.astray : [];
  const details = astray.length === 0 ? fault.details : { ...fault.details, astray };
  return undone({ ...fault, details }, isUndone(settled));
}

function inDoubt(): RestoreFailure {
  return { ...restoreFault("VERIFY", "RESTORE_IN_DOUBT"), cause_code: null, wrote: true };
}

async function attempt(
  phase: RestorePhase,
  code: RestoreCode,
  run: Step[2],
): Promise<RestoreFault | undefined> {
  try {
    return await run();
  } catch (thrown) {
    if (endsAll(thrown)) throw thrown;
    return faultOf(thrown, phase, code);
  }
}

/** What is no fault of the restore: whoever called it hears of it, once all was undone. */
function endsAll(thrown: unknown): boolean {
  return thrown instanceof Interruption || thrown instanceof WorkerDeath;
}

async function putAll(execution: Execution, from: number, end: number): Promise<RestoreFault | undefined> {
  const { destination, entries, signal } = execution;
  const isReport = from === entries.artifacts;
  const tally = isReport ? undefined : new Tally(beginWork("place", execution));
  const phase = isReport ? "VERIFY" : "EXECUTE";
  const code = isReport ? "RESTORE_RESULT_ARTIFACT_WRITE_FAILED" : "RESTORE_FINALIZE_FAILED";
  for (let index = from; index < end; index++) {
    try {
      destination.put(index);
    } catch (thrown) {
      return faultOf(thrown, phase, code, entries.path(index));
    }
    tally?.countFile();
    const breath = breathe(index, signal);
    if (breath === undefined) continue;
    tally?.tell();
    await breath;
  }
  tally?.tell();
  return undefined;
}
