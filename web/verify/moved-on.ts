/**
 * Runs whose files have moved on: later runs were sealed in the folder, and the store may keep what was sealed (docs/store.md).
 *
 * @module
 */

import type { StoredObjects } from "../store/stored-objects.ts";
import { type BundleReport, phaseOf } from "./verify-bundle.ts";

/** What is known of a run whose files are not in the folder as they were sealed. */
export interface MovedOn {
  /** The id of the newest run, if it follows this one in the line. */
  readonly laterRun: string | undefined;
  /** Whether the store has an object for each file. None of them was read. */
  readonly isKept: boolean;
}

/** Looks for the files of a run that failed in the folder of its project; undefined for any other report. */
export async function findMovedOn(
  { from, judged, verdict }: BundleReport,
  laterRun: string | undefined,
  openStore: () => Promise<StoredObjects>,
): Promise<MovedOn | undefined> {
  if (from !== "folder" || judged === undefined || verdict.ok || phaseOf(verdict) !== "outputs")
    return undefined;
  const store = await openStore();
  return { laterRun, isKept: await store.keepsAll(judged.claims) };
}
