/**
 * All files of a bundle, signed and checked before any of them is written.
 *
 * @module
 */

import { join } from "node:path";
import { type FailedRun, OUTPUTS_ROOT_NAME, ok, type Result } from "../../core/internal.ts";
import type { BundleFiles } from "../bundle/bundle-writer.ts";
import { throwIfInterrupted } from "../runtime/interruption.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { RUNSEAL_VERSION } from "../runtime/version.ts";
import {
  type BundleContents,
  type PreviousRun,
  type SignedArtifacts,
  signArtifacts,
} from "./bundle-artifacts.ts";
import { checkOwnWork } from "./check-own-work.ts";
import { signOutputsRoot } from "./outputs-statement.ts";
import type { CompletedSeal, CompleteSealRequest } from "./seal-request.ts";
import { signAndTell } from "./sign-and-tell.ts";

/** A bundle that is signed, and not written yet. */
export interface SignedBundle extends SignedArtifacts {
  readonly files: BundleFiles;
}

/** Signs a bundle that names the run before it and lists failed ones since, and checks the work. Fails as signers do. */
export async function signBundle(
  request: CompleteSealRequest,
  previous: PreviousRun | undefined,
  failedRuns: readonly FailedRun[] = [],
): Promise<Result<SignedBundle, OperationFault>> {
  const { runId, sealedAt, outcome, outputs, progress, proof, taskSpec, signal } = request;
  const contents: BundleContents = {
    runId,
    sealedAt,
    outcome,
    previous,
    failedRuns,
    outputs,
    proof,
    taskSpec,
    version: RUNSEAL_VERSION,
  };
  const signer = signAndTell(request.signer, outputs.length, progress);
  const signed = await signArtifacts(contents, signer, signal);
  if (!signed.ok) return signed;
  // Before the statement: another thread may still be growing its tree.
  checkOwnWork(runId, signed.value, outputs, outcome);
  const statement = await signOutputsRoot(contents, signed.value, signer, signal, request.outputsRoot);
  if (!statement.ok) return statement;
  progress?.end();
  throwIfInterrupted(signal);
  const files = new Map<string, Uint8Array>(Object.entries(signed.value.artifacts));
  if (statement.value !== undefined) files.set(OUTPUTS_ROOT_NAME, statement.value);
  return ok({ ...signed.value, files });
}

/** What there is to tell of a bundle, wherever it went. */
export function describeSeal(
  folder: string,
  { outputs, runId }: CompleteSealRequest,
  { bundleRoot, proofHash, signer }: SignedBundle,
): Pick<CompletedSeal, "bundle" | "runId" | "bundleRoot" | "proofHash" | "signer" | "files" | "bytes"> {
  return {
    bundle: join(folder, runId),
    runId,
    bundleRoot,
    proofHash,
    signer,
    files: outputs.length,
    bytes: outputs.bytes,
  };
}
