/**
 * From a bundle to what its files can be proven by: its statement of outputs is held against the bundle, so
 * that nobody is handed a proof of something that the bundle does not say.
 *
 * The outputs themselves need not be at hand: everything that their bytes don't decide is checked, which is
 * phases 1 to 8 of a verdict (by the caller) and 10 (here), the total of bytes aside.
 *
 * @module
 */

import { checkBoundProof } from "../artifacts/binding.ts";
import type { SignerIdentity } from "../artifacts/identity.ts";
import type { ArtifactReading } from "../artifacts/opened-bundle.ts";
import { checkAcceptance } from "../bundle/phases/acceptance.ts";
import type { JudgedBundle } from "../bundle/verify-bundle.ts";
import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import { ok, type Result } from "../bytes/result.ts";
import type { Rejection } from "../codes/verdict.ts";
import { type FileProofFault, fileProofFault } from "./file-proof.ts";
import { growMerkleTree, type ManifestEntry, type MerkleTree } from "./merkle.ts";
import {
  type OutputsRootField,
  parseOutputsRoot,
  type SignedOutputsStatement,
  statementHolds,
} from "./outputs-root.ts";

/** A bundle whose artifacts are sound and whose statement of outputs is true of it. */
export interface ProvableBundle {
  readonly runId: string;
  readonly signer: SignerIdentity;
  readonly statement: SignedOutputsStatement;
  readonly tree: MerkleTree;
}

/**
 * Holds what was found as OUTPUTS_ROOT.json against a bundle whose artifacts were judged. Fails as phase 10 does,
 * then with OUTPUTS_ROOT_MISSING, OUTPUTS_ROOT_MALFORMED, OUTPUTS_ROOT_MISMATCH {field} for the first member
 * that says something else than the bundle, or OUTPUTS_ROOT_INVALID where its signature does not hold.
 */
export function admitStatement(
  judged: JudgedBundle,
  reading: ArtifactReading,
  crypto: Crypto,
): Result<ProvableBundle, Rejection | FileProofFault> {
  const { claims, opened, outputHashes, proof, signer, status } = judged;
  const facts = {
    runId: opened.runId,
    outputHashes: outputHashes.bytes,
    files: claims.length,
    bytes: undefined,
  };
  const accepted = checkAcceptance(status, opened.confusable, facts, crypto);
  if (!accepted.ok) return accepted;
  const unbound = checkBoundProof(status, proof.bytes, crypto);
  if (unbound !== undefined) return unbound;

  if (reading.kind === "missing") return fileProofFault("OUTPUTS_ROOT_MISSING");
  const parsed = reading.kind === "bytes" ? parseOutputsRoot(reading.bytes) : undefined;
  if (parsed?.ok !== true) return fileProofFault("OUTPUTS_ROOT_MALFORMED");
  const statement = parsed.value;
  const { runId } = opened;
  const tree = growTree(judged, crypto);
  // No statement is true of outputs that make no tree.
  if (tree === undefined) return fileProofFault("OUTPUTS_ROOT_MISMATCH", { field: "outputs_root" });
  const field = findMismatch(statement, judged, accepted.binding?.sealedAt, tree, crypto);
  if (field !== undefined) return fileProofFault("OUTPUTS_ROOT_MISMATCH", { field });
  if (!statementHolds(statement, signer.publicKey, crypto)) return fileProofFault("OUTPUTS_ROOT_INVALID");
  return ok({ runId, signer, statement, tree });
}

/** The tree of all outputs; none where one of them has a path or digest that no verifier accepts. */
function growTree(judged: JudgedBundle, crypto: Crypto): MerkleTree | undefined {
  const entries: ManifestEntry[] = [];
  for (const claim of judged.claims) {
    if (!claim.lawful || claim.digest === undefined) return undefined;
    entries.push({ path: claim.path, digest: claim.digest });
  }
  const tree = growMerkleTree(entries, crypto);
  return tree.ok ? tree.value : undefined;
}

/** The first member, in their order, that says something else than the bundle. An unbound bundle says no moment. */
function findMismatch(
  statement: SignedOutputsStatement,
  { bundleRoot, opened, signer }: JudgedBundle,
  sealedAt: string | undefined,
  tree: MerkleTree,
  crypto: Crypto,
): OutputsRootField | undefined {
  if (!matchesDigest(bundleRoot, statement.bundleRoot, crypto)) return "bundle_root";
  if (!matchesDigest(tree.root, statement.outputsRoot, crypto)) return "outputs_root";
  if (statement.runId !== opened.runId) return "run_id";
  if (statement.sealedAt !== sealedAt) return "sealed_at";
  return matchesDigest(signer.validatorId, statement.validatorId, crypto) ? undefined : "validator_id";
}
