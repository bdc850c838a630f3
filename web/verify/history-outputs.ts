/**
 * Where the outputs of each run of a history are looked for, as `runseal verify --history` does: of the newest run in the folder, of older
 * ones in the store first, and of carried ones in their archive.
 *
 * @module
 */

import type { SourceFolder } from "../source/source-folder.ts";
import { StoredObjects } from "../store/given-objects.ts";
import type { RunOutputs } from "./archive-runs.ts";
import { outputsBelow, outputsByDigest } from "./output-place.ts";
import { type ProjectRun, runFolder } from "./read-project.ts";
import { type BundleReport, goneBundle, type VerifyRequest, verifyBundle } from "./verify-bundle.ts";

/** Where the runs are, and by what they are verified. */
export interface OutputsRequest extends Pick<VerifyRequest, "crypto" | "hash" | "signal"> {
  readonly project: SourceFolder;
  /** Of an archive: where the outputs of its runs are. */
  readonly archived: RunOutputs | undefined;
}

/** Gives what verifies one run of a history. */
export async function verifierOfRuns(
  place: OutputsRequest,
): Promise<(run: ProjectRun, isNewest: boolean) => Promise<BundleReport>> {
  const { archived, project } = place;
  // All entries of an archive are checked at once, after its runs.
  if (archived !== undefined)
    return async (run) => await verifyIn(place, run, { ...archived, checkEntries: undefined });
  const folder: RunOutputs = { from: "folder", place: outputsBelow(project) };
  const objects = await StoredObjects.open(project, place.crypto.port);
  const store: RunOutputs = { from: "store", place: outputsByDigest(objects) };
  return async (run, isNewest) =>
    isNewest ? await verifyIn(place, run, folder) : await verifyOlder(place, run, { objects, store, folder });
}

/** The store is blamed only where it keeps an object for each file, and the folder does not have them either. */
async function verifyOlder(
  place: OutputsRequest,
  run: ProjectRun,
  {
    folder,
    objects,
    store,
  }: { readonly [Where in "folder" | "store"]: RunOutputs } & { readonly objects: StoredObjects },
): Promise<BundleReport> {
  const stored = await verifyIn(place, run, store);
  // Without findings it failed before its outputs.
  if (stored.verdict.ok || stored.findings === undefined || stored.judged === undefined) return stored;
  const below = await verifyIn(place, run, folder);
  return below.verdict.ok || !(await objects.keepsAll(stored.judged.claims)) ? below : stored;
}

async function verifyIn(
  { project, ...request }: OutputsRequest,
  { runId }: ProjectRun,
  outputs: RunOutputs,
): Promise<BundleReport> {
  const bundle = await runFolder(project, runId);
  if (bundle === undefined) return goneBundle(runId, outputs.from);
  return await verifyBundle({ ...request, ...outputs, bundle, runId });
}
