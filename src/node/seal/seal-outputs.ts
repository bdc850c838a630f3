/**
 * Sealing: find the outputs, hash them, prove the scratch folder, sign, check the work with the core,
 * put the bundle in its place. The steps stand in this order below.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ARTIFACT_NAMES,
  type ArtifactName,
  type ArtifactReading,
  concludeVerification,
  DEFAULT_LIMITS,
  findNameBreach,
  formatUtcSecond,
  type HexDigest,
  isJsonObject,
  judgeArtifacts,
  type OutputFinding,
  ok,
  parseStrictJson,
  type Result,
  type SignerIdentity,
  type VerifiedBundle,
} from "../../core/index.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { hashFiles } from "../files/hash-files.ts";
import { errnoOf, machineReason } from "../files/machine-reason.ts";
import { throwIfInterrupted } from "../interruption.ts";
import type { Signer } from "../keys/signer.ts";
import { type OperationFault, operationFault, type RefusedPath } from "../operation-fault.ts";
import { openRoot, verifyContext } from "../verify/verify-bundle-files.ts";
import { RUNSEAL_VERSION } from "../version.ts";
import { defaultTaskSpec, type SignedArtifacts, signArtifacts } from "./bundle-artifacts.ts";
import { writeBundle } from "./bundle-writer.ts";
import { proveScratch, snapshotScratch } from "./scratch-proof.ts";
import { namesBelowRoot, OWN_FOLDER, type Selection, selectOutputs } from "./select-outputs.ts";

/** What to seal. */
export interface SealRequest extends Selection {
  readonly runId: string;
  readonly signer: Signer;
  /** Seconds since 1970. */
  readonly now: number;
  /** A file whose bytes become TASK_SPEC.json. */
  readonly taskFile?: string | undefined;
  /** The folder that holds run directories; default `ROOT/.runseal/runs`. */
  readonly out?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A bundle in its place. */
export interface SealedBundle {
  /** Path of the run directory. */
  readonly bundle: string;
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  readonly files: number;
  readonly bytes: number;
  readonly leftOut: readonly RefusedPath[];
}

/** Seals outputs. On a failure, nothing is left behind. */
export async function sealOutputs(request: SealRequest): Promise<Result<SealedBundle, OperationFault>> {
  if (!isRunId(request.runId)) return operationFault("RUN_ID_INVALID", { path: request.runId });
  const taskSpec = readTaskSpec(request);
  if (!taskSpec.ok) return taskSpec;
  const root = openRoot(request.root);
  if (!root.ok) return root;
  try {
    return await sealBelow(root.value, taskSpec.value, request);
  } finally {
    root.value.close();
  }
}

/** Whether a text may be a run id: one component that every system can hold, and nothing hidden. */
export function isRunId(text: string): boolean {
  return (
    !/[/\\]/.test(text) && !/^[.-]/.test(text) && text.length <= 200 && findNameBreach(text) === undefined
  );
}

/** A run id for a seal that was given none: UTC time and 4 random hex, so that ids sort as the runs happened. */
export function makeRunId(now: number, random: Uint8Array): string {
  const moment = formatUtcSecond(now).replace(/[-:]/g, "");
  return `${moment}-${Buffer.from(random).toString("hex").slice(0, 4)}`;
}

async function sealBelow(
  root: AnchoredRoot,
  taskSpec: Uint8Array,
  request: SealRequest,
): Promise<Result<SealedBundle, OperationFault>> {
  const { runId, signal } = request;
  const sealedAt = formatUtcSecond(request.now);

  const selected = selectOutputs(root, request);
  if (!selected.ok) return selected;
  const { paths, leftOut } = selected.value;

  const before = await snapshotScratch(root, signal);
  if (!before.ok) return before;
  const findings = await hashFiles(root, paths, { signal });
  const outputs = readFindings(paths, findings);
  if (!outputs.ok) return outputs;
  const after = await snapshotScratch(root, signal);
  if (!after.ok) return after;

  const proof = proveScratch(before.value, after.value, { runId, timestamp: sealedAt });
  if (!proof.ok) return proof;
  const contents = {
    runId,
    sealedAt,
    outputs: outputs.value,
    proof: proof.value,
    taskSpec,
    version: RUNSEAL_VERSION,
  };
  const signed = await signArtifacts(contents, request.signer, signal);
  if (!signed.ok) return signed;
  const verified = checkOwnWork(runId, signed.value, findings);
  throwIfInterrupted(signal);

  const folder = request.out ?? join(request.root, OWN_FOLDER, "runs");
  const written = writeBundle(folder, runId, signed.value.artifacts);
  if (!written.ok) return written;
  const { bundleRoot, signer, bytes } = verified;
  return ok({ bundle: join(folder, runId), runId, bundleRoot, signer, files: paths.length, bytes, leftOut });
}

/** Each output must have been read as it stood; the first that was not ends it. */
function readFindings(
  paths: readonly string[],
  findings: readonly OutputFinding[],
): Result<{ path: string; digest: HexDigest; bytes: number }[], OperationFault> {
  const outputs: { path: string; digest: HexDigest; bytes: number }[] = [];
  for (const [index, path] of paths.entries()) {
    const finding = findings[index];
    if (finding?.kind === "unreadable") return operationFault(finding.code, { path });
    // It was listed a moment ago.
    if (finding?.kind !== "file") return operationFault("CHANGED_WHILE_READ", { path });
    outputs.push({ path, digest: finding.digest, bytes: finding.bytes });
  }
  return ok(outputs);
}

/** The signer checks itself: a bundle that our own verifier rejects is a bug, and is never written. */
function checkOwnWork(
  runId: string,
  signed: SignedArtifacts,
  findings: readonly OutputFinding[],
): VerifiedBundle {
  const artifacts = Object.fromEntries(
    ARTIFACT_NAMES.map((name): [ArtifactName, ArtifactReading] => [
      name,
      { kind: "bytes", bytes: signed.artifacts[name] },
    ]),
  ) as Record<ArtifactName, ArtifactReading>;
  const context = verifyContext();
  const judged = judgeArtifacts({ runId, artifacts, forbidden: [], confusable: [] }, context);
  const verdict = judged.ok ? concludeVerification(judged.value, findings, context) : judged;
  if (!verdict.ok) throw new Error(`a bundle of our own was rejected: ${verdict.code}`);
  return verdict.value;
}

/** The task spec as the caller stored it, byte for byte; it must be what a verifier accepts. */
function readTaskSpec(request: SealRequest): Result<Uint8Array, OperationFault> {
  const path = request.taskFile;
  if (path === undefined)
    return ok(defaultTaskSpec(request.runId, namesBelowRoot(request), formatUtcSecond(request.now)));
  try {
    const bytes = readBounded(path, DEFAULT_LIMITS.artifactBytes);
    const parsed = bytes === undefined ? undefined : parseStrictJson(bytes);
    const usable = parsed?.ok === true && isJsonObject(parsed.value);
    return bytes !== undefined && usable ? ok(bytes) : operationFault("TASK_MALFORMED", { path });
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return operationFault(errnoOf(thrown) === "ENOENT" ? "PATH_NOT_FOUND" : "READ_FAILED", { path, reason });
  }
}

function readBounded(path: string, limit: number): Uint8Array | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    return stats.isFile() && stats.size <= limit ? readFileSync(fd) : undefined;
  } finally {
    closeSync(fd);
  }
}
