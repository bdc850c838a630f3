/**
 * EXECUTE and VERIFY: stage, put in place, look again, report; or undo all of it (PROTOCOL 13.5 to 13.7).
 *
 * @module
 */

import {
  matchesDigest,
  type RestoreCode,
  type RestoreFault,
  type RestorePhase,
  restoreFault,
} from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import type { FileSystem } from "../files/file-system.ts";
import { hashOpenFile, makeReadBuffer } from "../files/hash-file.ts";
import { errnoOf, machineReason } from "../files/machine-reason.ts";
import { acceptRegularFile, type OpenSource } from "../files/read-source.ts";
import { breathe, driveSteps, Interruption } from "../interruption.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { OutputSource } from "../store/output-source.ts";
import type { Destination } from "./destination.ts";
import type { Entries, Entry } from "./entries.ts";
import { type RestoreFailure, undone } from "./restore-outcome.ts";
import type { Settled } from "./settle.ts";
import { stageBytes, stageOutput } from "./stage-entry.ts";

/** What to do, from where to where. */
export interface Execution {
  readonly entries: Entries;
  /** Where the outputs of a run come from. */
  readonly sourceOf: (runId: string) => OutputSource;
  readonly destination: Destination;
  readonly signal: AbortSignal | undefined;
  readonly fs: FileSystem;
}

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
 * signal fired and everything was undone. The destination stays open.
 */
export async function execute(execution: Execution): Promise<Executed | RestoreFailure> {
  const { destination, entries } = execution;
  const { all, artifacts } = entries;
  const steps: readonly Step[] = [
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => destination.begin()],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => stageAll(execution)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => destination.prepare()],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => destination.makeFolders()],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => putAll(execution, 0, artifacts)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => lookAgain(execution)],
    ["VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", () => putAll(execution, artifacts, all.length)],
    ["VERIFY", "RESTORE_FINALIZE_FAILED", () => destination.arrive()],
  ];
  try {
    for (const [phase, code, run] of steps) {
      const fault = await attempt(phase, code, run);
      if (fault !== undefined) return endedBy(destination.settle(), fault);
    }
  } catch (thrown) {
    const settled = destination.settle();
    if (thrown instanceof Interruption && isUndone(settled)) throw thrown;
    publishCause(thrown);
    return undoneBy(restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR"), settled);
  }
  return endedBy(destination.settle(), restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED"));
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
    if (thrown instanceof Interruption) throw thrown;
    return faultOf(thrown, phase, code);
  }
}

/** Whatever was thrown, all is undone; a bug is told from a system error by having no reason. */
function faultOf(thrown: unknown, phase: RestorePhase, code: RestoreCode, path?: string): RestoreFault {
  const where = path === undefined ? {} : { path };
  const reason = machineReason(thrown);
  if (reason !== undefined) return restoreFault(phase, code, { ...where, reason });
  publishCause(thrown);
  return restoreFault(phase, "RESTORE_INTERNAL_ERROR", where);
}

async function stageAll(execution: Execution): Promise<RestoreFault | undefined> {
  const { entries, signal } = execution;
  const buffer = makeReadBuffer();
  for (const [index, entry] of entries.all.entries()) {
    const fault = await stage(execution, index, entry, buffer);
    if (fault !== undefined) return fault;
    await breathe(index, signal);
  }
  return undefined;
}

async function stage(
  { destination, entries, fs, signal, sourceOf }: Execution,
  index: number,
  { origin, path }: Entry,
  buffer: Uint8Array,
): Promise<RestoreFault | undefined> {
  const create = (): number => destination.create(index);
  if (!(origin instanceof Uint8Array)) {
    return driveSteps(stageOutput(origin, sourceOf(origin.runId), create, buffer, fs), signal);
  }
  try {
    stageBytes(origin, create, fs);
    return undefined;
  } catch (thrown) {
    if (index < entries.artifacts) throw thrown;
    return faultOf(thrown, "VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", path);
  }
}

async function putAll(
  { destination, entries, signal }: Execution,
  from: number,
  end: number,
): Promise<RestoreFault | undefined> {
  const isReport = from === entries.artifacts;
  const phase = isReport ? "VERIFY" : "EXECUTE";
  const code = isReport ? "RESTORE_RESULT_ARTIFACT_WRITE_FAILED" : "RESTORE_FINALIZE_FAILED";
  for (let index = from; index < end; index++) {
    try {
      destination.put(index);
    } catch (thrown) {
      return faultOf(thrown, phase, code, entries.all[index]?.path);
    }
    await breathe(index, signal);
  }
  return undefined;
}

/** Each output is hashed again where it stands now, not where it was staged. */
async function lookAgain(execution: Execution): Promise<RestoreFault | undefined> {
  const { entries, fs, signal } = execution;
  const buffer = makeReadBuffer();
  for (let index = entries.passing; index < entries.artifacts; index++) {
    const entry = entries.all[index];
    if (entry === undefined || entry.origin instanceof Uint8Array) continue;
    const { path, origin } = entry;
    const opened = openAgain(execution, index);
    if (opened === "missing") return restoreFault("VERIFY", "RESTORE_OUTPUT_MISSING_AFTER_RESTORE", { path });
    try {
      const found = opened && (await driveSteps(hashOpenFile(opened, buffer, fs), signal));
      if (found?.kind !== "file" || !matchesDigest(origin.digest, found.digest, nodeCrypto)) {
        return restoreFault("VERIFY", "RESTORE_HASH_MISMATCH_AFTER_RESTORE", { path });
      }
    } finally {
      if (opened !== undefined) fs.closeSync(opened.fd);
    }
    await breathe(index, signal);
  }
  return undefined;
}

/** Opens what stands in an output's place now; `undefined` where that is no regular file. */
function openAgain({ destination, fs }: Execution, index: number): OpenSource | "missing" | undefined {
  try {
    return acceptRegularFile(destination.open(index), fs);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    // A folder on the way was moved away, or a link stands in its place.
    if (errno === "ENOENT" || errno === "ENOTDIR") return "missing";
    if (errno === "ELOOP" || errno === "ENXIO") return undefined;
    throw thrown;
  }
}
