/** The functions of the schema that workers call, with their types. Each call is one transaction. @module */

import type pg from "pg";
import type { JsonValue } from "../outcome/json.ts";

/** So many bytes of digests are indexed by one statement. */
const INDEXED_BYTES: number = 32 * 20_000;

/** A run of an audit. */
export interface RunKey {
  /** The id of the audit. */
  readonly audit: string;
  /** The digest of the run's manifest, 64 hex. */
  readonly digest: string;
}

/** What a worker needs to know of a run. */
export interface RunTask {
  readonly repository: string;
  readonly plainHttp: boolean;
  /** The trust file; undefined: any signer. */
  readonly policy: { readonly label: string; readonly bytes: Uint8Array } | undefined;
  /** Whether another worker is to hash its outputs too if they are one range. */
  readonly isDoubled: boolean;
  /** Whether its files are to be indexed. */
  readonly isIndexed: boolean;
  /** Whether it has neither a verdict nor a failure. */
  readonly isOpen: boolean;
  /** Whether a verdict of an earlier audit may stand. */
  readonly trustsPrevious: boolean;
}

/** The runs of a repository, as they were listed. */
export interface ListedRuns {
  /** As its runs name it; with none, as it was asked for. */
  readonly repository: string;
  /** The digests of their manifests, and their run ids in the same order. */
  readonly digests: readonly Uint8Array[];
  readonly runIds: readonly string[];
  readonly others: number;
  readonly broken: number;
  readonly more: boolean;
}

/** Rows of outputs, from the first up to the end. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** What was found of a range, encoded. */
export interface FoundRange extends RowRange {
  readonly findings: Uint8Array;
}

/** A verdict as it is kept. */
export interface KeptVerdict {
  readonly code: string;
  readonly json: JsonValue;
  /** SHA-256 over the names and digests of the bundle's files. */
  readonly artifacts: Uint8Array;
  readonly version: string;
  /** The envelope in which it is signed; undefined if it is not. */
  readonly attestation: string | undefined;
  /** What an accepted run names; undefined of any other. */
  readonly links: RunLinks | undefined;
}

/** The runs that a run names. */
export interface RunLinks {
  /** The bundle root of the one before it, in hex. */
  readonly previous: string | undefined;
  /** For each of its parts, SHA-256 over the names and digests of the bundle's files. */
  readonly parts: readonly Uint8Array[];
}

interface RunRow {
  readonly repository: string;
  readonly plain_http: boolean;
  readonly policy_bytes: Buffer | null;
  readonly policy_label: string | null;
  readonly state: string;
  readonly is_doubled: boolean;
  readonly trusts_previous: boolean;
  readonly index_files: boolean;
}

/** What workers may ask of the database. */
export class WorkerFunctions {
  readonly #pool: pg.Pool;
  /** The name of this worker in facts. */
  readonly #worker: string;

  constructor(pool: pg.Pool, worker: string) {
    this.#pool = pool;
    this.#worker = worker;
  }

  /** What is to be done of a run; undefined if its audit is gone. */
  async runOf(run: RunKey): Promise<RunTask | undefined> {
    const { rows } = await this.#pool.query<RunRow>("SELECT * FROM runseal_fleet.run_of($1, $2)", keyOf(run));
    const [row] = rows;
    if (row === undefined) return undefined;
    const { plain_http: plainHttp, policy_bytes: bytes, policy_label: label, repository, state } = row;
    const isOpen = state === "waiting" || state === "cut";
    const policy = bytes === null ? undefined : { bytes, label: label ?? "" };
    const { index_files: isIndexed, is_doubled: isDoubled, trusts_previous: trustsPrevious } = row;
    return { repository, plainHttp, policy, isDoubled, isIndexed, isOpen, trustsPrevious };
  }

  /** Cuts a run into ranges, and adds their jobs. A run that was cut before stays as it is. */
  async cut(run: RunKey, ranges: readonly RowRange[]): Promise<void> {
    const values = [...keyOf(run), ranges.map(({ first }) => first), ranges.map(({ end }) => end)];
    await this.#pool.query("SELECT runseal_fleet.cut($1, $2, $3, $4)", values);
  }

  /** Writes the digests of a run's files into the index. */
  async indexFiles(run: RunKey, digests: Uint8Array): Promise<void> {
    for (let from = 0; from < digests.length; from += INDEXED_BYTES) {
      const files = Buffer.from(digests.subarray(from, from + INDEXED_BYTES));
      await this.#pool.query("SELECT runseal_fleet.index_files($1, $2, $3)", [...keyOf(run), files]);
    }
  }

  /** Gives a fact. The database compares a second one with the first. */
  async found(run: RunKey, { end, findings, first }: FoundRange): Promise<void> {
    const values = [...keyOf(run), first, end, Buffer.from(findings), this.#worker];
    await this.#pool.query("SELECT runseal_fleet.found($1, $2, $3, $4, $5, $6)", values);
  }

  /** All facts of a run, in the order of their rows. Of one that has ended they are gone. */
  async factsOf(run: RunKey): Promise<readonly FoundRange[]> {
    const { rows } = await this.#pool.query<{ first_row: number; end_row: number; findings: Buffer | null }>(
      "SELECT * FROM runseal_fleet.facts_of($1, $2)",
      keyOf(run),
    );
    return rows.flatMap(({ end_row: end, findings, first_row: first }) =>
      findings === null ? [] : [{ first, end, findings }],
    );
  }

  /** Ends a run with its verdict, unless it has ended. */
  async conclude(run: RunKey, verdict: KeptVerdict): Promise<void> {
    const values = [...keyOf(run), ...this.#valuesOf(verdict)];
    await this.#link(run, verdict);
    await this.#pool.query("SELECT runseal_fleet.conclude($1, $2, $3, $4, $5, $6, $7, $8)", values);
  }

  /** The same of a run whose outputs are one range. */
  async concludeAtOnce(run: RunKey, { end, findings }: FoundRange, verdict: KeptVerdict): Promise<void> {
    const values = [...keyOf(run), end, Buffer.from(findings), ...this.#valuesOf(verdict)];
    await this.#link(run, verdict);
    await this.#pool.query(
      "SELECT runseal_fleet.conclude_at_once($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      values,
    );
  }

  /** Ends a run by the verdict of an earlier audit on the same artifacts. Gives whether the database has one that may stand. */
  async trustPrevious(run: RunKey, artifacts: Uint8Array, version: string): Promise<boolean> {
    const { rows } = await this.#pool.query<{ trusted: boolean }>(
      "SELECT runseal_fleet.trust_previous($1, $2, $3, $4, $5) AS trusted",
      [...keyOf(run), Buffer.from(artifacts), version, this.#worker],
    );
    return rows[0]?.trusted === true;
  }

  /** Ends a run without a verdict, unless it has ended. */
  async park(run: RunKey, code: string, details: JsonValue): Promise<void> {
    const values = [...keyOf(run), code, JSON.stringify(details), this.#worker];
    await this.#pool.query("SELECT runseal_fleet.park($1, $2, $3, $4, $5)", values);
  }

  /** Before the verdict: an ended audit has the links of all accepted runs. */
  async #link(run: RunKey, { links }: KeptVerdict): Promise<void> {
    if (links === undefined) return;
    const previous = links.previous === undefined ? null : Buffer.from(links.previous, "hex");
    const values = [...keyOf(run), previous, links.parts.map((part) => Buffer.from(part))];
    await this.#pool.query("SELECT runseal_fleet.link($1, $2, $3, $4)", values);
  }

  #valuesOf({ artifacts, attestation, code, json, version }: KeptVerdict): readonly unknown[] {
    return [code, JSON.stringify(json), Buffer.from(artifacts), version, this.#worker, attestation ?? null];
  }
}

function keyOf({ audit, digest }: RunKey): [string, Buffer] {
  return [audit, Buffer.from(digest, "hex")];
}
