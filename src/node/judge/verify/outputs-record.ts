/**
 * Where the outputs of each run of a chain came from, and how many files below the root differ from what was sealed.
 *
 * @module
 */

import {
  FINDING_KINDS,
  FindingTable,
  type OutputClaims,
  type OutputFindings,
  outputFailures,
} from "../../../core/internal.ts";
import { keepsOutputs } from "../../records/store/hash-stored-claims.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { hashFiles } from "../../system/hashing/hash-files.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { CarrierName, ClaimingBundle } from "../source/bundle-source.ts";
import {
  type ChainOutputsFrom,
  type FoundOutputs,
  isAsSealed,
  type OutputsRequest,
  searchRoot,
} from "./find-outputs.ts";

/** Where the outputs of one run of a chain were found. */
export interface RunOutputs {
  readonly runId: string;
  /** Where its bytes came from. */
  readonly source: CarrierName;
  readonly files: number;
  /** Outputs that are missing below the root, or are other files there. Undefined where that was not counted, as of a run whose bytes were dropped. */
  readonly differing: number | undefined;
  /** Whether the store keeps its outputs; only of a run that failed below the root. */
  readonly isKept?: boolean;
}

/** A run whose outputs were searched for. */
interface SearchedRun extends ClaimingBundle {
  readonly runId: string;
}

/** The files of stored runs are counted below the root only up to these totals: a long chain must not take twice as long. */
const MOST_COUNTED_FILES = 10_000;
const MOST_COUNTED_BYTES: number = 256 * 1024 * 1024;

/** A run from the store, held until its files below the root are counted. */
interface HeldRun {
  readonly index: number;
  readonly claims: OutputClaims;
  readonly findings: OutputFindings;
}

/** Where the runs' files may be, and who counts. */
export type RecordRequest = Pick<OutputsRequest, "pool" | "jobs" | "home" | "root" | "signal"> & {
  readonly from?: ChainOutputsFrom | undefined;
};

/** A record of what was looked for, in the order of the chain. */
export class OutputsRecord {
  readonly #runs: RunOutputs[] = [];
  #held: HeldRun[] | undefined = [];
  #heldClaims = 0;
  #failed: SearchedRun | undefined;

  /** Notes a run that was looked for. Each run but the last one was accepted. */
  add(run: SearchedRun, { findings, source }: FoundOutputs, isAccepted: boolean): void {
    const { claims, runId } = run;
    const differing = source === "root" && isAccepted ? 0 : undefined;
    this.#runs.push({ runId, source, files: claims.length, differing });
    // If it is accepted without them, they were dropped on purpose.
    const isDropped = isAccepted && FindingTable.of(findings).columns.kinds.includes(FINDING_KINDS.missing);
    if (source === "store" && !isDropped) this.#hold({ index: this.#runs.length - 1, claims, findings });
    else if (!isAccepted) this.#failed = run;
  }

  /** The runs, with what is known of them. Of carried runs no folder says more. */
  get runs(): readonly RunOutputs[] {
    return this.#runs;
  }

  /** Counts what is not known yet, and gives the runs. Throws an Interruption. */
  async finish(request: RecordRequest): Promise<readonly RunOutputs[]> {
    const { from, ...looking } = request;
    if (this.#failed !== undefined) await this.#countFailed(this.#failed, looking);
    if (from !== "store") await this.#countHeld(looking);
    return this.#runs;
  }

  #hold(held: HeldRun): void {
    this.#heldClaims += held.claims.length;
    if (this.#heldClaims > MOST_COUNTED_FILES) this.#held = undefined;
    this.#held?.push(held);
  }

  /** The verdict needed the first difference only. */
  async #countFailed(run: SearchedRun, request: OutputsRequest): Promise<void> {
    const { claims, declaredBytes } = run;
    const [found] = await searchRoot([run], { ...request, untilFailure: false, watch: undefined }).finish();
    if (found?.ok !== true) return;
    let differing = 0;
    for (const _ of outputFailures(claims, found.value.findings, nodeCrypto, declaredBytes)) differing++;
    const isKept = keepsOutputs(request.home ?? request.root, claims);
    this.#set(this.#runs.length - 1, { differing, isKept });
  }

  async #countHeld({ pool, jobs, root: path, signal }: OutputsRequest): Promise<void> {
    const sizes = sizesByPath(this.#held ?? []);
    if (sizes.size === 0 || totalOf(sizes) > MOST_COUNTED_BYTES) return;
    const opened = openRoot(path);
    if (!opened.ok) return;
    using root = opened.value;
    // A file that is larger than any that was sealed at its path differs, and is not read.
    const shares = [...sizes.values()].map((declared) => ({ paths: 1, declared }));
    const found = await hashFiles(root, [...sizes.keys()], { pool, jobs, shares, signal });
    const byPath = new Map([...sizes.keys()].map((name, at) => [name, found.at(at)]));
    for (const { claims, index } of this.#held ?? []) {
      let differing = 0;
      for (const claim of claims)
        if (!claim.lawful || !isAsSealed(claim, byPath.get(claim.path))) differing++;
      this.#set(index, { differing });
    }
  }

  #set(index: number, counted: Partial<RunOutputs>): void {
    const run = this.#runs[index];
    if (run !== undefined) this.#runs[index] = { ...run, ...counted };
  }
}

/** The largest size that any run sealed at each path. */
function sizesByPath(held: readonly HeldRun[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { claims, findings } of held) {
    let at = 0;
    for (const { lawful, path } of claims) {
      const finding = findings.at(at++);
      const bytes = finding?.kind === "file" ? finding.bytes : 0;
      if (lawful) sizes.set(path, Math.max(sizes.get(path) ?? 0, bytes));
    }
  }
  return sizes;
}

function totalOf(sizes: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const size of sizes.values()) total += size;
  return total;
}
