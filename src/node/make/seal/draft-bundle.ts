/**
 * The artifacts of a new bundle that need no signer, from what was found to the root that is signed (PROTOCOL 2, 5, 11).
 *
 * All are written in canonical form: equal inputs give equal bytes.
 *
 * @module
 */

import {
  BYTES_BESIDE_PATH,
  bindingObject,
  type Completable,
  type CompletedBundle,
  completeUnsigned,
  encodeOwn,
  type JsonObject,
  type JsonValue,
  jsonObject,
  OUTPUT_TREE_NAME,
  type UnsignedBundle,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { RUNSEAL_VERSION } from "../../system/runtime/version.ts";
import type { BundleContents, BundleLinks, RunError, RunOutcome } from "./bundle-contents.ts";

/** How many refused paths a STATUS.json names. */
const MAX_REFUSED = 1000;

/** How long they may be together. */
const MAX_REFUSED_CHARACTERS = 262_144;

/** The four artifacts of a bundle that need no signer, and the root that a signer signs. */
export interface BundleDraft extends CompletedBundle {
  readonly taskSpec: Uint8Array;
  readonly outputHashes: Uint8Array;
  /** When it is signed: RFC 3339, UTC, whole seconds. */
  readonly signedAt: string;
}

/** Completes the artifacts of a new bundle, or of a given one that is unsigned. */
export function draftBundle(contents: BundleContents, links: BundleLinks): BundleDraft {
  const { given, sealedAt } = contents;
  const unsigned = given?.unsigned ?? draftUnsigned(contents);
  return {
    ...completeUnsigned(unsigned, { ...links, signedAt: given?.signedAt }, nodeCrypto),
    taskSpec: unsigned.taskSpec.bytes,
    outputHashes: unsigned.outputHashes,
    signedAt: given?.signedAt ?? sealedAt,
  };
}

/** Makes the artifacts of an unsigned bundle, by name (PROTOCOL 11.1). No key is needed. */
export function unsignedArtifacts(contents: BundleContents): ReadonlyMap<string, Uint8Array> {
  const { outputHashes, proof, status, taskSpec } = draftUnsigned(contents);
  const files = new Map([
    ["TASK_SPEC.json", taskSpec.bytes],
    ["STATUS.json", encodeOwn(status)],
    ["OUTPUT_HASHES.json", outputHashes],
    ["PROOF.json", encodeOwn(proof)],
  ]);
  return contents.tree === undefined ? files : files.set(OUTPUT_TREE_NAME, contents.tree.bytes);
}

function draftUnsigned(contents: BundleContents): Completable & Pick<UnsignedBundle, "outputHashes"> {
  const { guard, outcome, outputs, proof, runId, sealedAt, taskSpec, tree } = contents;
  const outputHashes = encodeOutputHashes(contents);
  const counted = { files: outputs.length, bytes: outputs.bytes };
  const artifacts = { outputHashes, outputTree: tree?.bytes, proof: encodeOwn(proof) };
  const binding = bindingObject({ runId, sealedAt, guard, ...artifacts, ...counted }, nodeCrypto);
  const named = { run_id: runId, completed_at: sealedAt, runseal: binding };
  const status = jsonObject({ ...describeOutcome(outcome), ...named });
  return { taskSpec: { bytes: taskSpec }, status, binding, outputHashes, table: outputs.table, proof };
}

function encodeOutputHashes({ outputs, sealedAt }: BundleContents): Uint8Array {
  const hashes = outputs.table;
  return encodeOwn(
    jsonObject({
      hashes,
      validator_semver: "1.0.0",
      validator_build_id: `runseal:${RUNSEAL_VERSION}`,
      generated_at: sealedAt,
    }),
    hashes.columns.pathBytes.length + outputs.length * BYTES_BESIDE_PATH,
  );
}

function describeOutcome(outcome: RunOutcome): { status: string; cmp01: string; error: JsonValue } {
  if (outcome.status === "success") return { status: "success", cmp01: "pass", error: null };
  const { error, isRestored } = outcome;
  return {
    status: "failure",
    cmp01: isRestored ? "pass" : "fail",
    error: error === undefined ? null : encodeError(error),
  };
}

/** As many refused paths as there is room for: a command may leave any number of them. */
function encodeError({ code, message, refused }: RunError): JsonObject {
  let characters = 0;
  const shown = refused.slice(0, MAX_REFUSED).filter(({ other = "", path, target = "" }) => {
    characters += path.length + other.length + target.length;
    return characters <= MAX_REFUSED_CHARACTERS;
  });
  const more = refused.length - shown.length;
  return jsonObject({
    code,
    message,
    refused:
      refused.length === 0
        ? undefined
        : shown.map(({ other, path, reason, target }) => jsonObject({ path, reason, other, target })),
    refused_more: more === 0 ? undefined : more,
  });
}
