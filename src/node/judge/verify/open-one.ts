/**
 * Opening the one run that a command is about.
 *
 * @module
 */

import { firstItems, itemAt, type Listing, ok, type Result } from "../../../core/internal.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { BundleReader, CarriedRun } from "../source/bundle-source.ts";

/** Run ids that a fault names. */
const MOST_NAMES = 20;

/**
 * Opens the run of a source. Fails with AMBIGUOUS {names, more} where it has several and `runs` chooses none, and as the source
 * does. Throws an Interruption.
 */
export async function openOne(
  source: BundleReader,
  runs: readonly string[] | undefined,
  signal?: AbortSignal,
): Promise<Result<CarriedRun, OperationFault>> {
  const opened = await source.open(runs, signal);
  if (!opened.ok) return opened;
  return refuseSeveral(opened.value) ?? ok(itemAt(opened.value, 0));
}

/** Fails with AMBIGUOUS unless there is one run. */
export function refuseSeveral(runs: Listing<CarriedRun>): OperationFault | undefined {
  if (runs.length === 1) return undefined;
  const names = firstItems(runs, MOST_NAMES).map(({ opened: { runId } }) => runId);
  return operationFault("AMBIGUOUS", { reason: "run", names, more: runs.length - names.length });
}
