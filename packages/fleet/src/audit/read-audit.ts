/** Reads what came of an audit. @module */

import type pg from "pg";
import type { Result } from "runseal";
import { ok } from "runseal/core";
import { type FleetFault, fleetFault } from "../outcome/fault.ts";
import type { JsonValue } from "../outcome/json.ts";
import { concludeRuns, type LinkedRun, type RunConclusions } from "./conclusions.ts";

/** An audit, and how far it is. */
export interface AuditStatus {
  readonly audit: string;
  readonly repository: string;
  readonly submitted_at: string;
  /** `null`: it has not ended. */
  readonly ended_at: string | null;
  readonly runs: number;
  /** Runs that have neither a verdict nor a failure yet. */
  readonly open: number;
  /** Ended runs by their codes: `OK`, `ANY_SIGNER` is one of them, those of verdicts, and those of failures. */
  readonly codes: Readonly<Record<string, number>>;
  readonly accepted: number;
  /** Accepted runs that were not hashed in this audit: the verdict is that of an earlier one. */
  readonly trusted_previous: number;
  /** Runs that turned bad since the last audit, and what became of the messages about them. */
  readonly alerts: {
    readonly made: number;
    readonly delivered: number;
    readonly given_up: number;
    /** Why the last try failed, of one that is not delivered. */
    readonly error: string | null;
  };
  readonly others: number;
  /** Tags whose run is broken or gone. */
  readonly broken: number;
  readonly more: boolean;
}

/** One run of an audit. */
export interface AuditedRun extends RunConclusions {
  readonly run_id: string;
  readonly digest: string;
  readonly state: string;
  /** `null`: it is open. */
  readonly code: string | null;
  /** The facts of a failure; `null` where there is a verdict. */
  readonly details: JsonValue;
  /** The verdict, as `runseal verify --json` prints it; `null` where there is none. */
  readonly verdict: JsonValue;
  /** SHA-256 over the names and digests of the bundle's files, the policy, the version of runseal, and the moment. */
  readonly artifacts: string | null;
  readonly policy: string | null;
  readonly version: string | null;
  /** The audit that hashed the outputs, where this one did not. */
  readonly trusted_previous: string | null;
  readonly worker: string | null;
  readonly ended_at: string | null;
}

/** An audit with all its runs. */
export interface AuditReport extends AuditStatus {
  readonly results: readonly AuditedRun[];
}

const STATUS = `
SELECT a.id AS audit, a.repository, a.submitted_at, a.ended_at, a.others, a.broken, a.more, a.open_runs AS open,
  (SELECT count(*)::integer FROM runseal_fleet.run r WHERE r.audit = a.id) AS runs,
  (SELECT count(*)::integer FROM runseal_fleet.run r WHERE r.audit = a.id AND r.code = 'OK') AS accepted,
  (SELECT count(*)::integer FROM runseal_fleet.run r WHERE r.audit = a.id AND r.code = 'OK' AND r.trusted_previous IS NOT NULL)
    AS trusted_previous,
  (SELECT json_build_object('made', count(*), 'delivered', count(l.delivered_at), 'given_up', count(l.given_up_at), 'error', max(l.error))
    FROM runseal_fleet.alert l WHERE l.audit = a.id) AS alerts,
  (SELECT coalesce(json_object_agg(c.code, c.runs), '{}') FROM (
    SELECT r.code, count(*) AS runs FROM runseal_fleet.run r WHERE r.audit = a.id AND r.code IS NOT NULL GROUP BY r.code
  ) c) AS codes
FROM runseal_fleet.audit a WHERE a.id = $1`;

const RUNS = `
SELECT r.run_id, encode(r.digest, 'hex') AS digest, r.state, r.code, r.details, r.verdict,
  encode(r.artifacts, 'hex') AS artifacts, encode(a.policy, 'hex') AS policy, r.version, r.trusted_previous,
  r.worker, r.ended_at
FROM runseal_fleet.run r JOIN runseal_fleet.audit a ON a.id = r.audit
WHERE r.audit = $1 ORDER BY r.place`;

const LINKED = `
SELECT r.run_id, r.code, encode(r.artifacts, 'hex') AS artifacts, r.verdict ->> 'bundle_root' AS root,
  encode(l.previous, 'hex') AS previous, ARRAY(SELECT encode(part, 'hex') FROM unnest(l.parts) part) AS parts
FROM runseal_fleet.run r LEFT JOIN runseal_fleet.link l USING (audit, digest)
WHERE r.audit = $1 ORDER BY r.place`;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads how far an audit is. */
export async function readStatus(pool: pg.Pool, audit: string): Promise<Result<AuditStatus, FleetFault>> {
  const rows = UUID.test(audit) ? (await pool.query<AuditStatus>(STATUS, [audit])).rows : [];
  const [row] = rows;
  return row === undefined ? fleetFault("AUDIT_NOT_FOUND", "the database has no audit of that id") : ok(row);
}

/** Reads an audit with all its runs, in the order of their history. */
export async function readReport(pool: pg.Pool, audit: string): Promise<Result<AuditReport, FleetFault>> {
  const status = await readStatus(pool, audit);
  if (!status.ok) return status;
  const { rows } = await pool.query<Omit<AuditedRun, keyof RunConclusions>>(RUNS, [audit]);
  const linked = await pool.query<LinkedRun>(LINKED, [audit]);
  const conclusions = concludeRuns(linked.rows);
  const open = { chain: { code: null, run_id: null }, parts: null };
  return ok({ ...status.value, results: rows.map((run, at) => ({ ...run, ...(conclusions[at] ?? open) })) });
}
