/** Seals the parent of parts: an ordinary run whose outputs are the bundles of the runs of an audit. @module */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { push, type Result, seal } from "runseal";
import { ok } from "runseal/core";
import { artifactsDigest } from "../audit/artifacts.ts";
import { type AuditReport, type ReportedRun, readReport } from "../audit/read-audit.ts";
import { WorkerFunctions } from "../database/functions.ts";
import { type CommandFault, type FleetFault, fleetFault } from "../outcome/fault.ts";
import { partsIn } from "./conclude.ts";
import { openTask } from "./open-runs.ts";

/** What to join, and where. */
export interface JoinRequest {
  /** An audit that has ended. All of its runs that have no parts themselves are parts. */
  readonly audit: string;
  /** How many there must be; undefined: as many as there are. */
  readonly parts: number | undefined;
  /** The project that takes the parent in, and the folder in it that is made for the bundles. */
  readonly project: string;
  readonly folder: string;
  /** The id of the parent, and the key that signs it; undefined: as `runseal seal` chooses them. */
  readonly id: string | undefined;
  readonly key: string | undefined;
  readonly signal: AbortSignal;
}

/** A parent that was sealed. */
export interface JoinedParent {
  readonly run_id: string;
  readonly bundle_root: string;
  readonly parts: number;
  /** Runs of the audit that have parts themselves. They are not parts of this one. */
  readonly left_out: number;
}

/** Parts that are fetched at a time: each has its artifacts in memory. */
const LANES = 4;

/** Names that a message has at most. */
const MOST_NAMES = 20;

/** Seals the parent. Where it fails, and where it throws, the folder of the bundles is gone again. Throws the signal's reason. */
export async function joinParts(
  pool: pg.Pool,
  request: JoinRequest,
): Promise<Result<JoinedParent, CommandFault>> {
  const report = await readReport(pool, request.audit);
  if (!report.ok) return report;
  const incomplete = findIncomplete(report.value, request.parts);
  if (incomplete !== undefined) return incomplete;
  const folder = join(request.project, request.folder);
  const functions = new WorkerFunctions(pool, "join");
  const unmade = writing(() => mkdirSync(folder));
  if (unmade !== undefined) return unmade;
  let isSealed = false;
  try {
    const sealed = await sealParent(functions, report.value, folder, request);
    if (!sealed.ok) return sealed;
    isSealed = true;
    const { bundleRoot, runId } = sealed.value;
    const { length: parts } = partsAmong(report.value);
    return ok({ run_id: runId, bundle_root: bundleRoot, parts, left_out: report.value.runs - parts });
  } finally {
    if (!isSealed) rmSync(folder, { recursive: true, force: true });
  }
}

/** Pushes the parent to the repository of its parts, as they are reached. Gives its reference. Throws the signal's reason. */
export async function pushParent(
  pool: pg.Pool,
  runId: string,
  { audit, project, signal }: JoinRequest,
  tag: string | undefined,
): Promise<Result<string, CommandFault>> {
  const report = await readReport(pool, audit);
  if (!report.ok) return report;
  const { repository, results } = report.value;
  const key = { audit, digest: results[0]?.digest ?? "" };
  const task = await new WorkerFunctions(pool, "join").runOf(key);
  const to = tag === undefined ? repository : `${repository}:${tag}`;
  const plain = task?.plainHttp ? { plainHttp: true } : {};
  const pushed = await push({ bundles: [runId], project, to, signal, ...plain });
  if (!pushed.ok) return pushed;
  const [run] = "runs" in pushed.value ? pushed.value.runs : [];
  if (run === undefined || !("digest" in run)) throw new TypeError("a push to a repository gives its run");
  return ok(`${repository}@sha256:${run.digest}`);
}

/** The runs of an audit that are parts: those that have no parts themselves. A parent that was pushed is among the runs. */
function partsAmong({ results }: AuditReport): readonly ReportedRun[] {
  return results.filter(({ parts }) => parts === null);
}

/** Why the runs of an audit can't be the parts of a parent; undefined if they can. */
function findIncomplete(report: AuditReport, wanted: number | undefined): FleetFault | undefined {
  const { broken, ended_at, more } = report;
  if (ended_at === null) return fleetFault("AUDIT_NOT_ENDED", "the audit has not ended");
  const parts = partsAmong(report);
  const { length: count } = parts;
  if (broken > 0 || more || count === 0 || (wanted !== undefined && count !== wanted)) {
    const said = wanted === undefined ? "" : `, and ${wanted} were expected`;
    const why = `${broken > 0 ? `, ${broken} broken` : ""}${more ? ", and more that were not listed" : ""}`;
    return fleetFault("PARTS_MISSING", `the audit has ${count} runs without parts${why}${said}`);
  }
  const twice = parts.filter(({ run_id: id }, at) => parts.findIndex((one) => one.run_id === id) < at);
  if (twice.length > 0) return partsFault("PARTS_AMBIGUOUS", "several runs have one id", twice);
  const refused = parts.filter(({ code }) => code !== "OK");
  if (refused.length > 0)
    return partsFault("PART_NOT_ACCEPTED", `of ${count} parts, ${refused.length} are not accepted`, refused);
  return undefined;
}

function partsFault(
  code: "PARTS_AMBIGUOUS" | "PART_NOT_ACCEPTED",
  words: string,
  runs: readonly ReportedRun[],
): FleetFault {
  const named = runs.slice(0, MOST_NAMES).map((run) => `${JSON.stringify(run.run_id)} (${run.code})`);
  const more = runs.length > MOST_NAMES ? ` and ${runs.length - MOST_NAMES} more` : "";
  return fleetFault(code, `${words}: ${named.join(", ")}${more}`);
}

async function sealParent(
  functions: WorkerFunctions,
  { results }: AuditReport,
  folder: string,
  { audit, id, key, project, signal }: JoinRequest,
): Promise<CommandFault | Awaited<ReturnType<typeof seal>>> {
  for (let at = 0; at < results.length; at += LANES) {
    signal.throwIfAborted();
    const fetching = results
      .slice(at, at + LANES)
      .map(async (run) => await fetchPart(functions, { audit, folder, signal }, run));
    // Where one throws, the others write no more once the folder is removed.
    await Promise.allSettled(fetching);
    for (const fault of await Promise.all(fetching)) if (fault !== undefined) return fault;
  }
  const signer = key === undefined ? undefined : { key };
  return await seal({ paths: [folder], project, id, signal, signer });
}

/**
 * Writes the files of a part's bundle. The row says what they were when the run was judged; their signature is looked at again. Of a run
 * that has parts nothing is written: its row is the word of a worker, which could leave a part out so.
 */
async function fetchPart(
  functions: WorkerFunctions,
  { audit, folder, signal }: Pick<JoinRequest, "audit" | "folder" | "signal">,
  { artifacts, digest, parts, run_id: runId }: ReportedRun,
): Promise<CommandFault | undefined> {
  const key = { audit, digest };
  const task = await functions.runOf(key);
  if (task === undefined) return fleetFault("AUDIT_NOT_FOUND", "the audit was removed meanwhile");
  const opened = await openTask(key, task, signal);
  if (!opened.ok) return opened;
  using run = opened.value;
  const { files } = run;
  const named = JSON.stringify(runId);
  if (run.runId !== runId || Buffer.from(artifactsDigest(files)).toString("hex") !== artifacts)
    return fleetFault("PART_CHANGED", `the bundle of ${named} is not the one that was judged`);
  const judged = run.outputs();
  if (!judged.ok)
    return fleetFault("PART_NOT_ACCEPTED", `the bundle of ${named} is rejected: ${judged.code}`);
  const isParent = partsIn(judged.value.claims).length > 0;
  if (isParent !== (parts !== null))
    return fleetFault("PART_CHANGED", `the bundle of ${named} has other parts than the audit says`);
  if (isParent) return undefined;
  return writing(() => {
    mkdirSync(join(folder, run.runId));
    for (const [name, bytes] of files) writeFileSync(join(folder, run.runId, name), bytes, { flag: "wx" });
  });
}

function writing(write: () => void): FleetFault | undefined {
  try {
    write();
    return undefined;
  } catch {
    return fleetFault("PARTS_NOT_WRITTEN", "the folder of the parts is there already, or can't be written");
  }
}
