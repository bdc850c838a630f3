/** Reads what came of an audit. @module */

import type { Result } from "runseal";
import { ok } from "runseal/core";
import type { Queries } from "../database/connection.ts";
import { type FleetFault, fleetFault } from "../outcome/fault.ts";
import type { JsonValue } from "../outcome/json.ts";
import { concludeRuns, type LinkedRun, type RunConclusions } from "./conclusions.ts";
import { UUID } from "./forms.ts";

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
  /** Ended runs by their codes: `OK` (also where any signer may sign), those of verdicts, and those of failures. */
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
export interface AuditedRun {
  readonly audit: string;
  /** Its place in the order of the history, from 1. */
  readonly place: number;
  readonly run_id: string;
  readonly digest: string;
  readonly state: string;
  /** `null`: it is open. */
  readonly code: string | null;
  /** The facts of a failure; `null` where there is a verdict. */
  readonly details: JsonValue;
  /** The verdict, as `runseal verify --json` prints it; `null` where there is none. */
  readonly verdict: JsonValue;
  /** The verdict as its worker signed it, an envelope of DSSE; `null` of a worker without `--attest`, and of a run that is not accepted. */
  readonly attestation: JsonValue;
  /** SHA-256 over the names and digests of the bundle's files, the policy, the version of runseal, and the moment. */
  readonly artifacts: string | null;
  readonly policy: string | null;
  readonly version: string | null;
  /** The audit that hashed the outputs, where this one did not. */
  readonly trusted_previous: string | null;
  readonly worker: string | null;
  readonly ended_at: string | null;
}

/** One run of an ended audit, with what follows from the verdicts on others. */
export type ReportedRun = AuditedRun & RunConclusions;

/** An audit with all its runs. */
export interface AuditReport extends AuditStatus {
  readonly results: readonly ReportedRun[];
}

/** A run with a file, and the newest audit of it. */
export interface RunWithFile
  extends Pick<
    AuditedRun,
    "audit" | "run_id" | "digest" | "state" | "code" | "policy" | "trusted_previous" | "ended_at"
  > {
  readonly repository: string;
}

/** Part of a list. */
export interface Page<Row, Key> {
  readonly rows: readonly Row[];
  /** The key behind which the next page begins; `null`: there is none. */
  readonly next: Key | null;
}

/** Which runs of an audit to read: those behind a place, and with one code alone. */
export interface RunsAfter {
  readonly after: number;
  readonly code?: string | undefined;
}

/** Reads how far an audit is. */
export async function readStatus(pool: Queries, audit: string): Promise<Result<AuditStatus, FleetFault>> {
  const [row] = UUID.test(audit)
    ? (await pool.query<AuditStatus>("SELECT * FROM runseal_fleet.status_of($1)", [audit])).rows
    : [];
  return row === undefined ? fleetFault("AUDIT_NOT_FOUND", "the database has no audit of that id") : ok(row);
}

/** Reads an audit with all its runs, in the order of their history. */
export async function readReport(pool: Queries, audit: string): Promise<Result<AuditReport, FleetFault>> {
  const status = await readStatus(pool, audit);
  if (!status.ok) return status;
  const { rows } = await readRuns(pool, audit, { after: 0 });
  const linked = await pool.query<LinkedRun>("SELECT * FROM runseal_fleet.links_of($1)", [audit]);
  const conclusions = concludeRuns(linked.rows);
  const open = { chain: { code: null, run_id: null }, parts: null };
  return ok({ ...status.value, results: rows.map((run, at) => ({ ...run, ...(conclusions[at] ?? open) })) });
}

/** Lists audits, the newest first; with `before`, those that are older than that one. */
export async function listAudits(
  pool: Queries,
  before: string | undefined,
  most: number,
): Promise<Page<AuditStatus, string>> {
  const text = "SELECT * FROM runseal_fleet.audits($1, $2)";
  const { rows } = await pool.query<AuditStatus>(text, [before ?? null, most + 1]);
  return pageOf(rows, most, ({ audit }) => audit);
}

/** Reads runs of an audit, in the order of their history. */
export async function readRuns(
  pool: Queries,
  audit: string,
  { after, code }: RunsAfter,
  most?: number,
): Promise<Page<AuditedRun, number>> {
  const values = [audit, after, code ?? null, most === undefined ? null : most + 1];
  const { rows } = await pool.query<AuditedRun>("SELECT * FROM runseal_fleet.runs($1, $2, $3, $4)", values);
  return pageOf(rows, most, ({ place }) => place);
}

/** Reads one run of an audit, by the digest of its manifest. */
export async function readRun(pool: Queries, audit: string, digest: string): Promise<AuditedRun | undefined> {
  const values = [audit, Buffer.from(digest, "hex")];
  const { rows } = await pool.query<AuditedRun>("SELECT * FROM runseal_fleet.audited($1, $2)", values);
  return rows[0];
}

/** Finds runs that have a file, in the order of their digests, behind one of them. */
export async function findRuns(
  pool: Queries,
  file: string,
  after: string | undefined,
  most: number,
): Promise<Page<RunWithFile, string>> {
  const values = [Buffer.from(file, "hex"), after === undefined ? null : Buffer.from(after, "hex"), most + 1];
  const { rows } = await pool.query<RunWithFile>("SELECT * FROM runseal_fleet.runs_with($1, $2, $3)", values);
  return pageOf(rows, most, ({ digest }) => digest);
}

/** Reads the newest audit of each of these runs. Both are named by the digests of their manifests; those without an audit are left out. */
export async function readNewest(
  pool: Queries,
  digests: readonly string[],
): Promise<ReadonlyMap<string, RunWithFile>> {
  const text =
    "SELECT n.* FROM unnest($1::bytea[]) AS own (digest) CROSS JOIN LATERAL runseal_fleet.newest_of(own.digest) n";
  const { rows } = await pool.query<RunWithFile>(text, [digests.map((digest) => Buffer.from(digest, "hex"))]);
  return new Map(rows.map((row) => [row.digest, row]));
}

/** Cuts a list that was read with one row more than a page has. */
function pageOf<Row, Key>(
  rows: readonly Row[],
  most: number | undefined,
  keyOf: (row: Row) => Key,
): Page<Row, Key> {
  const page = rows.slice(0, most);
  const last = page.at(-1);
  return { rows: page, next: last !== undefined && rows.length > page.length ? keyOf(last) : null };
}
