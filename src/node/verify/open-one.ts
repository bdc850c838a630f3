/**
 * Opening the one run that a command is about.
 *
 * @module
 */

import { ok, type Result } from "../../core/internal.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
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
): Promise<Result<readonly [CarriedRun], OperationFault>> {
  const opened = await source.open(runs, signal);
  if (!opened.ok) return opened;
  const [only] = opened.value;
  if (only !== undefined && opened.value.length === 1) return ok([only]);
  const names = opened.value.slice(0, MOST_NAMES).map(({ opened: { runId } }) => runId);
  return operationFault("AMBIGUOUS", { reason: "run", names, more: opened.value.length - names.length });
}
