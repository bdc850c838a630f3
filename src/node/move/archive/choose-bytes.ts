/**
 * Decides where the bytes of each output are taken from: below the root, or in the store, wherever they are as sealed.
 *
 * @module
 */

import {
  declaredBytes,
  FindingTable,
  firstItems,
  type OutputFindings,
  ok,
  PERMISSIONS,
  type Result,
} from "../../../core/internal.ts";
import { beginFinding, isAsSealed } from "../../judge/verify/find-outputs.ts";
import { watchOutputs } from "../../judge/verify/watch-outputs.ts";
import type { SourceName } from "../../records/store/output-source.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { WorkerPool } from "../../system/work/worker-pool.ts";
import type { PackedRun } from "./packed-run.ts";

/** Where each output of a run is, by the rows of its claims. */
export interface ChosenBytes {
  /** One of `BYTES_FROM`. */
  readonly from: Uint8Array;
  readonly sizes: Float64Array;
  /** The permissions of a file below the root; 0 for an object of the store. */
  readonly modes: Uint16Array;
}

/** A run, and where its bytes are. */
export interface ChosenRun {
  readonly run: PackedRun;
  readonly chosen: ChosenBytes;
}

/** What stands for a place in the column. */
export const BYTES_FROM = { nowhere: 0, root: 1, store: 2 } as const;

/** How to look. */
export interface ChoosingOptions extends WorkOptions {
  readonly pool: WorkerPool;
  readonly jobs?: number | undefined;
  /** Which place to ask first. */
  readonly order: readonly SourceName[];
}

/** Paths that a fault names. */
const MAX_MISSING = 1000;

/**
 * Hashes what is there of a run's outputs. Fails with PACK_SOURCE_MISSING, naming the outputs that are nowhere as they were sealed.
 * Throws an Interruption.
 */
export async function chooseBytes(
  run: PackedRun,
  options: ChoosingOptions,
): Promise<Result<ChosenBytes, OperationFault>> {
  const { claims, status } = run.candidate;
  const chosen: ChosenBytes = {
    from: new Uint8Array(claims.length),
    sizes: new Float64Array(claims.length),
    modes: new Uint16Array(claims.length),
  };
  for (const from of options.order) {
    if (!chosen.from.includes(BYTES_FROM.nowhere)) break;
    const { jobs, pool, progress, signal } = options;
    const bundle = { claims, declaredBytes: declaredBytes(status) };
    const watch = watchOutputs(progress, [bundle.declaredBytes]);
    const { home, root } = run.place;
    const [found] = await beginFinding([bundle], { from, home, jobs, pool, root, signal, watch }).finish();
    // A place that can't be looked at has nothing: the other one may have all.
    if (found?.ok === true) choose(run, found.value.findings, from, chosen);
  }
  const missing = missingPaths(run, chosen);
  const names = firstItems(missing, MAX_MISSING);
  if (names.length === 0) return ok(chosen);
  const more =
    chosen.from.reduce((sum, from) => sum + (from === BYTES_FROM.nowhere ? 1 : 0), 0) - names.length;
  return operationFault("PACK_SOURCE_MISSING", { run_id: run.candidate.opened.runId, names, more });
}

function choose(run: PackedRun, findings: OutputFindings, from: SourceName, chosen: ChosenBytes): void {
  const { columns } = FindingTable.of(findings);
  let row = -1;
  for (const claim of run.candidate.claims) {
    row++;
    if (chosen.from[row] !== BYTES_FROM.nowhere || !claim.lawful || !isAsSealed(claim, findings.at(row)))
      continue;
    chosen.from[row] = BYTES_FROM[from];
    chosen.sizes[row] = columns.sizes[row] ?? 0;
    if (from === "root") chosen.modes[row] = (columns.modes?.[row] ?? 0) & PERMISSIONS;
  }
}

function* missingPaths({ candidate }: PackedRun, { from }: ChosenBytes): Generator<string, undefined> {
  let row = 0;
  for (const { path } of candidate.claims) if (from[row++] === BYTES_FROM.nowhere) yield path;
  return undefined;
}
