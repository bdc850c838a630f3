/**
 * The end of every seal, whether of files that are there or of a run: sign, check the work with the core, put
 * the bundle in its place.
 *
 * @module
 */

import { join } from "node:path";
import { type HexDigest, type JsonObject, ok, type Result, type SignerIdentity } from "../../core/index.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { throwIfInterrupted } from "../interruption.ts";
import type { Environment } from "../keys/key-store.ts";
import type { Signer } from "../keys/signer.ts";
import type { OperationFault } from "../operation-fault.ts";
import { RUNSEAL_VERSION } from "../version.ts";
import { type RunOutcome, type SealedOutput, signArtifacts } from "./bundle-artifacts.ts";
import { writeBundle } from "./bundle-writer.ts";
import { checkOwnWork } from "./check-own-work.ts";
import { OWN_FOLDER } from "./select-outputs.ts";

/** Where a bundle goes. */
export type SealPlace =
  /** Into the project: it is linked to the run before, and becomes the head unless the run failed. */
  | { readonly kind: "project"; readonly keep: boolean }
  /** Into a folder outside of it: no links, no head, nothing kept. */
  | { readonly kind: "folder"; readonly path: string };

/** Everything that was found out, ready to be signed. */
export interface CompleteSealRequest {
  /** The project root, held open, and as the caller named it. */
  readonly root: AnchoredRoot;
  readonly rootPath: string;
  readonly place: SealPlace;
  /** A name that `isRunId` accepts. */
  readonly runId: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly sealedAt: string;
  readonly outcome: RunOutcome;
  /** In byte order of path. */
  readonly outputs: readonly SealedOutput[];
  /** PROOF.json but for `previous_proof_hash` and `proof_hash`, which are added here. No numbers in it. */
  readonly proof: JsonObject;
  /** TASK_SPEC.json, byte for byte. */
  readonly taskSpec: Uint8Array;
  readonly signer: Signer;
  /** Says where the user's state is, and so the head that was seen last; without it none is remembered. */
  readonly environment?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A bundle in its place. */
export interface CompletedSeal {
  /** Path of the run directory. */
  readonly bundle: string;
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly proofHash: HexDigest;
  /** The root of the run before it; undefined on the first run of a line, and outside of projects. */
  readonly previousBundleRoot: HexDigest | undefined;
  readonly signer: SignerIdentity;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Signs what was found and puts the bundle in its place. On a failure nothing is left behind. Throws an Interruption
 * once the signal has fired.
 */
export async function completeSeal(
  request: CompleteSealRequest,
): Promise<Result<CompletedSeal, OperationFault>> {
  const { runId, sealedAt, outcome, outputs, proof, taskSpec, signer, place, signal } = request;
  const contents = {
    runId,
    sealedAt,
    outcome,
    previous: undefined,
    outputs,
    proof,
    taskSpec,
    version: RUNSEAL_VERSION,
  };
  const signed = await signArtifacts(contents, signer, signal);
  if (!signed.ok) return signed;
  checkOwnWork(runId, signed.value, outputs, outcome);
  throwIfInterrupted(signal);
  const folder = place.kind === "folder" ? place.path : join(request.rootPath, OWN_FOLDER, "runs");
  const written = writeBundle(folder, runId, signed.value.artifacts);
  if (!written.ok) return written;
  return ok({
    bundle: join(folder, runId),
    runId,
    bundleRoot: signed.value.bundleRoot,
    proofHash: signed.value.proofHash,
    previousBundleRoot: undefined,
    signer: signed.value.signer,
    files: outputs.length,
    bytes: outputs.reduce((sum, output) => sum + output.bytes, 0),
  });
}
