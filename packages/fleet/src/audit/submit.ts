/** Submits an audit: lists the runs of a repository by their digests, and adds a job for each. @module */

import { listRuns, type OperationFault, type Result } from "runseal";
import { ok } from "runseal/core";
import type { Queries } from "../database/connection.ts";
import type { ListedRuns } from "../database/functions.ts";

/** What is asked of an audit beyond its runs. */
export interface AuditPlan {
  /** Seconds after which the next one is submitted; undefined: there is no next one. */
  readonly every: number | undefined;
  /** The webhook that hears of runs that turned bad. */
  readonly alert: string | undefined;
  /** How old a verdict may be, in days, for a run not to be hashed again; undefined: every run is hashed. */
  readonly trustDays: number | undefined;
}

/** What to audit, and how. */
export interface SubmitRequest {
  /** A repository; with a tag or a digest, one run of it. */
  readonly from: string;
  readonly plainHttp: boolean;
  /** The trust file; undefined: any signer. */
  readonly policy: { readonly label: string; readonly bytes: Uint8Array } | undefined;
  /** How often a job is tried. */
  readonly attempts: number;
  /** The share of ranges that two workers hash, from 0 to 1. */
  readonly doubleCheck: number;
  /** Whether the digests of all files are indexed, for the search. */
  readonly indexFiles: boolean;
  /** Undefined: the service submits, which may ask nothing more. */
  readonly plan?: AuditPlan | undefined;
}

/** A submitted audit. */
export interface SubmittedAudit {
  readonly audit: string;
  /** `null`: there is none. */
  readonly schedule: string | null;
  readonly runs: number;
  /** Tags that lead to something else. */
  readonly others: number;
  /** Tags whose run is broken or gone: they are not in the audit, which does not count as accepted. */
  readonly broken: number;
  /** Whether the repository has more tags than are listed: its other runs are not in the audit. */
  readonly more: boolean;
}

/** Submits an audit, in one transaction. Fails as the listing does. */
export async function submitAudit(
  pool: Queries,
  { attempts, doubleCheck, from, indexFiles, plainHttp, plan, policy }: SubmitRequest,
  signal?: AbortSignal,
): Promise<Result<SubmittedAudit, OperationFault>> {
  const listed = await listAudit({ from, plainHttp, signal });
  if (!listed.ok) return listed;
  const { broken, digests, more, others, repository, runIds } = listed.value;
  // The service may not plan, or use plain http: a schedule or a webhook is the owner's to set.
  const text =
    plan === undefined
      ? "SELECT runseal_fleet.submit_served($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS audit, NULL AS schedule"
      : `SELECT * FROM runseal_fleet.plan(
          runseal_fleet.with_index(runseal_fleet.submit($1, $12, $2, $3, $4, $5, $6, $7, $8, $9, $10), $11), $13, $14, $15, $16)`;
  const planned =
    plan === undefined
      ? []
      : [plainHttp, from, plan.alert ?? null, plan.trustDays ?? null, plan.every ?? null];
  const { rows } = await pool.query<{ audit: string; schedule: string | null }>(text, [
    repository,
    policy === undefined ? null : Buffer.from(policy.bytes),
    policy?.label ?? null,
    attempts,
    doubleCheck,
    others,
    broken,
    more,
    digests,
    runIds,
    indexFiles,
    ...planned,
  ]);
  const [row] = rows;
  if (row === undefined) throw new TypeError("an audit has an id");
  return ok({ ...row, runs: digests.length, others, broken, more });
}

/** Lists the runs of a repository for an audit. Fails as `listRuns` does. */
export async function listAudit({
  from,
  plainHttp,
  signal,
}: Pick<SubmitRequest, "from" | "plainHttp"> & { readonly signal?: AbortSignal | undefined }): Promise<
  Result<ListedRuns, OperationFault>
> {
  const listed = await listRuns({ from, ...(plainHttp ? { plainHttp } : {}), ...(signal ? { signal } : {}) });
  if (!listed.ok) return listed;
  const { runs, ...counts } = listed.value;
  const pinned = runs.map(({ reference }) => split(reference));
  return ok({
    ...counts,
    repository: pinned[0]?.repository ?? from,
    digests: pinned.map(({ digest }) => Buffer.from(digest, "hex")),
    runIds: runs.map(({ runId }) => runId),
  });
}

/** The repository and the digest of a reference by digest. */
function split(reference: string): { readonly repository: string; readonly digest: string } {
  const at = reference.lastIndexOf("@sha256:");
  return { repository: reference.slice(0, at), digest: reference.slice(at + "@sha256:".length) };
}
