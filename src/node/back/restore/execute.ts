/**
 * EXECUTE and VERIFY: stage, put in place, check, report; or roll all of it back (PROTOCOL 13.5 to 13.7).
 *
 * @module
 */

import { type RestoreFault, restoreFault } from "../../../core/internal.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../system/runtime/interruption.ts";
import { beginCleaning, beginMany, Tally } from "../../system/runtime/progress.ts";
import { faultOf } from "../transaction/fault-of.ts";
import type { TransactionEnd } from "../transaction/journal/transaction-end.ts";
import { checkOutput } from "../transaction/output-file.ts";
import type { RestoreFailure } from "../transaction/restore-failure.ts";
import { type Executed, runStep, runTransaction, type Step } from "../transaction/run-transaction.ts";
import { checkTree } from "./check-tree.ts";
import { beginWork, type Execution } from "./execution.ts";
import { stageAll, syncStaged } from "./stage-all.ts";
import { makeFileQueue } from "./work/file-queue.ts";
import { shareWork } from "./work/share-work.ts";
import { placedOutput } from "./work/shared-outputs.ts";

/**
 * Executes a plan, or gives the failure after everything was rolled back. Throws an Interruption when the
 * signal fired, and a WorkerDeath when a thread died, after everything was rolled back. The destination stays open.
 */
export async function execute(execution: Execution): Promise<Executed | RestoreFailure> {
  const { destination, entries } = execution;
  const { artifacts, length, links } = entries;
  const steps: readonly Step[] = [
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => destination.begin()],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => stageNames(execution)],
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
  return runTransaction(steps, () => end(execution));
}

/** Stages everything. In a folder that was empty a name is taken only if the file system takes another one for it, as in capitals. */
async function stageNames(execution: Execution): Promise<RestoreFault | undefined> {
  const fault = await runStep("EXECUTE", "RESTORE_INTERNAL_ERROR", () => stageAll(execution));
  const isTaken = fault?.code === "RESTORE_INTERNAL_ERROR" && fault.details.reason === "already-there";
  if (!isTaken || !execution.destination.createsByName) return fault;
  return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { ...fault.details, reason: "no-such-name" });
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
