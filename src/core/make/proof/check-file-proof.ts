/**
 * Checks a proof of files from the proof alone. The first failure ends the check.
 *
 * 1. The public key is accepted (PROTOCOL 3), and the statement's validator id is its SHA-256.
 * 2. The signature over the statement holds.
 * 3. The steps of every file lead from its leaf to the statement's root.
 *
 * Then the caller compares its files with the digests, and applies its trust policy to the signer. The key in
 * a proof is never a reason to trust the proof.
 *
 * @module
 */

import { parsePublicKey, type SignerIdentity } from "../../records/artifacts/identity.ts";
import { declareDigest } from "../../records/artifacts/output-table.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest } from "../../system/bytes/hex.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import { type FileProof, type FileProofFault, fileProofFault, type ProvenFile } from "./file-proof.ts";
import { checkMembership, hashNode, membershipProofObject } from "./membership.ts";
import { hashLeaf } from "./merkle.ts";
import { type OutputsStatement, statementHolds } from "./outputs-root.ts";

/** The brand of a checked proof. Never exported, so that only this file makes one. */
const checked: unique symbol = Symbol("checked");

/** A proof whose keys, signature and steps hold. Does not say that its signer is trusted, or what bytes the caller's files have. */
export interface CheckedFileProof {
  readonly [checked]: true;
  readonly signer: SignerIdentity;
  readonly statement: OutputsStatement;
  readonly files: readonly ProvenFile[];
}

/**
 * Checks a proof. Fails with FILE_PROOF_INVALID,
 * `not-member` {path} for the first file whose steps do not lead to the root.
 */
export function checkFileProof(
  { files, publicKey, statement }: FileProof,
  crypto: Crypto,
): Result<CheckedFileProof, FileProofFault> {
  const signer = parsePublicKey(publicKey, crypto);
  if (signer === undefined) return fileProofFault("FILE_PROOF_INVALID", { reason: "key" });
  if (!matchesDigest(signer.validatorId, statement.validatorId, crypto))
    return fileProofFault("FILE_PROOF_INVALID", { reason: "identity" });
  if (!statementHolds(statement, signer.publicKey, crypto))
    return fileProofFault("FILE_PROOF_INVALID", { reason: "signature" });
  for (const file of files) {
    const fault = checkMembership(file, membershipProofObject(file), statement.outputsRoot, crypto);
    if (fault !== undefined || hasRedundantLeftSide(file, crypto))
      return fileProofFault("FILE_PROOF_INVALID", { reason: "not-member", path: file.path });
  }
  return ok({ [checked]: true, signer, statement, files });
}

/**
 * Whether a step's sibling is the digest itself and is on the left. At the end of an odd level both sides give
 * the same root. Only the right side is accepted, so that there is one proof for each file.
 */
function hasRedundantLeftSide(file: ProvenFile, crypto: Crypto): boolean {
  let digest = digestToHex(hashLeaf(file, crypto));
  for (const step of file.steps) {
    if (step.siblingIsLeft && matchesDigest(digest, step.sibling, crypto)) return true;
    digest = hashNode(digest, step, crypto);
  }
  return false;
}

/**
 * Finds the file of a proof that a local file name means: the one with this path, else the one whose path is the
 * end of the full `address`, from a `/` on. Both use `/` as separator. Fails with FILE_NOT_PROVEN, or with
 * AMBIGUOUS if several paths match, and never guesses.
 */
export function findProvenFile(
  proof: CheckedFileProof,
  name: string,
  address: string,
): Result<ProvenFile, FileProofFault> {
  const exact = proof.files.find(({ path }) => path === name);
  if (exact !== undefined) return ok(exact);
  const matching = proof.files.filter(({ path }) => address.endsWith(`/${path}`));
  const [only, ...others] = matching;
  if (only === undefined) return fileProofFault("FILE_NOT_PROVEN", { names: [name] });
  if (others.length === 0) return ok(only);
  const candidates = matching.map(({ path }) => path);
  return fileProofFault("AMBIGUOUS", { reason: "file", names: [name], candidates });
}

/** Finds the files of a proof with this digest. A run can have the same bytes under several paths. */
export function findProvenByDigest(
  proof: CheckedFileProof,
  digest: HexDigest,
  crypto: Crypto,
): readonly ProvenFile[] {
  return proof.files.filter((file) => matchesDigest(file.digest, digest, crypto));
}

/** Compares a file's digest with a proof. Fails with FILE_DIFFERS {path, expected, actual}. */
export function checkProvenBytes(
  file: ProvenFile,
  actual: HexDigest,
  crypto: Crypto,
): FileProofFault<"FILE_DIFFERS"> | undefined {
  if (matchesDigest(file.digest, actual, crypto)) return undefined;
  return fileProofFault("FILE_DIFFERS", {
    path: file.path,
    expected: declareDigest(file.digest),
    actual: declareDigest(actual),
  });
}
