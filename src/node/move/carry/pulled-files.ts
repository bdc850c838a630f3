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
import { ownFolderOf, PULLED_NAME, RUNS_NAME } from "../../records/project/project-names.ts";
import { PULLED_FROM, PULLED_FROM_NAME } from "../../records/project/pulled-from.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { readRegularFile } from "../../system/files/read-source.ts";
import { FileEdit } from "../../system/locks/file-edit.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Where the run that is pulled is in the project: among its runs, or among pulled ones. */
type RunThere = typeof RUNS_NAME | typeof PULLED_NAME;

/** Files beside a bundle are for every user to read, as the artifacts are. */
const NEW_FILE_MODE = 0o644;

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
    const fault = await edit(path, COUNTERSIGNATURES_NAME, MAX_COUNTERSIGNATURES_BYTES, signal, (now) => {
      const merged = mergeCountersignatures([bytes], bundleRoot, () => true, nodeCrypto, now);
      return merged.taken > 0 ? merged.bytes : undefined;
    });
    if (fault !== undefined) return fault;
  }
  if (timestamps?.kind !== "bytes") return undefined;
  const signature = readSignature(opened.artifacts["SIGNATURE.json"]);
  const tokens = readTimestamps(timestamps);
  if (signature === undefined || typeof tokens === "string") return undefined;
  return await edit(path, TIMESTAMPS_NAME, MAX_TIMESTAMPS_BYTES, signal, (now) => {
    let kept = now;
    for (const token of tokens) {
      const added = addToken(kept, token, signature, authoritiesOf(policy));
      if (added.ok) kept = { kind: "bytes", bytes: encodeTimestamps(added.value.tokens) };
    }
    return kept.kind === "bytes" ? kept.bytes : undefined;
  });
}

/** Edits a file beside a bundle under its lock. What is not a file, or not readable, stays as it is. */
async function edit(
  path: string,
  name: string,
  limit: number,
  signal: AbortSignal | undefined,
  change: (now: ArtifactReading) => Uint8Array | undefined,
): Promise<OperationFault | undefined> {
  try {
    const opened = await FileEdit.open(join(path, name), `${path}/${name}`, signal);
    if (!opened.ok) return opened;
    using editing = opened.value;
    const found = editing.read(limit);
    if (found.kind !== "missing" && found.kind !== "file") return undefined;
    const bytes = change(found.kind === "missing" ? found : { kind: "bytes", bytes: found.bytes });
    if (bytes === undefined) return undefined;
    editing.stage(bytes, found.kind === "file" ? found : { mode: NEW_FILE_MODE });
    const written = editing.commit(false);
    return written.ok ? undefined : written;
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path, reason: reasonOf(thrown) });
  }
}
