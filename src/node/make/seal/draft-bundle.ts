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
  completeUnsigned,
  computeBundleRoot,
  encodeOwn,
  type HexDigest,
  type JsonObject,
  type JsonValue,
  jsonObject,
  linkProof,
  OUTPUT_TREE_NAME,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { RUNSEAL_VERSION } from "../../system/runtime/version.ts";
import type { BundleContents, BundleLinks, GivenBundle, RunError, RunOutcome } from "./bundle-contents.ts";

/** How many refused paths a STATUS.json names. */
const MAX_REFUSED = 1000;

/** How long they may be together. */
const MAX_REFUSED_CHARACTERS = 262_144;

/** The four artifacts of a bundle that need no signer, and the root that a signer signs. */
export interface BundleDraft {
  readonly taskSpec: Uint8Array;
  readonly status: Uint8Array;
  readonly outputHashes: Uint8Array;
  readonly proof: Uint8Array;
  readonly proofHash: HexDigest;
  readonly bundleRoot: HexDigest;
  /** When it is signed: RFC 3339, UTC, whole seconds. */
  readonly signedAt: string;
}

/** Makes the artifacts of a bundle, or completes those of an unsigned one. */
export function draftBundle(contents: BundleContents, links: BundleLinks): BundleDraft {
  const { given } = contents;
  return given === undefined ? draftOwn(contents, links) : completeGiven(given, links);
}

/** Makes the artifacts of an unsigned bundle, by name (PROTOCOL 11.1). No key is needed. */
export function unsignedArtifacts(contents: BundleContents): ReadonlyMap<string, Uint8Array> {
  const proof = encodeOwn(contents.proof);
  const outputHashes = encodeOutputHashes(contents);
  const status = describeStatus(contents, {
    proof,
    outputHashes,
    previousBundleRoot: undefined,
    failedRuns: [],
  });
  const files = new Map([
    ["TASK_SPEC.json", contents.taskSpec],
    ["STATUS.json", encodeOwn(status)],
    ["OUTPUT_HASHES.json", outputHashes],
    ["PROOF.json", proof],
  ]);
  return contents.tree === undefined ? files : files.set(OUTPUT_TREE_NAME, contents.tree.bytes);
}

function draftOwn(contents: BundleContents, { failedRuns, previous }: BundleLinks): BundleDraft {
  const { outputs, sealedAt, taskSpec } = contents;
  const outputHashes = encodeOutputHashes(contents);
  const linked = linkProof(contents.proof, previous?.proofHash, nodeCrypto);
  const proof = encodeOwn(linked.proof);
  const previousBundleRoot = previous?.bundleRoot;
  const status = describeStatus(contents, { proof, outputHashes, previousBundleRoot, failedRuns });
  const root = computeBundleRoot({ outputHashes: outputs.table, status, taskSpec }, nodeCrypto);
  if (!root.ok) throw new TypeError("a status of runseal's own holds integers only");
  return {
    taskSpec,
    status: encodeOwn(status),
    outputHashes,
    proof,
    proofHash: linked.proofHash,
    bundleRoot: root.value,
    signedAt: sealedAt,
  };
}

/** Every byte that the signer does not complete is the one that it was given. */
function completeGiven({ signedAt, unsigned }: GivenBundle, links: BundleLinks): BundleDraft {
  const completed = completeUnsigned(unsigned, { ...links, signedAt }, nodeCrypto);
  return {
    ...completed,
    taskSpec: unsigned.taskSpec.bytes,
    outputHashes: unsigned.outputHashes,
    signedAt,
  };
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

/** What the binding names besides the contents. */
interface BoundArtifacts extends Pick<BundleLinks, "failedRuns"> {
  readonly proof: Uint8Array;
  readonly outputHashes: Uint8Array;
  readonly previousBundleRoot: HexDigest | undefined;
}

function describeStatus(contents: BundleContents, bound: BoundArtifacts): JsonObject {
  const { guard, outcome, outputs, runId, sealedAt, tree } = contents;
  const counted = { files: outputs.length, bytes: outputs.bytes };
  const binding = bindingObject(
    { runId, sealedAt, outputTree: tree?.bytes, guard, ...bound, ...counted },
    nodeCrypto,
  );
  return jsonObject({
    ...describeOutcome(outcome),
    run_id: runId,
    completed_at: sealedAt,
    runseal: binding,
  });
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
