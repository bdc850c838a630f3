/**
 * EXECUTE and VERIFY: stage, put in place, look again, report; or undo all of it (PROTOCOL 13.5 to 13.7).
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import {
  encodeRestoreManifest,
  encodeRestoreReport,
  matchesDigest,
  RESULT_ARTIFACTS,
  type RestoreCode,
  type RestoreFault,
  type RestorePhase,
  type RestorePlan,
  restoreFault,
} from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import { AnchoredRoot } from "../files/anchored-root.ts";
import type { FileSystem } from "../files/file-system.ts";
import { hashFile, makeReadBuffer } from "../files/hash-file.ts";
import { machineReason } from "../files/machine-reason.ts";
import { driveSteps, Interruption, throwIfInterrupted } from "../interruption.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { Placement } from "./placement.ts";
import { type RestoreFailure, undone } from "./restore-outcome.ts";
import { Staging } from "./staging.ts";

/** What to do, from where to where. */
export interface Execution {
  readonly plan: RestorePlan;
  /** The project root. */
  readonly source: AnchoredRoot;
  /** The restore root. */
  readonly target: AnchoredRoot;
  /** The very last step, after which all is where the caller wants it; RESTORE_FINALIZE_FAILED if it can't be. */
  readonly arrive: () => RestoreFault | undefined;
  /** Takes back what the caller made for this restore, after all else was taken back. Gives whether it is gone. */
  readonly retreat: () => boolean;
  readonly signal: AbortSignal | undefined;
  readonly fs: FileSystem;
}

/** A step of the execution: its phase, and the code for what the system refuses in it. */
type Step = readonly [
  RestorePhase,
  RestoreCode,
  () => Promise<RestoreFault | undefined> | RestoreFault | undefined,
];

/**
 * Carries a plan out. Gives `undefined` when all is in place, else the failure, after everything was
 * undone. Throws an Interruption when the signal fired and everything was undone.
 */
export async function execute(execution: Execution): Promise<RestoreFailure | undefined> {
  const { target, fs } = execution;
  const staging = new Staging(target.dir, fs);
  const placement = new Placement(target, fs);
  const steps: readonly Step[] = [
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => staging.make()],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => stageAll(execution, staging)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => putAll(execution, staging, placement)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => lookAgain(execution)],
    ["VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", () => report(execution, staging, placement)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => placement.sync()],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => staging.remove()],
    ["VERIFY", "RESTORE_FINALIZE_FAILED", () => execution.arrive()],
  ];
  try {
    for (const [phase, code, run] of steps) {
      const fault = await attempt(phase, code, run);
      if (fault !== undefined) return undone(fault, undoAll(execution, staging, placement));
    }
    return undefined;
  } catch (thrown) {
    const clean = undoAll(execution, staging, placement);
    if (thrown instanceof Interruption && clean) throw thrown;
    publishCause(thrown);
    return undone(restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR"), clean);
  } finally {
    staging.close();
  }
}

async function attempt(
  phase: RestorePhase,
  code: RestoreCode,
  run: Step[2],
): Promise<RestoreFault | undefined> {
  try {
    return await run();
  } catch (thrown) {
    if (thrown instanceof Interruption) throw thrown;
    return faultOf(thrown, phase, code);
  }
}

/** Whatever was thrown, all is undone; a bug is told from a system error by having no reason. */
function faultOf(thrown: unknown, phase: RestorePhase, code: RestoreCode): RestoreFault {
  const reason = machineReason(thrown);
  if (reason !== undefined) return restoreFault(phase, code, { reason });
  publishCause(thrown);
  return restoreFault(phase, "RESTORE_INTERNAL_ERROR");
}

async function stageAll(
  { plan, source, signal }: Execution,
  staging: Staging,
): Promise<RestoreFault | undefined> {
  for (const [index, output] of plan.files.entries()) {
    const fault = await driveSteps(staging.copyIn(index, source, output), signal);
    if (fault !== undefined) return fault;
    await breathe(index, signal);
  }
  return undefined;
}

async function putAll(
  { plan, signal }: Execution,
  staging: Staging,
  placement: Placement,
): Promise<RestoreFault | undefined> {
  for (const [index, { path }] of plan.files.entries()) {
    const fault = put(staging, placement, index, path, "RESTORE_FINALIZE_FAILED");
    if (fault !== undefined) return { ...fault, phase: "EXECUTE" };
    await breathe(index, signal);
  }
  return undefined;
}

/** Each target is hashed again where it stands now, not where it was staged. */
async function lookAgain({ plan, target, signal, fs }: Execution): Promise<RestoreFault | undefined> {
  const buffer = makeReadBuffer();
  // Walked afresh: a folder that is still open from the placing may stand elsewhere by now.
  const walk = new AnchoredRoot(target.dir, target.real, fs);
  try {
    for (const [index, { path, digest }] of plan.files.entries()) {
      const found = await driveSteps(hashFile(walk, path, buffer, fs), signal);
      if (found.kind === "missing")
        return restoreFault("VERIFY", "RESTORE_OUTPUT_MISSING_AFTER_RESTORE", { path });
      if (found.kind !== "file" || !matchesDigest(digest, found.digest, nodeCrypto)) {
        return restoreFault("VERIFY", "RESTORE_HASH_MISMATCH_AFTER_RESTORE", { path });
      }
      await breathe(index, signal);
    }
    return undefined;
  } finally {
    walk.closeFolders();
  }
}

function report({ plan }: Execution, staging: Staging, placement: Placement): RestoreFault | undefined {
  const artifacts = [encodeRestoreManifest(plan), encodeRestoreReport(plan, undefined)];
  for (const [offset, name] of RESULT_ARTIFACTS.entries()) {
    const index = plan.files.length + offset;
    staging.write(index, artifacts[offset] ?? new Uint8Array());
    const fault = put(staging, placement, index, name, "RESTORE_RESULT_ARTIFACT_WRITE_FAILED");
    if (fault !== undefined) return { ...fault, phase: "VERIFY" };
  }
  return undefined;
}

function put(
  staging: Staging,
  placement: Placement,
  index: number,
  path: string,
  code: RestoreCode,
): RestoreFault | undefined {
  try {
    const obstacle = placement.put(staging, index, path);
    return obstacle === undefined
      ? undefined
      : restoreFault("EXECUTE", code, { path, reason: "not-a-folder" });
  } catch (thrown) {
    const fault = faultOf(thrown, "EXECUTE", code);
    return { ...fault, details: { ...fault.details, path } };
  }
}

/** Takes back what was put in place, then the staging folder, then a new root. All are tried, whatever happens to one. */
function undoAll({ retreat }: Execution, staging: Staging, placement: Placement): boolean {
  const placed = placement.undo();
  const unstaged = removes(staging);
  return retreat() && placed && unstaged;
}

function removes(staging: Staging): boolean {
  try {
    staging.remove();
    return true;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return false;
  }
}

/** Signals are heard of only between the turns of the event loop. */
async function breathe(index: number, signal: AbortSignal | undefined): Promise<void> {
  if (index % 64 !== 63) return;
  await setImmediate();
  throwIfInterrupted(signal);
}
