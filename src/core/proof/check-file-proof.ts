/**
 * Checking a proof of files, with nothing at hand but the proof: the first failure ends it.
 *
 * 1. the public key is one (PROTOCOL 3), and the statement's validator id is its SHA-256;
 * 2. the signature holds over the statement;
 * 3. the steps of every file lead from its leaf to the statement's root.
 *
 * Then the caller holds the files that it was given against the digests, and asks its trust policy about the
 * signer: the key in a proof is never a reason to trust it.
 *
 * @module
 */

import { parsePublicKey, type SignerIdentity } from "../artifacts/identity.ts";
import { declareDigest } from "../artifacts/output-claims.ts";
import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import { digestToHex, type HexDigest } from "../bytes/hex.ts";
import { ok, type Result } from "../bytes/result.ts";
import { type FileProof, type FileProofFault, fileProofFault, type ProvenFile } from "./file-proof.ts";
import { checkMembership, hashNode, membershipProofObject } from "./membership.ts";
import { hashLeaf } from "./merkle.ts";
import { type OutputsStatement, statementHolds } from "./outputs-root.ts";

/** The brand of a checked proof. It never leaves this file. */
const checked: unique symbol = Symbol("checked");

/** A proof that is true of its files, if their bytes have the digests. Whom to believe is not decided. */
export interface CheckedFileProof {
  readonly [checked]: true;
  readonly signer: SignerIdentity;
  readonly statement: OutputsStatement;
  readonly files: readonly ProvenFile[];
}

/**
 * Checks a proof. Fails with FILE_PROOF_KEY_INVALID, FILE_PROOF_IDENTITY_INVALID, FILE_PROOF_SIGNATURE_INVALID,
 * or FILE_PROOF_NOT_MEMBER {path} for the first file whose steps lead elsewhere.
 */
export function checkFileProof(
  { files, publicKey, statement }: FileProof,
  crypto: Crypto,
): Result<CheckedFileProof, FileProofFault> {
  const signer = parsePublicKey(publicKey, crypto);
  if (signer === undefined) return fileProofFault("FILE_PROOF_KEY_INVALID");
  if (!matchesDigest(signer.validatorId, statement.validatorId, crypto))
    return fileProofFault("FILE_PROOF_IDENTITY_INVALID");
  if (!statementHolds(statement, signer.publicKey, crypto))
    return fileProofFault("FILE_PROOF_SIGNATURE_INVALID");
  for (const file of files) {
    const fault = checkMembership(file, membershipProofObject(file), statement.outputsRoot, crypto);
    if (fault !== undefined || hasIdleSide(file, crypto))
      return fileProofFault("FILE_PROOF_NOT_MEMBER", { path: file.path });
  }
  return ok({ [checked]: true, signer, statement, files });
}

/**
 * Whether a step has the digest itself for its sibling, and on the left. At the end of an odd level either side
 * gives the same root; such a sibling stands on the right, so that no second proof says the same.
 */
function hasIdleSide(file: ProvenFile, crypto: Crypto): boolean {
  let digest = digestToHex(hashLeaf(file, crypto));
  for (const step of file.steps) {
    if (step.siblingIsLeft && matchesDigest(digest, step.sibling, crypto)) return true;
    digest = hashNode(digest, step, crypto);
  }
  return false;
}

/**
 * Which file of a proof a name on somebody's disk means: the one whose path it is, else the one that its
 * whole address ends with at a `/`. Both are separated by `/`. Fails with FILE_NOT_PROVEN, or with
 * FILE_AMBIGUOUS where several paths fit: nothing is guessed.
 */
export function findProvenFile(
  proof: CheckedFileProof,
  name: string,
  address: string,
): Result<ProvenFile, FileProofFault> {
  const exact = proof.files.find(({ path }) => path === name);
  if (exact !== undefined) return ok(exact);
  const fitting = proof.files.filter(({ path }) => address.endsWith(`/${path}`));
  const [only, ...others] = fitting;
  if (only === undefined) return fileProofFault("FILE_NOT_PROVEN", { names: [name] });
  if (others.length === 0) return ok(only);
  const candidates = fitting.map(({ path }) => path);
  return fileProofFault("FILE_AMBIGUOUS", { names: [name], candidates });
}

/** The files of a proof that have a digest: more than one where a run has the same bytes under several paths. */
export function findProvenByDigest(
  proof: CheckedFileProof,
  digest: HexDigest,
  crypto: Crypto,
): readonly ProvenFile[] {
  return proof.files.filter((file) => matchesDigest(file.digest, digest, crypto));
}

/** Holds a file's bytes against a proof. Fails with FILE_DIFFERS {path, expected, actual}. */
export function checkProvenBytes(
  file: ProvenFile,
  actual: HexDigest,
  crypto: Crypto,
): FileProofFault | undefined {
  if (matchesDigest(file.digest, actual, crypto)) return undefined;
  const { path } = file;
  return fileProofFault("FILE_DIFFERS", {
    path,
    expected: declareDigest(file.digest),
    actual: declareDigest(actual),
  });
}
