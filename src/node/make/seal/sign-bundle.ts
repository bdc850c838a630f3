/**
 * All files of a bundle, signed and checked before any of them is written.
 *
 * @module
 */

import {
  beginConclusion,
  eachArtifact,
  type FailedRun,
  judgeHere,
  OUTPUT_TREE_NAME,
  OUTPUTS_ROOT_NAME,
  ok,
  type Result,
  VERIFY,
} from "../../../core/internal.ts";
import type { Signer } from "../../keys/signer.ts";
import type { BundleFiles } from "../../records/bundle/bundle-writer.ts";
import { verifyContext } from "../../records/bundle/verify-context.ts";
import { joinWithSlashes } from "../../system/files/anchored-dir.ts";
import { throwIfInterrupted } from "../../system/runtime/interruption.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { beginMany, type Progress } from "../../system/runtime/progress.ts";
import { RUNSEAL_VERSION } from "../../system/runtime/version.ts";
import { type SignedArtifacts, signArtifacts } from "./bundle-artifacts.ts";
import type { BundleContents, PreviousRun, RunOutcome } from "./bundle-contents.ts";
import { signOutputsRoot } from "./outputs-statement.ts";
import type { CompletedSeal, CompleteSealRequest } from "./seal-request.ts";

/** A bundle that is signed, and not written yet. */
export interface SignedBundle extends SignedArtifacts {
  readonly files: BundleFiles;
}

/** Signs a bundle that names the run before it and lists failed ones since, and checks the work. Fails as signers do. */
export async function signBundle(
  request: Omit<CompleteSealRequest, "place">,
  previous: PreviousRun | undefined,
  failedRuns: readonly FailedRun[] = [],
): Promise<Result<SignedBundle, OperationFault>> {
  const { outputs, progress, signal, tree } = request;
  const contents: BundleContents = { ...request, previous, failedRuns, version: RUNSEAL_VERSION };
  const signer = withProgress(request.signer, outputs.length, progress);
  const signed = await signArtifacts(contents, signer, signal);
  if (!signed.ok) return signed;
  // Before the statement: another thread may still be computing its root.
  checkOwnWork(signed.value, request);
  const statement = await signOutputsRoot(contents, signed.value, signer, signal, request.outputsRoot);
  if (!statement.ok) return statement;
  progress?.end();
  throwIfInterrupted(signal);
  const files = new Map<string, Uint8Array>(Object.entries(signed.value.artifacts));
  if (tree !== undefined) files.set(OUTPUT_TREE_NAME, tree.bytes);
  if (statement.value !== undefined) files.set(OUTPUTS_ROOT_NAME, statement.value);
  return ok({ ...signed.value, files });
}

/** The facts of a bundle that do not depend on its place. */
export function describeSeal(
  folder: string,
  { outputs, runId, tree }: Pick<CompleteSealRequest, "outputs" | "runId" | "tree">,
  { bundleRoot, proofHash, signer }: SignedBundle,
): Pick<
  CompletedSeal,
  "bundle" | "runId" | "bundleRoot" | "proofHash" | "signer" | "files" | "bytes" | "tree"
> {
  return {
    bundle: joinWithSlashes(folder, runId),
    runId,
    bundleRoot,
    proofHash,
    signer,
    files: outputs.length,
    bytes: outputs.bytes,
    tree: tree?.counts,
  };
}

/**
 * Reports that the bundle is made now, and gives a signer that hides the progress while it prompts. Without progress, gives the
 * signer itself.
 */
function withProgress(signer: Signer, outputs: number, progress: Progress | undefined): Signer {
  if (progress === undefined) return signer;
  const tell = (): void => beginMany(progress, "sign", outputs);
  tell();
  return {
    publicKey: () => signer.publicKey(),
    sign: async (message, signal) => {
      progress.end();
      const signature = await signer.sign(message, signal);
      tell();
      return signature;
    },
    [Symbol.dispose]: () => signer[Symbol.dispose](),
  };
}

/**
 * Verifies the new bundle with the core. Throws unless the artifacts are accepted, or, for a failed run, rejected for that reason
 * only. Any other verdict is a bug, and the bundle is not written.
 */
function checkOwnWork(signed: SignedArtifacts, request: Omit<CompleteSealRequest, "place">): void {
  const code = verdictOf(signed, request);
  if (code !== expectedCode(request.outcome)) throw new Error(`a bundle of our own was judged ${code}`);
}

function expectedCode(outcome: RunOutcome): string {
  if (outcome.status === "success") return "OK";
  // The proof comes first, in phase 7; the status in phase 10.
  return outcome.isRestored ? "DECISION_INVALID" : "RESTORATION_FAILED";
}

function verdictOf(
  signed: SignedArtifacts,
  { outputs, runId, tree }: Pick<CompleteSealRequest, "outputs" | "runId" | "tree">,
): string {
  const artifacts = eachArtifact((name) => ({ kind: "bytes", bytes: signed.artifacts[name] }));
  const context = verifyContext();
  const judged = judgeHere({ runId, artifacts, forbidden: [], confusable: [] }, context, VERIFY);
  if (!judged.ok) return judged.code;
  const begun = beginConclusion(judged.value, outputs.findings, context);
  if (!begun.ok) return begun.code;
  const { end, readTree } = begun.value;
  const read = tree && readTree?.({ kind: "bytes", bytes: tree.bytes });
  const verdict = end(read && { tree: read, failure: undefined });
  return verdict.ok ? "OK" : verdict.code;
}
