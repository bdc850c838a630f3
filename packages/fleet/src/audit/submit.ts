/** Submits an audit: lists the runs of a repository by their digests, and adds a job for each. @module */

import type pg from "pg";
import { listRuns, type OperationFault, type Result } from "runseal";
import { ok } from "runseal/core";

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
}

/** A submitted audit. */
export interface SubmittedAudit {
  readonly audit: string;
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
  pool: pg.Pool,
  { attempts, doubleCheck, from, plainHttp, policy }: SubmitRequest,
): Promise<Result<SubmittedAudit, OperationFault>> {
  const listed = await listRuns({ from, ...(plainHttp ? { plainHttp } : {}) });
  if (!listed.ok) return listed;
  const { broken, more, others, runs } = listed.value;
  const pinned = runs.map(({ reference, runId }) => ({ ...split(reference), runId }));
  const { rows } = await pool.query<{ audit: string }>(
    "SELECT runseal_fleet.submit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS audit",
    [
      pinned[0]?.repository ?? from,
      plainHttp,
      policy === undefined ? null : Buffer.from(policy.bytes),
      policy?.label ?? null,
      attempts,
      doubleCheck,
      others,
      broken,
      more,
      pinned.map(({ digest }) => Buffer.from(digest, "hex")),
      pinned.map(({ runId }) => runId),
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("an audit has an id");
  return ok({ audit: row.audit, runs: runs.length, others, broken, more });
}

/** The repository and the digest of a reference by digest. */
function split(reference: string): { readonly repository: string; readonly digest: string } {
  const at = reference.lastIndexOf("@sha256:");
  return { repository: reference.slice(0, at), digest: reference.slice(at + "@sha256:".length) };
}
