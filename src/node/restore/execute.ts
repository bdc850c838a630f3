/**
 * EXECUTE and VERIFY: stage, put in place, check, report; or roll all of it back (PROTOCOL 13.5 to 13.7).
 *
 * @module
 */

import { type RestoreCode, type RestoreFault, type RestorePhase, restoreFault } from "../../core/internal.ts";
import { makeReadBuffer } from "../hashing/hash-file.ts";
import { publishCause } from "../runtime/cause-channel.ts";
import { breathe, driveSteps, Interruption } from "../runtime/interruption.ts";
import { beginCleaning, beginMany, Tally } from "../runtime/progress.ts";
import { WorkerDeath } from "../work/worker-death.ts";
import { checkTree } from "./check-tree.ts";
import { beginWork, type Execution } from "./execution.ts";
import type { TransactionEnd } from "./journal/end-transaction.ts";
import { stageAll, syncStaged } from "./stage-all.ts";
import { type RestoreFailure, rolledBack } from "./target/restore-outcome.ts";
import { makeFileQueue } from "./work/file-queue.ts";
import { checkOutput, placedOutput } from "./work/output-file.ts";
import { faultOf } from "./work/output-task.ts";
import { shareWork } from "./work/share-work.ts";

/** A step of the execution: its phase, and the code for a refusal by the system. */
type Step = readonly [
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
 * Executes a plan, or gives the failure after everything was rolled back. Throws an Interruption when the
 * signal fired, and a WorkerDeath when a thread died, after everything was rolled back. The destination stays open.
 */
export async function execute(execution: Execution): Promise<Executed | RestoreFailure> {
  const { destination, entries } = execution;
  const { artifacts, length, links } = entries;
  const steps: readonly Step[] = [
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => destination.begin()],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => stageAll(execution)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => syncStaged(execution)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => prepare(execution)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => destination.makeFolders()],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => putAll(execution, 0, artifacts)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => putAll(execution, links, length)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => checkAll(execution)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => checkTree(execution)],
    ["VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", () => putAll(execution, artifacts, links)],
    ["VERIFY", "RESTORE_FINALIZE_FAILED", () => commit(execution)],
  ];
  try {
    for (const [phase, code, run] of steps) {
      const fault = await runStep(phase, code, run);
      if (fault !== undefined) return endedBy(end(execution), fault);
    }
  } catch (thrown) {
    const ended = end(execution);
    if (isForCaller(thrown) && isRolledBack(ended)) throw thrown;
    publishCause(thrown);
    return rolledBackBy(restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR"), ended);
  }
  return endedBy(end(execution), restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED"));
}

function prepare({ destination, entries, progress }: Execution): RestoreFault | undefined {
  beginMany(progress, "prepare", entries.length);
  return destination.prepare();
}

function commit({ destination, entries, progress }: Execution): RestoreFault | undefined {
  beginMany(progress, "commit", entries.length);
  return destination.commit();
}

/** Cleans up after a commit, else rolls back. */
function end({ destination, entries, progress }: Execution): TransactionEnd {
  beginCleaning(progress, entries.length);
  return destination.end();
}

/** What is on the disk decides: a commit may have taken effect and failed all the same. */
function endedBy(ended: TransactionEnd, fault: RestoreFault): Executed | RestoreFailure {
  if (ended.state === "everything") return { ok: true, isClean: ended.clean };
  if (ended.state !== "in-doubt") return rolledBackBy(fault, ended);
  return { ...restoreFault("VERIFY", "RESTORE_IN_DOUBT"), cause_code: null, wrote: true };
}

function isRolledBack(ended: TransactionEnd): boolean {
  return ended.state === "nothing" && ended.clean;
}

function rolledBackBy(fault: RestoreFault, ended: TransactionEnd): RestoreFailure {
  const astray = ended.state === "unresolved" ? ended.astray : [];
  const details = astray.length === 0 ? fault.details : { ...fault.details, astray };
  return rolledBack({ ...fault, details }, isRolledBack(ended));
}

async function runStep(
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

/** Whether an exception is not a fault of the restore: it is thrown to the caller after the rollback. */
function isForCaller(thrown: unknown): boolean {
  return thrown instanceof Interruption || thrown instanceof WorkerDeath;
}

async function putAll(execution: Execution, from: number, end: number): Promise<RestoreFault | undefined> {
  const { destination, entries, signal } = execution;
  const isReport = from >= entries.artifacts && end <= entries.links;
  const tally = from === 0 ? new Tally(beginWork("place", execution)) : undefined;
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

/**
 * Hashes each output again in its place, not where it was staged (PROTOCOL 13.6). Gives the first fault in their order.
 * Throws what the system says.
 */
async function checkAll(execution: Execution): Promise<RestoreFault | undefined> {
  const { pool, destination, entries, fs, signal, usesPool } = execution;
  const { outputs, passing, shared } = entries;
  const done = beginWork("check", execution);
  if (pool !== undefined) {
    const files = destination.placed();
    const queue = makeFileQueue(outputs.length, done);
    return shareWork({ task: "check", queue, files, outputs: shared }, pool, signal);
  }
  const tally = new Tally(done);
  const count = (bytes: number): void => tally.countBytes(bytes);
  const options = { buffer: makeReadBuffer(), fs, usesPool, count };
  for (let index = 0; index < outputs.length; index++) {
    const open = (): number => destination.open(passing + index);
    const fault = await driveSteps(checkOutput(placedOutput(outputs, index), open, options), signal);
    if (fault !== undefined) return fault;
    tally.countFile();
    tally.tell();
    await breathe(index, signal);
  }
  return undefined;
}
