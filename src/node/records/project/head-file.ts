/**
 * The head of a project on a disk; `core/judge/history/head.ts` has its form.
 *
 * @module
 */

import {
  HEAD_NAME,
  type HistoryHead,
  MAX_HEAD_BYTES,
  matchesDigest,
  ok,
  PROJECT_HEAD,
  type Result,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { readRecord, writeRecord } from "../../system/files/record-file.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

export { HEAD_NAME } from "../../../core/internal.ts";

/** The run that the next run names. */
export type ProjectHead = HistoryHead;

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
    const head = readRecord(folder, name, MAX_HEAD_BYTES, PROJECT_HEAD);
    if (head === "missing") return ok(undefined);
    return head === "malformed" ? operationFault("HEAD_MALFORMED", { path }) : ok(head);
  } catch (thrown) {
    return operationFault("READ_FAILED", { path, reason: reasonOf(thrown) });
  }
}

/** Puts a head in the place of the one before, in one step and durably. Throws what the system says. */
export function writeHeadFile(folder: AnchoredDir, name: string, head: ProjectHead): void {
  // [head] A seal that was reported must survive a power cut, so a failure counts here.
  writeRecord(folder, name, PROJECT_HEAD.encode(head), 0o644);
}
