/**
 * The files of a pulled run, and whether they are there already.
 *
 * @module
 */

import { join } from "node:path";
import {
  ARTIFACT_NAMES,
  type ArtifactReading,
  authoritiesOf,
  COUNTERSIGNATURES_NAME,
  encodeTimestamps,
  type HexDigest,
  isSameBytes,
  MAX_COUNTERSIGNATURES_BYTES,
  MAX_TIMESTAMPS_BYTES,
  mergeCountersignatures,
  OUTPUT_TREE_NAME,
  OUTPUTS_ROOT_NAME,
  ok,
  type Result,
  readSignature,
  readTimestamps,
  TIMESTAMPS_NAME,
  type TrustPolicy,
} from "../../../core/internal.ts";
import type { CarriedRun } from "../../judge/source/bundle-source.ts";
import { addToken } from "../../make/timestamp/kept-tokens.ts";
import type { BundleFiles } from "../../records/bundle/bundle-writer.ts";
import { editBundleFile } from "../../records/bundle/edit-bundle-file.ts";
import { ownFolderOf, PULLED_NAME, RUNS_NAME } from "../../records/project/project-names.ts";
import { PULLED_FROM, PULLED_FROM_NAME } from "../../records/project/pulled-from.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { readRegularFile } from "../../system/files/read-source.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Where the run that is pulled is in the project: among its runs, or among pulled ones. */
type RunThere = typeof RUNS_NAME | typeof PULLED_NAME;

/** The files of a run as they are written. `from`: where a run comes from that is not of the project's history. */
export function filesOf({ opened, outputsRoot, tree }: CarriedRun, from: string | undefined): BundleFiles {
  const files = new Map<string, Uint8Array>();
  const add = (name: string, reading: { readonly kind: string } | ArtifactReading | undefined): void => {
    if (reading !== undefined && "bytes" in reading) files.set(name, reading.bytes);
  };
  for (const name of ARTIFACT_NAMES) add(name, opened.artifacts[name]);
  add(OUTPUT_TREE_NAME, tree);
  add(OUTPUTS_ROOT_NAME, outputsRoot);
  add(COUNTERSIGNATURES_NAME, opened.countersignatures);
  add(TIMESTAMPS_NAME, opened.timestamps);
  if (from !== undefined) files.set(PULLED_FROM_NAME, PULLED_FROM.encode({ from }));
  return files;
}

/**
 * Looks whether the run is in the project: a folder of its name has the same seven artifacts. Undefined if the name is free. Fails with
 * RUN_EXISTS if anything else has the name.
 */
export function runThere(
  own: AnchoredDir,
  { opened }: CarriedRun,
  into: string,
): Result<RunThere | undefined, OperationFault> {
  for (const name of [RUNS_NAME, PULLED_NAME] as const) {
    const isSame = isSameIn(own, name, opened);
    if (isSame === false)
      return operationFault("RUN_EXISTS", { path: join(ownFolderOf(into), name, opened.runId) });
    if (isSame === true) return ok(name);
  }
  return ok(undefined);
}

/** Whether the run of that id in a folder has these artifacts. Undefined if the folder has no such id. */
function isSameIn(
  own: AnchoredDir,
  name: RunThere,
  { artifacts, runId }: CarriedRun["opened"],
): boolean | undefined {
  try {
    using runs = own.enterIfThere(name);
    if (runs === undefined || !runs.has(runId)) return undefined;
    using run = runs.enter(runId);
    return ARTIFACT_NAMES.every((artifact) => {
      const reading = artifacts[artifact];
      if (reading.kind !== "bytes") return false;
      const now = readRegularFile(run, artifact, reading.bytes.length, fs);
      return now.kind === "bytes" && isSameBytes(now.bytes, reading.bytes);
    });
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    return false;
  }
}

/** Adds what refers to a run to its files in the project; what is in these stays. Fails with LOCKED or WRITE_FAILED. */
export async function addReferrers(
  path: string,
  { opened }: CarriedRun,
  bundleRoot: HexDigest,
  policy: TrustPolicy | undefined,
  signal: AbortSignal | undefined,
): Promise<OperationFault | undefined> {
  const { countersignatures, timestamps } = opened;
  if (countersignatures?.kind === "bytes") {
    const { bytes } = countersignatures;
    const file = { name: COUNTERSIGNATURES_NAME, limit: MAX_COUNTERSIGNATURES_BYTES, signal };
    const edited = await editBundleFile(path, file, (now) => {
      if (!isEditable(now)) return UNCHANGED;
      const merged = mergeCountersignatures([bytes], bundleRoot, () => true, nodeCrypto, now);
      return merged.taken > 0 ? ok({ bytes: merged.bytes, value: undefined }) : UNCHANGED;
    });
    if (!edited.ok) return edited;
  }
  if (timestamps?.kind !== "bytes") return undefined;
  const signature = readSignature(opened.artifacts["SIGNATURE.json"]);
  const tokens = readTimestamps(timestamps);
  if (signature === undefined || typeof tokens === "string") return undefined;
  const file = { name: TIMESTAMPS_NAME, limit: MAX_TIMESTAMPS_BYTES, signal };
  const edited = await editBundleFile(path, file, (now) => {
    if (!isEditable(now)) return UNCHANGED;
    let kept = now;
    for (const token of tokens) {
      const added = addToken(kept, token, signature, authoritiesOf(policy));
      if (added.ok) kept = { kind: "bytes", bytes: encodeTimestamps(added.value.tokens) };
    }
    return ok({ bytes: kept.kind === "bytes" ? kept.bytes : undefined, value: undefined });
  });
  return edited.ok ? undefined : edited;
}

const UNCHANGED = ok({ bytes: undefined, value: undefined });

/** What is not a file, or too large, stays as it is. */
function isEditable({ kind }: ArtifactReading): boolean {
  return kind === "missing" || kind === "bytes";
}
