/**
 * TASK_SPEC.json of a run: the command, its inputs, and the outputs that it is to make.
 *
 * It contains only those variables of the environment that the caller named: an environment is full of secrets, and a
 * bundle is made to be shared. It contains the command and its arguments as they were given.
 *
 * @module
 */

import {
  DEFAULT_LIMITS,
  declareDigest,
  encodeOwn,
  type JsonValue,
  jsonObject,
  type Listing,
  ok,
  type Result,
} from "../../core/internal.ts";
import type { HashedOutput } from "../records/store/keeping.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import { systemName } from "../system/runtime/this-system.ts";
import { RUNSEAL_VERSION } from "../system/runtime/version.ts";

/** The facts of a run before it begins. */
export interface RunTask {
  readonly runId: string;
  readonly command: readonly string[];
  /** The folder it runs in, relative to the root; undefined if it is outside. */
  readonly folder: string | undefined;
  /** Requested outputs, relative to the root. */
  readonly outputs: readonly string[];
  /** Scratch folders, relative to the root. */
  readonly scratch: readonly string[];
  readonly inputs: Listing<HashedOutput>;
  /** Variables that the caller named; undefined if not set. */
  readonly environment: ReadonlyMap<string, string | undefined>;
  /** RFC 3339, UTC, whole seconds. */
  readonly createdAt: string;
}

/**
 * The bytes of TASK_SPEC.json, in canonical form. `inputs` are paths, as chains read them (PROTOCOL 9), with their
 * digests in `input_hashes`. Fails with INPUT_MALFORMED beyond what a verifier reads.
 */
export function encodeRunTask(task: RunTask): Result<Uint8Array, OperationFault> {
  const { inputs } = task;
  const encoded = encodeOwn(
    jsonObject({
      task_id: task.runId,
      command: task.command,
      working_folder: task.folder ?? null,
      inputs: Array.from(inputs, ({ path }) => path),
      input_hashes: new Map(
        Array.from(inputs, ({ path, digest }): [string, JsonValue] => [path, declareDigest(digest)]),
      ),
      expected_outputs: task.outputs,
      scratch: task.scratch,
      environment: new Map(
        [...task.environment].map(([name, value]): [string, JsonValue] => [name, value ?? null]),
      ),
      constraints: jsonObject({}),
      created_at: task.createdAt,
      versions: jsonObject({
        runseal: RUNSEAL_VERSION,
        node: process.versions.node,
        platform: `${systemName}-${process.arch}`,
      }),
    }),
  );
  return encoded.length > DEFAULT_LIMITS.artifactBytes
    ? operationFault("INPUT_MALFORMED", { reason: "task-too-large" })
    : ok(encoded);
}
