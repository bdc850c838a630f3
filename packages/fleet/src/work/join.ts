/** Seals the parent of parts: an ordinary run whose outputs are the bundles of the runs of an audit. @module */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { push, type Result, seal } from "runseal";
import { ok } from "runseal/core";
import { artifactsDigest } from "../audit/artifacts.ts";
import { type AuditedRun, type AuditReport, readReport } from "../audit/read-audit.ts";
import { WorkerFunctions } from "../database/functions.ts";
import { type CommandFault, type FleetFault, fleetFault } from "../outcome/fault.ts";
import { openTask } from "./open-runs.ts";

/** What to join, and where the parent goes. */
export interface JoinRequest {
  /** An audit that has ended. All of its runs are parts. */
  readonly audit: string;
  /** How many there must be; undefined: as many as there are. */
  readonly parts: number | undefined;
  /** The project that takes the parent in, and the folder in it that is made for the bundles. */
  readonly project: string;
  readonly folder: string;
  /** The id of the parent, and the key that signs it; undefined: as `runseal seal` chooses them. */
  readonly id: string | undefined;
  readonly key: string | undefined;
  /** Whether to push it to the repository of its parts, and the tag there; default: `r-` and its bundle root. */
  readonly push: boolean;
  readonly tag: string | undefined;
}

/** A parent that was sealed. */
export interface JoinedParent {
  readonly run_id: string;
  readonly bundle_root: string;
  readonly parts: number;
  /** The manifest by its digest; `null` if it was not pushed. */
  readonly reference: string | null;
}

/** Parts that are fetched at a time: each has its artifacts in memory. */
const LANES = 4;

/** Names that a message has at most. */
const MOST_NAMES = 20;

/** Seals the parent, and pushes it if asked. Where it fails before the seal, the folder of the bundles is gone again. */
export async function joinParts(
  pool: pg.Pool,
  request: JoinRequest,
): Promise<Result<JoinedParent, CommandFault>> {
  const report = await readReport(pool, request.audit);
  if (!report.ok) return report;
  const incomplete = findIncomplete(report.value, request.parts);
  if (incomplete !== undefined) return incomplete;
  const { project } = request;
  const folder = join(project, request.folder);
  const functions = new WorkerFunctions(pool, "join");
  const unmade = writing(() => mkdirSync(folder));
  if (unmade !== undefined) return unmade;
  const sealed = await sealParent(functions, report.value, folder, request);
  if (!sealed.ok) {
    rmSync(folder, { recursive: true });
    return sealed;
  }
  const { bundleRoot, runId } = sealed.value;
  const joined = { run_id: runId, bundle_root: bundleRoot, parts: report.value.runs };
  if (!request.push) return ok({ ...joined, reference: null });
  const reference = await pushParent(functions, report.value, runId, request);
  return reference.ok ? ok({ ...joined, reference: reference.value }) : reference;
}

/** Pushes the parent, as the parts are reached. Gives its reference. */
async function pushParent(
  functions: WorkerFunctions,
  { audit, repository, results }: AuditReport,
  runId: string,
  { project, tag }: JoinRequest,
): Promise<Result<string, CommandFault>> {
  const task = await functions.runOf({ audit, digest: results[0]?.digest ?? "" });
  const to = tag === undefined ? repository : `${repository}:${tag}`;
  const pushed = await push({
    bundles: [runId],
    project,
    to,
    ...(task?.plainHttp ? { plainHttp: true } : {}),
  });
  if (!pushed.ok) return pushed;
  const [run] = "runs" in pushed.value ? pushed.value.runs : [];
  if (run === undefined || !("digest" in run)) throw new TypeError("a push to a repository gives its run");
  return ok(`${repository}@sha256:${run.digest}`);
}

/** Why the runs of an audit can't be the parts of a parent; undefined if they can. */
function findIncomplete(
  { accepted, broken, ended_at, more, results, runs }: AuditReport,
  wanted: number | undefined,
): FleetFault | undefined {
  if (ended_at === null) return fleetFault("AUDIT_NOT_ENDED", "the audit has not ended");
  if (broken > 0 || more || runs === 0 || (wanted !== undefined && runs !== wanted)) {
    const said = wanted === undefined ? "" : `, and ${wanted} were expected`;
    const why = `${broken > 0 ? `, ${broken} broken` : ""}${more ? ", and more that were not listed" : ""}`;
    return fleetFault("PARTS_MISSING", `the audit has ${runs} runs${why}${said}`);
  }
  const twice = results.filter(({ run_id: id }, at) => results.findIndex((one) => one.run_id === id) < at);
  if (twice.length > 0) return partsFault("PARTS_AMBIGUOUS", "several runs have one id", twice);
  const refused = results.filter(({ code }) => code !== "OK");
  if (refused.length > 0 || accepted !== runs)
    return partsFault("PART_NOT_ACCEPTED", `of ${runs} parts, ${refused.length} are not accepted`, refused);
  return undefined;
}

function partsFault(
  code: "PARTS_AMBIGUOUS" | "PART_NOT_ACCEPTED",
  words: string,
  runs: readonly AuditedRun[],
): FleetFault {
  const named = runs.slice(0, MOST_NAMES).map((run) => `${JSON.stringify(run.run_id)} (${run.code})`);
  const more = runs.length > MOST_NAMES ? ` and ${runs.length - MOST_NAMES} more` : "";
  return fleetFault(code, `${words}: ${named.join(", ")}${more}`);
}

async function sealParent(
  functions: WorkerFunctions,
  { results }: AuditReport,
  folder: string,
  { audit, id, key, project }: JoinRequest,
): Promise<CommandFault | Awaited<ReturnType<typeof seal>>> {
  for (let at = 0; at < results.length; at += LANES) {
    const fetching = results
      .slice(at, at + LANES)
      .map(async (run) => await fetchPart(functions, audit, run, folder));
    for (const fault of await Promise.all(fetching)) if (fault !== undefined) return fault;
  }
  return await seal({ paths: [folder], project, id, signer: key === undefined ? undefined : { key } });
}

/** Writes the files of a part's bundle. The row says what they were when the run was judged; their signature is looked at again. */
async function fetchPart(
  functions: WorkerFunctions,
  audit: string,
  { artifacts, digest, run_id: runId }: AuditedRun,
  folder: string,
): Promise<CommandFault | undefined> {
  const key = { audit, digest };
  const task = await functions.runOf(key);
  if (task === undefined) return fleetFault("AUDIT_NOT_FOUND", "the audit was removed meanwhile");
  const opened = await openTask(key, task);
  if (!opened.ok) return opened;
  using run = opened.value;
  const { files } = run;
  const named = JSON.stringify(runId);
  if (run.runId !== runId || Buffer.from(artifactsDigest(files)).toString("hex") !== artifacts)
    return fleetFault("PART_CHANGED", `the bundle of ${named} is not the one that was judged`);
  const judged = run.outputs();
  if (!judged.ok)
    return fleetFault("PART_NOT_ACCEPTED", `the bundle of ${named} is rejected: ${judged.code}`);
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
