/**
 * Checking files against a proof, with neither the bundle nor the other files at hand.
 *
 * @module
 */

import { resolve, sep } from "node:path";
import {
  type CheckedFileProof,
  checkFileProof,
  checkProvenBytes,
  type FileProof,
  type FileProofFault,
  fileProofFault,
  findProvenByDigest,
  findProvenFile,
  MAX_FILE_PROOF_BYTES,
  type OutputFinding,
  ok,
  type ProvenFile,
  parseFileProof,
  type Result,
} from "../../../core/internal.ts";
import { type ExpectedBundle, expectationFault } from "../../judge/verify/expected-bundle.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { readNamedFile } from "../../system/files/open-named-file.ts";
import { readUpTo } from "../../system/files/read-source.ts";
import { hashOpenFile, makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { driveSteps } from "../../system/runtime/interruption.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** What to check. */
export interface CheckProofRequest extends ExpectedBundle {
  /** The file that holds the proof. */
  readonly proof: string;
  /** Files on this disk, relative to `cwd`. Without any, only the proof itself is checked. */
  readonly files: readonly string[];
  readonly cwd: string;
  /** The path in the proof that the one file is compared with, if the file has another name. */
  readonly as?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A proof that is true, and files that are as it says. Whom to believe is not decided. */
export interface CheckedFiles {
  readonly proof: CheckedFileProof;
  /** In the caller's order. */
  readonly files: readonly CheckedFile[];
}

/** One file that is as it was sealed. */
export interface CheckedFile {
  /** As the caller named it. */
  readonly file: string;
  /** Its path in the proof. */
  readonly path: string;
  readonly bytes: number;
  /** How the path was found: by the file's name or the caller's word, or only by its bytes, the name being another one. */
  readonly matchedBy: "path" | "digest";
}

/** Why not: a no, or no answer. */
export type CheckProofFailure = FileProofFault | OperationFault;

/**
 * Checks the proof, then that each file is in it, then the files' bytes; the first failure ends it. A file whose name is
 * none of the proof's is looked up by its bytes. Throws an Interruption once the signal has fired.
 */
export async function judgeProofOfFiles(
  request: CheckProofRequest,
): Promise<Result<CheckedFiles, CheckProofFailure>> {
  const bytes = await readProof(request.proof);
  if (!bytes.ok) return bytes;
  const parsed = parseFileProof(bytes.value);
  if (!parsed.ok) return parsed;
  return await judgeFilesByProof(parsed.value, request);
}

/** The same, with a proof that was read already. */
export async function judgeFilesByProof(
  proof: FileProof,
  request: Omit<CheckProofRequest, "proof">,
): Promise<Result<CheckedFiles, CheckProofFailure>> {
  const checked = checkFileProof(proof, nodeCrypto);
  if (!checked.ok) return checked;
  const { bundleRoot, runId } = checked.value.statement;
  const { expectedBundleRoot: root, expectedId: id } = request;
  const other = expectationFault({ root, id }, { bundleRoot, boundRunId: runId });
  if (other !== undefined) return other;
  const matched = matchFiles(checked.value, request);
  if (!matched.ok) return matched;
  const files: CheckedFile[] = [];
  const unknown: string[] = [];
  const buffer = makeReadBuffer();
  for (const { file, proven } of matched.value) {
    const found = await hashNamedFile(file, buffer, request.signal);
    if (!found.ok) return found;
    const { bytes, digest } = found.value;
    if (proven === undefined) {
      const [first] = findProvenByDigest(checked.value, digest, nodeCrypto);
      if (first === undefined) unknown.push(file);
      else files.push({ file, path: first.path, bytes, matchedBy: "digest" });
      continue;
    }
    const fault = checkProvenBytes(proven, digest, nodeCrypto);
    if (fault !== undefined) return { ...fault, details: { ...fault.details, names: [file] } };
    files.push({ file, path: proven.path, bytes, matchedBy: "path" });
  }
  if (unknown.length > 0) return fileProofFault("FILE_NOT_PROVEN", { names: unknown });
  return ok({ proof: checked.value, files });
}

/** Reads one byte more than a proof may have, so that the parser refuses it. */
function readProof(path: string): Promise<Result<Uint8Array, OperationFault>> {
  return readNamedFile(path, (source) => {
    const size = source.before.size;
    const length = size > BigInt(MAX_FILE_PROOF_BYTES) ? MAX_FILE_PROOF_BYTES + 1 : Number(size);
    return ok(readUpTo(source.fd, length, fs));
  });
}

function matchFiles(
  proof: CheckedFileProof,
  { as, cwd, files }: Omit<CheckProofRequest, "proof">,
): Result<readonly MatchedFile[], FileProofFault> {
  const matched: MatchedFile[] = [];
  for (const file of files) {
    const found = findProvenFile(proof, as ?? slashed(file), as ?? slashed(resolve(cwd, file)));
    if (found.ok) matched.push({ file, proven: found.value });
    else if (found.code === "AMBIGUOUS") return found;
    else if (as === undefined) matched.push({ file, proven: undefined });
    else {
      // Where the proof is about one file only, that is the one that was meant.
      const candidates = proof.files.length === 1 ? proof.files.map(({ path }) => path) : [];
      return fileProofFault("FILE_NOT_PROVEN", { names: [as], candidates });
    }
  }
  return ok(matched);
}

/** A file, and what the proof calls it; undefined where no path of the proof fits its name. */
interface MatchedFile {
  readonly file: string;
  readonly proven: ProvenFile | undefined;
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}

function hashNamedFile(
  path: string,
  buffer: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Result<Extract<OutputFinding, { kind: "file" }>, OperationFault>> {
  return readNamedFile(path, async (source) => {
    const found = await driveSteps(hashOpenFile(source, buffer, fs), signal);
    return found.kind === "file" ? ok(found) : operationFault("CHANGED_WHILE_READ", { path });
  });
}
