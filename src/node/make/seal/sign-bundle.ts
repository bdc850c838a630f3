/**
 * The files of a bundle, drafted, signed, and checked before any of them is written (PROTOCOL 2, 7, 18).
 *
 * @module
 */

import {
  type ArtifactName,
  beginConclusion,
  computeManifestRoot,
  eachArtifact,
  encodeOutputsMessage,
  encodeOutputsRoot,
  encodeOwn,
  encodeSigningMessage,
  type HexDigest,
  identityOf,
  jsonObject,
  judgeHere,
  OUTPUT_TREE_NAME,
  OUTPUTS_ROOT_NAME,
  ok,
  type Result,
  type SignerIdentity,
  signedPayload,
  toHex,
  VERIFY,
} from "../../../core/internal.ts";
import { type Signer, signChecked } from "../../keys/signer.ts";
import type { BundleFiles } from "../../records/bundle/bundle-writer.ts";
import { verifyContext } from "../../records/bundle/verify-context.ts";
import { throwIfInterrupted, waitUnlessInterrupted } from "../../system/runtime/interruption.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { beginMany, type Progress, type WorkOptions } from "../../system/runtime/progress.ts";
import type { BundleContents, BundleLinks, RunOutcome } from "./bundle-contents.ts";
import { type BundleDraft, draftBundle } from "./draft-bundle.ts";

/** A bundle that is signed, and not written yet. */
export interface SignedBundle {
  readonly bundleRoot: HexDigest;
  readonly proofHash: HexDigest;
  readonly signer: SignerIdentity;
  readonly files: BundleFiles;
}

/** Signs a bundle that is linked into a history, and checks the work. Fails as signers do; then there is nothing to write. */
export async function signBundle(
  contents: BundleContents,
  links: BundleLinks,
  opened: Signer,
  { progress, signal }: WorkOptions,
): Promise<Result<SignedBundle, OperationFault>> {
  const signer = withProgress(opened, contents.outputs.length, progress);
  const identity = identityOf(signer.publicKey(), nodeCrypto);
  const draft = draftBundle(contents, links);
  const { bundleRoot, proofHash } = draft;
  const message = encodeSigningMessage({ bundleRoot, validatorId: identity.validatorId });
  const signature = await signChecked(signer, message, signal);
  if (!signature.ok) return signature;
  const artifacts = artifactsOf(draft, identity, signature.value);
  // Before the statement: another thread may still be computing its root.
  checkOwnWork(artifacts, contents);
  const statement = await stateOutputs(contents, bundleRoot, identity, signer, signal);
  if (!statement.ok) return statement;
  progress?.end();
  throwIfInterrupted(signal);
  const files = new Map<string, Uint8Array>(Object.entries(artifacts));
  if (contents.tree !== undefined) files.set(OUTPUT_TREE_NAME, contents.tree.bytes);
  if (statement.value !== undefined) files.set(OUTPUTS_ROOT_NAME, statement.value);
  return ok({ bundleRoot, proofHash, signer: identity, files });
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

type Artifacts = Readonly<Record<ArtifactName, Uint8Array>>;

/** The seven artifacts. */
function artifactsOf(
  { bundleRoot, outputHashes, proof, signedAt, status, taskSpec }: BundleDraft,
  { publicKeyHex, validatorId }: SignerIdentity,
  signature: Uint8Array,
): Artifacts {
  return {
    "TASK_SPEC.json": taskSpec,
    "STATUS.json": status,
    "OUTPUT_HASHES.json": outputHashes,
    "PROOF.json": proof,
    "VALIDATOR_IDENTITY.json": encodeOwn(
      jsonObject({ algorithm: "ed25519", public_key: publicKeyHex, validator_id: validatorId }),
    ),
    "SIGNED_PAYLOAD.json": encodeOwn(signedPayload({ bundleRoot, validatorId })),
    "SIGNATURE.json": encodeOwn(
      jsonObject({
        payload_type: "BUNDLE",
        signature: toHex(signature),
        signed_at: signedAt,
        validator_id: validatorId,
      }),
    ),
  };
}

/**
 * OUTPUTS_ROOT.json, signed by the same key: it lets a proof show that one file is in the run without the other files. `undefined` for a
 * failed run and for one without files, for which no proofs are made, and if the Merkle tree can't contain a name (`C:x`, whose second
 * character is a colon). Fails as `signChecked` does.
 */
async function stateOutputs(
  { given, outcome, outputs, outputsRoot: computed, runId, sealedAt: sealed }: BundleContents,
  bundleRoot: HexDigest,
  { validatorId }: SignerIdentity,
  signer: Signer,
  signal: AbortSignal | undefined,
): Promise<Result<Uint8Array | undefined, OperationFault>> {
  if (outcome.status === "failure" || outputs.length === 0) return ok(undefined);
  const root = computed
    ? ok(await waitUnlessInterrupted(computed, signal))
    : computeManifestRoot(outputs, nodeCrypto);
  if (!root.ok) return ok(undefined);
  // The signer's own time, also for what was sealed elsewhere: trust in the key is judged at it.
  const sealedAt = given?.signedAt ?? sealed;
  const statement = { bundleRoot, outputsRoot: root.value, runId, sealedAt, validatorId };
  const signature = await signChecked(signer, encodeOutputsMessage(statement), signal);
  return signature.ok ? ok(encodeOutputsRoot({ ...statement, signature: signature.value })) : signature;
}

/**
 * Verifies the new bundle with the core. Throws unless the artifacts are accepted, or, for a failed run, rejected for that reason
 * only. Any other verdict is a bug, and the bundle is not written.
 */
function checkOwnWork(artifacts: Artifacts, contents: BundleContents): void {
  const code = verdictOf(artifacts, contents);
  if (code !== expectedCode(contents.outcome)) throw new Error(`a bundle of our own was judged ${code}`);
}

function expectedCode(outcome: RunOutcome): string {
  if (outcome.status === "success") return "OK";
  // The proof comes first, in phase 7; the status in phase 10.
  return outcome.isRestored ? "DECISION_INVALID" : "RESTORATION_FAILED";
}

function verdictOf(signed: Artifacts, { outputs, runId, tree }: BundleContents): string {
  const artifacts = eachArtifact((name) => ({ kind: "bytes", bytes: signed[name] }));
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
