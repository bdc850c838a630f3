/**
 * Compares a bundle's statement of outputs with the bundle before files are proven. Otherwise `prove` could make a
 * proof of something that the bundle does not state.
 *
 * The outputs themselves are not needed. The caller has run phases 1 to 8 of a verdict. This file runs phase 10,
 * except for the total of bytes.
 *
 * @module
 */

import { admitOutputs } from "../../judge/bundle/judge.ts";
import type { JudgedBundle } from "../../judge/bundle/orders.ts";
import type { VerifyContext } from "../../judge/bundle/phases/judging.ts";
import type { Binding } from "../../records/artifacts/binding.ts";
import type { SignerIdentity } from "../../records/artifacts/identity.ts";
import type { ArtifactReading } from "../../records/artifacts/opened-bundle.ts";
import { signerTime } from "../../records/artifacts/signed-elsewhere.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import type { Rejection } from "../../system/codes/verdict.ts";
import { type FileProofFault, fileProofFault } from "./file-proof.ts";
import { buildMerkleTree, type ManifestEntry, type MerkleTree } from "./merkle.ts";
import {
  type OutputsRootField,
  parseOutputsRoot,
  type SignedOutputsStatement,
  statementHolds,
} from "./outputs-root.ts";

/** A bundle with sound artifacts and a statement of outputs that agrees with them. */
export interface ProvableBundle {
  readonly runId: string;
  readonly signer: SignerIdentity;
  readonly statement: SignedOutputsStatement;
  readonly tree: MerkleTree;
}

/**
 * Compares OUTPUTS_ROOT.json with a bundle whose artifacts were judged. Fails as phase 10 does, then with
 * OUTPUTS_ROOT_MISSING, or OUTPUTS_ROOT_INVALID {reason}: its form, `mismatch` {field} for the first member that
 * differs from the bundle, or its signature.
 */
export function admitStatement(
  judged: JudgedBundle,
  reading: ArtifactReading,
  context: VerifyContext,
): Result<ProvableBundle, Rejection | FileProofFault> {
  const { crypto } = context;
  const facts = admitOutputs(judged, context);
  if (!facts.ok) return facts;
  if (reading.kind === "missing") return fileProofFault("OUTPUTS_ROOT_MISSING", {});
  const parsed = reading.kind === "bytes" ? parseOutputsRoot(reading.bytes) : undefined;
  if (parsed?.ok !== true) return fileProofFault("OUTPUTS_ROOT_INVALID", { reason: "form" });
  const statement = parsed.value;
  const { signer } = judged;
  const tree = buildTree(judged, crypto);
  // If the outputs do not form a tree, every statement of their root is false.
  if (tree === undefined)
    return fileProofFault("OUTPUTS_ROOT_INVALID", { reason: "mismatch", field: "outputs_root" });
  const field = findMismatch(statement, judged, facts.value.binding, tree, crypto);
  if (field !== undefined) return fileProofFault("OUTPUTS_ROOT_INVALID", { reason: "mismatch", field });
  if (!statementHolds(statement, signer.publicKey, crypto))
    return fileProofFault("OUTPUTS_ROOT_INVALID", { reason: "signature" });
  return ok({ runId: judged.opened.runId, signer, statement, tree });
}

/** The tree of all outputs. Gives `undefined` if a verifier would refuse the path or digest of one. */
function buildTree(judged: JudgedBundle, crypto: Crypto): MerkleTree | undefined {
  const entries: ManifestEntry[] = [];
  for (const claim of judged.claims) {
    if (!claim.lawful || claim.digest === undefined) return undefined;
    entries.push({ path: claim.path, digest: claim.digest });
  }
  const tree = buildMerkleTree(entries, crypto);
  return tree.ok ? tree.value : undefined;
}

/** The first member, in their order, that differs from the bundle. An unbound bundle has no time, so `sealed_at` differs. */
function findMismatch(
  statement: SignedOutputsStatement,
  { bundleRoot, opened, signer }: JudgedBundle,
  binding: Binding | undefined,
  tree: MerkleTree,
  crypto: Crypto,
): OutputsRootField | undefined {
  if (!matchesDigest(bundleRoot, statement.bundleRoot, crypto)) return "bundle_root";
  if (!matchesDigest(tree.root, statement.outputsRoot, crypto)) return "outputs_root";
  if (statement.runId !== opened.runId) return "run_id";
  // The signer states its own time, also for a bundle that was signed elsewhere.
  if (binding === undefined || statement.sealedAt !== signerTime(binding)) return "sealed_at";
  return matchesDigest(signer.validatorId, statement.validatorId, crypto) ? undefined : "validator_id";
}
