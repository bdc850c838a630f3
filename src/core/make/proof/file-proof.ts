/**
 * A proof of files: shows that they are in a run, to a reader without the bundle and the other files.
 *
 *     { "version": 1, "statement": the six members of OUTPUTS_ROOT.json, "public_key": 64 hex,
 *       "files": [ { "path": "dist/app.js", "sha256": 64 hex,
 *                    "steps": [ { "sibling": 64 hex, "sibling_is_left": true } ] } ] }
 *
 * `steps` lead from the file's leaf to the statement's `outputs_root` (PROTOCOL 10). Files are in byte order of
 * path, each once. docs/proofs.md explains what such a proof shows and what it does not. check-file-proof.ts
 * has the checks and their order.
 *
 * @module
 */

import { type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";
import { MAX_FILE_PROOF_BYTES } from "../../system/bytes/limits.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import { compareUtf8 } from "../../system/bytes/utf8.ts";
import { FILE_PROOF_CODES, type FileProofCode } from "../../system/codes/codes.ts";
import type { FaultOf, MadeFault, None, Worded } from "../../system/codes/facts.ts";
import { faultWords } from "../../system/codes/fault-words.ts";
import { encodeOwn } from "../../system/json/canonical-json.ts";
import {
  asCount,
  hasExactly,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonObject,
} from "../../system/json/json-value.ts";
import { DIGEST, named, object, readAs, text } from "../../system/json/record.ts";
import { parseStrictJson, type StrictJsonReason } from "../../system/json/strict-json.ts";
import {
  MEMBERSHIP_STEPS,
  type MembershipStep,
  parseMembershipSteps,
  proveMembership,
} from "./membership.ts";
import { isManifestEntry, type MerkleTree } from "./merkle.ts";
import { type OutputsRootField, SIGNED_STATEMENT, type SignedOutputsStatement } from "./outputs-root.ts";

const VERSION = 1;
const FIELDS = ["files", "public_key", "statement", "version"];

/** A proof as read or made. Only `checkFileProof` decides whether it is true. */
export interface FileProof {
  readonly statement: SignedOutputsStatement;
  /** As written in the proof, not checked yet. */
  readonly publicKey: string;
  /** In byte order of path, at least one. */
  readonly files: readonly ProvenFile[];
}

/** One file of a proof. */
export interface ProvenFile {
  /** A lawful path that `isManifestEntry` accepts. */
  readonly path: string;
  readonly digest: HexDigest;
  /** From the leaf to the root. */
  readonly steps: readonly MembershipStep[];
}

/** Its steps have a reason of their own where they are malformed. */
const FILE = object<ProvenFile>({
  path: text(),
  digest: named("sha256", DIGEST),
  steps: MEMBERSHIP_STEPS,
});

/** Why bytes are not a proof. */
export type FileProofReason =
  | StrictJsonReason
  | "too-large"
  | "not-an-object"
  | "newer-version"
  | "fields"
  | "statement"
  | "no-files"
  | "file"
  | "steps"
  | "order";

/** The facts of each code. Paths are untrusted text: quote them before showing them. */
export interface FileProofFacts {
  OUTPUTS_ROOT_MISSING: None;
  OUTPUTS_ROOT_INVALID:
    | { readonly reason: "form" | "signature" }
    /** The member of OUTPUTS_ROOT.json that differs from the bundle. */
    | { readonly reason: "mismatch"; readonly field: OutputsRootField };
  FILE_NOT_IN_BUNDLE: /** Names from the caller that are not in the bundle, as given. */
    | { readonly names: readonly string[] }
    /** What the bundle has at the path: only files can be proven. */
    | { readonly reason: "kind"; readonly path: string; readonly kind: "folder" | "link" };
  FILE_PROOF_TOO_LARGE: None;
  /** `entry`: a file's position in the proof, from 1. */
  FILE_PROOF_MALFORMED: { readonly reason: FileProofReason; readonly entry?: number | undefined };
  FILE_PROOF_INVALID:
    | { readonly reason: "key" | "identity" | "signature" }
    | { readonly reason: "not-member"; readonly path: string };
  /** `candidates`: the one path of the proof, if it has no other. */
  FILE_NOT_PROVEN: { readonly names: readonly string[]; readonly candidates?: readonly string[] };
  /** `candidates`: paths of the proof that a name may mean. */
  AMBIGUOUS: {
    readonly reason: "file";
    readonly names: readonly string[];
    readonly candidates: readonly string[];
  };
  /** Digests are `sha256:` and 64 hex. `names`: the file as the caller named it. */
  FILE_DIFFERS: {
    readonly path: string;
    readonly expected: string;
    readonly actual: string;
    readonly names?: readonly string[];
  };
}

/** A failure to make, parse or check a proof of files: one of some codes, with its facts. */
export type FileProofFault<Code extends FileProofCode = FileProofCode> = FaultOf<FileProofFacts, Code> &
  Worded;

/** Whether a fault is one of these. */
export function isFileProofFault(fault: { readonly code: string }): fault is FileProofFault {
  return FILE_PROOF_CODES.some((code) => code === fault.code);
}

/** Makes a fault. */
export function fileProofFault<Code extends FileProofCode>(
  code: Code,
  details: FileProofFacts[Code],
): MadeFault<FileProofFacts, Code> & Worded {
  const { names = [], path, reason }: Partial<FileProofFacts["FILE_DIFFERS"] & { reason: string }> = details;
  return { ok: false, code, message: faultWords(code, path === undefined ? names : [path], reason), details };
}

/**
 * Proves files of a tree. `paths` may be in any order and name a path twice. The caller has compared the
 * statement with the bundle. A path that is not in the tree is a bug.
 */
export function makeFileProof(
  statement: SignedOutputsStatement,
  publicKey: string,
  tree: MerkleTree,
  paths: readonly string[],
): FileProof {
  const files = [...new Set(paths)].sort(compareUtf8).map((path): ProvenFile => {
    const proof = proveMembership(tree, path);
    if (proof === undefined || !isHexDigest(proof.digest)) throw new TypeError("a path is not in the tree");
    return { path, digest: proof.digest, steps: proof.steps };
  });
  return { statement, publicKey, files };
}

/** Encodes a proof as canonical JSON. Readers accept any strict JSON of the same value. */
export function encodeFileProof({ statement, publicKey, files }: FileProof): Uint8Array {
  return encodeOwn(
    jsonObject({
      version: VERSION,
      statement: SIGNED_STATEMENT.write(statement),
      public_key: publicKey,
      files: files.map(FILE.write),
    }),
  );
}

/** Parses a proof strictly. Fails with FILE_PROOF_MALFORMED and the reason. Never throws. */
export function parseFileProof(bytes: Uint8Array): Result<FileProof, FileProofFault> {
  if (bytes.length > MAX_FILE_PROOF_BYTES) return malformed("too-large");
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok) return malformed(parsed.reason);
  return isJsonObject(parsed.value) ? readFileProof(parsed.value) : malformed("not-an-object");
}

/** Whether an object is a proof of files, however wrong: no other tool's evidence has a statement at its top. */
export function isFileProof(object: JsonObject): boolean {
  return object.has("statement");
}

/** Reads a proof as `parseFileProof` does. The caller has bounded its bytes. */
export function readFileProof(proof: JsonObject): Result<FileProof, FileProofFault> {
  const version = asCount(proof.get("version"));
  if (version !== undefined && version > VERSION) return malformed("newer-version");
  const publicKey = proof.get("public_key");
  const entries = proof.get("files");
  if (!hasExactly(proof, FIELDS) || version !== VERSION) return malformed("fields");
  if (typeof publicKey !== "string" || !Array.isArray(entries)) return malformed("fields");
  const statement = readAs(SIGNED_STATEMENT, proof.get("statement"));
  if (statement === undefined) return malformed("statement");
  const files = readFiles(entries);
  return files.ok ? ok({ statement, publicKey, files: files.value }) : files;
}

function readFiles(entries: readonly JsonValue[]): Result<readonly ProvenFile[], FileProofFault> {
  if (entries.length === 0) return malformed("no-files");
  const files: ProvenFile[] = [];
  for (const [index, entry] of entries.entries()) {
    const file = readFile(entry);
    if (typeof file === "string") return malformed(file, index + 1);
    // One order without repetition, so that the same files have one proof.
    const before = files.at(-1);
    if (before !== undefined && compareUtf8(before.path, file.path) >= 0)
      return malformed("order", index + 1);
    files.push(file);
  }
  return ok(files);
}

function readFile(value: JsonValue): ProvenFile | "file" | "steps" {
  if (!isJsonObject(value)) return "file";
  const steps = parseMembershipSteps(value.get("steps"));
  const file = readAs(
    FILE,
    typeof steps === "string" && value.has("steps") ? new Map(value).set("steps", []) : value,
  );
  if (file === undefined || !isManifestEntry(file)) return "file";
  return typeof steps === "string" ? "steps" : file;
}

function malformed(reason: FileProofReason, entry?: number): FileProofFault {
  return fileProofFault("FILE_PROOF_MALFORMED", { reason, entry });
}
