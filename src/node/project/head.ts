/**
 * The head of a project: the last run of its line, as `.runseal/HEAD` has it. Canonical JSON and a line feed:
 *
 *     {"bundle_root":"…","proof_hash":"…","run_id":"…","version":1}
 *
 * The next seal names both digests (PROTOCOL 10, 11). Reading is strict: a head is, byte for byte, what runseal
 * writes.
 *
 * @module
 */

import {
  asCount,
  encodeOwn,
  type HexDigest,
  isHexDigest,
  isJsonObject,
  jsonObject,
  matchesDigest,
  ok,
  parseStrictJson,
  type Result,
} from "../../core/internal.ts";
import { isRunId } from "../bundle/run-id.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { replaceFile } from "../files/durable-file.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { readRegularFile } from "../files/read-source.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";

/** The name in a project's own folder. */
export const HEAD_NAME = "HEAD";

const VERSION = 1;

/** A head is a few hundred bytes. */
const MAX_BYTES = 4096;

/** The run that the next run names. */
export interface ProjectHead {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  /** `proof_hash` of its PROOF.json. */
  readonly proofHash: HexDigest;
}

/** Encodes a head: one line with its line feed, UTF-8. */
export function encodeHead({ runId, bundleRoot, proofHash }: ProjectHead): Uint8Array {
  const head = jsonObject({
    bundle_root: bundleRoot,
    proof_hash: proofHash,
    run_id: runId,
    version: VERSION,
  });
  return Buffer.concat([encodeOwn(head), Buffer.from("\n")]);
}

/** Parses what `encodeHead` gives; `undefined` for anything else, even if one byte differs. */
export function parseHead(bytes: Uint8Array): ProjectHead | undefined {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined;
  const runId = parsed.value.get("run_id");
  const bundleRoot = parsed.value.get("bundle_root");
  const proofHash = parsed.value.get("proof_hash");
  if (asCount(parsed.value.get("version")) !== VERSION) return undefined;
  if (typeof runId !== "string" || !isRunId(runId)) return undefined;
  if (!isHexDigest(bundleRoot) || !isHexDigest(proofHash)) return undefined;
  const head = { runId, bundleRoot, proofHash };
  const written = encodeHead(head);
  return written.length === bytes.length && written.every((byte, at) => byte === bytes[at])
    ? head
    : undefined;
}

/** Whether two heads name the same run. */
export function isSameHead(left: ProjectHead | undefined, right: ProjectHead | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return (
    left.runId === right.runId &&
    matchesDigest(left.bundleRoot, right.bundleRoot, nodeCrypto) &&
    matchesDigest(left.proofHash, right.proofHash, nodeCrypto)
  );
}

/**
 * Reads the head of a project from its own folder; `undefined` if it is missing. `shown` is the folder as the
 * caller named it. Fails with HEAD_MALFORMED, or READ_FAILED if it exists but can't be read.
 */
export function readHead(
  folder: AnchoredDir,
  shown: string,
): Result<ProjectHead | undefined, OperationFault> {
  return readHeadFile(folder, HEAD_NAME, shown);
}

/** The same of any file that has a head's form. */
export function readHeadFile(
  folder: AnchoredDir,
  name: string,
  shown: string,
): Result<ProjectHead | undefined, OperationFault> {
  const path = `${shown}/${name}`;
  try {
    const reading = readRegularFile(folder, name, MAX_BYTES, fs);
    if (reading.kind === "missing") return ok(undefined);
    const head = reading.kind === "bytes" ? parseHead(reading.bytes) : undefined;
    return head === undefined ? operationFault("HEAD_MALFORMED", { path }) : ok(head);
  } catch (thrown) {
    return operationFault("READ_FAILED", { path, reason: reasonOf(thrown) });
  }
}

/** Puts a head in the place of the one before, in one step and durably. Throws what the system says. */
export function writeHeadFile(folder: AnchoredDir, name: string, head: ProjectHead): void {
  replaceFile(folder.address(name), encodeHead(head), 0o644);
  // [head] A seal that was reported must survive a power cut, so a failure counts here.
  fs.fsyncSync(folder.fd);
}
