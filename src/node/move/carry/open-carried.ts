/**
 * Opens a run in a repository: its manifest, the files of its bundle, and what refers to it. All of it is bounded, and none of it is
 * believed.
 *
 * @module
 */

import {
  type ArtifactReading,
  type BlobName,
  type BundleOfFiles,
  bundleFileLimit,
  bundleOfFiles,
  type CarriedRunLayers,
  DEFAULT_LIMITS,
  type HexDigest,
  matchesDigest,
  type OpenedBundle,
  ok,
  parseManifest,
  parseObject,
  type Result,
  readRunManifest,
  readSignature,
  type TrustPolicy,
} from "../../../core/internal.ts";
import { isRunId } from "../../records/bundle/run-names.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { readIntoMemory } from "../registry/blob-bytes.ts";
import type { ManifestAddress, Repository, StoredManifest } from "../registry/repository.ts";
import { inLanes } from "./in-lanes.ts";
import { readReferrers, type TakenReferrers, takeReferrers } from "./read-referrers.ts";

/** The manifest of a run, and what it says. */
export interface FoundRun {
  /** SHA-256 of the manifest: a digest reference. It pins all that is below it, and not what refers to it. */
  readonly digest: HexDigest;
  readonly layers: CarriedRunLayers;
}

/** A run whose files are in memory. */
export interface OpenedRun extends FoundRun, BundleOfFiles {
  /** What was taken of the referrers; they are in `opened` already. */
  readonly referrers: TakenReferrers;
}

/** How to open a run. */
export interface OpenOptions {
  /** Whose countersignatures and timestamps are taken. */
  readonly policy?: TrustPolicy | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads the manifest of a run. Fails as `readManifest` does, and with CARRIED_RUN_MALFORMED. */
export async function findRun(
  repository: Repository,
  address: ManifestAddress,
  signal: AbortSignal | undefined,
): Promise<Result<FoundRun, OperationFault>> {
  const stored = await repository.readManifest(address, signal);
  return stored.ok ? readFoundRun(repository, stored.value) : stored;
}

/** The run of a manifest that was read. Fails with CARRIED_RUN_MALFORMED. */
export function readFoundRun(
  { shown }: Repository,
  { bytes, digest }: StoredManifest,
): Result<FoundRun, OperationFault> {
  const manifest = parseManifest(bytes);
  if (!manifest.ok) return carriedRunFault(shown, "it is not an image manifest");
  const layers = readRunManifest(manifest.value, nodeCrypto);
  if (!layers.ok) return carriedRunFault(shown, layers.why);
  if (!isRunId(layers.value.runId)) return carriedRunFault(shown, "its run id can't be the name of a folder");
  return ok({ digest, layers: layers.value });
}

/** What is wrong with the blobs of a run that hold something else than its outputs. */
export const FOREIGN_OBJECT = "an object is not an output of the bundle";
export const FOREIGN_PACK = "a pack is not one of this run";
export const HOLDS_MORE = "its blobs hold more than the bundle declares";

/** The fault of a run that is not as a push writes it. */
export function carriedRunFault(reference: string, why: string): OperationFault {
  return operationFault("CARRIED_RUN_MALFORMED", { reason: "manifest", reference, why });
}

/** Reads the files of a run. Fails as the repository does, and with CARRIED_RUN_MALFORMED. */
export async function openRun(
  repository: Repository,
  found: FoundRun,
  { policy, signal }: OpenOptions,
): Promise<Result<OpenedRun, OperationFault>> {
  const { layers } = found;
  const files = await readFiles(repository, layers.artifacts, signal);
  if (!files.ok) return files;
  const bundle = bundleOfFiles(layers.runId, files.value);
  const { opened } = bundle;
  if (!isNamedRoot(opened, layers.bundleRoot))
    return carriedRunFault(repository.shown, "its manifest names another bundle root than the bundle");
  const listed = await readReferrers(repository, found.digest, signal);
  if (!listed.ok) return listed;
  const signature = readSignature(opened.artifacts["SIGNATURE.json"]) ?? new Uint8Array(64);
  const referrers = takeReferrers(listed.value, { bundleRoot: layers.bundleRoot, signature }, policy);
  const { countersignatures, timestamps } = referrers;
  return ok({
    ...found,
    ...bundle,
    opened: {
      ...opened,
      ...(countersignatures && { countersignatures: { kind: "bytes", bytes: countersignatures } }),
      ...(timestamps && { timestamps: { kind: "bytes", bytes: timestamps } }),
    },
    referrers,
  });
}

/** Countersignatures are read for that root: it must be the one that the bundle claims. Whether that is right is judged later. */
function isNamedRoot({ artifacts }: OpenedBundle, bundleRoot: HexDigest): boolean {
  const reading = artifacts["SIGNED_PAYLOAD.json"];
  const payload = reading.kind === "bytes" ? parseObject(reading.bytes) : undefined;
  // A malformed one is for the verdict.
  return payload === undefined || matchesDigest(bundleRoot, payload.get("bundle_root"), nodeCrypto);
}

/** Reads files, each within its limit: one that is larger is not fetched. */
async function readFiles(
  repository: Repository,
  artifacts: ReadonlyMap<string, BlobName>,
  signal: AbortSignal | undefined,
): Promise<Result<ReadonlyMap<string, ArtifactReading>, OperationFault>> {
  const files = new Map<string, ArtifactReading>();
  const fault = await inLanes(artifacts, async ([name, blob]) => {
    const limit = bundleFileLimit(name, DEFAULT_LIMITS);
    if (blob.size > limit) {
      files.set(name, { kind: "too-large", limit });
      return undefined;
    }
    const bytes = await readIntoMemory(repository, blob, limit, signal);
    if (!bytes.ok) return bytes;
    files.set(name, { kind: "bytes", bytes: bytes.value });
    return undefined;
  });
  return fault ?? ok(files);
}
