/**
 * Which failed and killed runs the next seal lists (PROTOCOL 11), by the records of a held project.
 *
 * A record without a bundle belongs to a killed run unless its process is alive, or its unsigned bundle waits for a signer. A failed run
 * that was sealed without a signer is never signed, and is listed as one without a bundle. A record of a bundle that names another
 * head is listed already: the seal that listed it was killed before it removed the record.
 *
 * @module
 */

import type { FailedRun, HexDigest } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import { openRuns } from "./run-links.ts";
import { type RunRecord, readRunRecords } from "./run-records.ts";
import { areOthersRunning, isRunning } from "./running-runs.ts";
import { waitsForSigner } from "./unsigned-folder.ts";

/** The runs that the next seal lists. */
export interface UnlistedRuns {
  /** Those with a bundle first, each part in order of time. */
  readonly runs: readonly FailedRun[];
  /** Names of the records that are not needed after the next seal of the history. */
  readonly records: readonly string[];
}

/** The sealing run. */
export interface ListingRun {
  readonly runId: string;
  /** The name of its own record; undefined for a seal that is not of a run. */
  readonly record: string | undefined;
}

/**
 * Finds them, by the own folder of a project that is held; `head` is the root that the next bundle names. Throws what the
 * system says.
 */
export async function findUnlistedRuns(
  own: AnchoredDir,
  head: HexDigest | undefined,
  sealing: ListingRun,
): Promise<UnlistedRuns> {
  const found = readRunRecords(own);
  const runs: FailedRun[] = [];
  // Only the lock holder replaces records, so these files belong to a dead one.
  const records = [...found.replacements];
  if (found.unfinished.length > 0 && !(await areOthersRunning(own, sealing.runId)))
    records.push(...found.unfinished);
  for (const record of found.records) {
    if (record.name === sealing.record) continue;
    if (record.bundleRoot === undefined && (await isStillRunning(own, record, sealing))) continue;
    // It was killed just before it removed its record: its bundle waits for a signer, or is the one that is signed now.
    if (record.bundleRoot === undefined && waitsForSigner(own, record.runId)) {
      if (record.runId === sealing.runId) records.push(record.name);
      continue;
    }
    records.push(record.name);
    if (record.bundleRoot === undefined || isSameDigest(record.previousBundleRoot, head))
      runs.push({ runId: record.runId, bundleRoot: bundleOf(own, record) });
  }
  const isBundled = ({ bundleRoot }: FailedRun): boolean => bundleRoot !== undefined;
  return { runs: [...runs.filter(isBundled), ...runs.filter((run) => !isBundled(run))], records };
}

/** A socket of the sealing run's id is its own, so another run of that id was killed. */
async function isStillRunning(own: AnchoredDir, { runId }: RunRecord, sealing: ListingRun): Promise<boolean> {
  const isOwnId = sealing.record !== undefined && sealing.runId === runId;
  return !isOwnId && (await isRunning(own, runId));
}

/** A run that was killed before its bundle appeared has none. */
function bundleOf(own: AnchoredDir, { bundleRoot, runId }: RunRecord): HexDigest | undefined {
  if (bundleRoot === undefined) return undefined;
  using runs = openRuns(own);
  return runs?.has(runId) === true ? bundleRoot : undefined;
}
