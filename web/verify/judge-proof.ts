/** A proof of files and the file that it is about, judged as `runseal check PROOF FILE` does. @module */

import {
  type CheckedFileProof,
  checkFileProof,
  checkProvenBytes,
  digestToHex,
  type FileProofFault,
  fileProofFault,
  findProvenByDigest,
  MAX_FILE_PROOF_BYTES,
  ok,
  type ProvenFile,
  parseFileProof,
  type Result,
  signedAt,
  type WebCrypto,
} from "../../src/core/internal.ts";
import type { HashedFile } from "../hashing/hash-message.ts";
import type { SourceFault } from "../source/read-artifact.ts";
import { readingCode } from "../source/reading-code.ts";
import type { SealedFacts } from "./read-project.ts";

/** What was found of a proof, and of a file. */
export interface ProofReport {
  readonly proof: Result<CheckedFileProof, FileProofFault | SourceFault>;
  /** Undefined until the user gives one. */
  readonly file?: JudgedFile | undefined;
}

/** A file, and what the proof calls it. */
export interface JudgedFile {
  readonly name: string;
  readonly bytes: number;
  readonly proven: Result<ProvenFile, FileProofFault | SourceFault>;
}

/** Reads and checks a proof; undefined for a file that is not JSON. */
export async function readProof(file: File, crypto: WebCrypto): Promise<ProofReport | undefined> {
  try {
    if (!/^\s*\{/.test(await file.slice(0, 64).text())) return undefined;
    // One byte more than a proof may have, so that the parser refuses it.
    const bytes = await file.slice(0, MAX_FILE_PROOF_BYTES + 1).arrayBuffer();
    const parsed = parseFileProof(new Uint8Array(bytes));
    const proof = parsed.ok ? await crypto.settle(() => checkFileProof(parsed.value, crypto.port)) : parsed;
    return { proof };
  } catch (thrown) {
    return { proof: { ok: false, code: readingCode(thrown), details: { path: file.name } } };
  }
}

/**
 * Compares a file with a proof. A browser does not say in which folder it is: the path of the same last name counts, if there is one
 * only, and else the bytes decide.
 */
export function judgeFile(
  proof: CheckedFileProof,
  { name, size: bytes }: File,
  hashed: HashedFile,
  { port }: WebCrypto,
): JudgedFile {
  if (typeof hashed === "string")
    return { name, bytes, proven: { ok: false, code: hashed, details: { path: name } } };
  const digest = digestToHex(hashed);
  const named = proof.files.filter(({ path }) => path === name || path.endsWith(`/${name}`));
  const [found] = named.length === 1 ? named : findProvenByDigest(proof, digest, port);
  if (found === undefined)
    return { name, bytes, proven: fileProofFault("FILE_NOT_PROVEN", { names: [name] }) };
  return { name, bytes, proven: checkProvenBytes(found, digest, port) ?? ok(found) };
}

/** What a decision about the signer of a proof needs. It carries no countersignature: one vouches for a bundle. */
export function factsOfProof({ signer, statement }: CheckedFileProof): SealedFacts {
  return signedAt(signer, statement.sealedAt);
}
