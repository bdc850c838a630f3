/**
 * TASK_SPEC.json of a seal: the file that the caller gave, byte for byte, or what was asked for, and when.
 *
 * @module
 */

import {
  DEFAULT_LIMITS,
  encodeOwn,
  jsonObject,
  ok,
  parseObject,
  type Result,
} from "../../../core/internal.ts";
import { readNamedBytes } from "../../system/files/open-named-file.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** A task spec for a seal that was given none: what was asked for, and when. */
export function defaultTaskSpec(runId: string, paths: readonly string[], sealedAt: string): Uint8Array {
  return encodeOwn(
    jsonObject({
      task_id: runId,
      inputs: [],
      expected_outputs: paths,
      constraints: jsonObject({}),
      created_at: sealedAt,
    }),
  );
}

/**
 * The task spec as the caller stored it, byte for byte; it must be what a verifier accepts. Fails with
 * INPUT_MALFORMED, PATH_NOT_FOUND or READ_FAILED.
 */
export function readTaskSpec(path: string): Result<Uint8Array, OperationFault> {
  try {
    const bytes = readNamedBytes(path, DEFAULT_LIMITS.artifactBytes);
    return typeof bytes !== "string" && parseObject(bytes) !== undefined
      ? ok(bytes)
      : operationFault("INPUT_MALFORMED", { reason: "task", path });
  } catch (thrown) {
    return errnoOf(thrown) === "ENOENT"
      ? operationFault("PATH_NOT_FOUND", { path, reason: reasonOf(thrown) })
      : operationFault("READ_FAILED", { path, reason: reasonOf(thrown) });
  }
}
