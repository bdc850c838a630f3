/**
 * The seven artifacts of a new bundle, from what was found to the signature (PROTOCOL 2, 5, 7, 11).
 *
 * All are written in canonical form: equal inputs give equal bytes.
 *
 * @module
 */

import {
  type ArtifactName,
  BYTES_BESIDE_PATH,
  bindingObject,
  computeBundleRoot,
  encodeOwn,
  encodeSigningMessage,
  type FailedRun,
  type FindingTable,
  type HexDigest,
  identityOf,
  type JsonObject,
  type JsonValue,
  jsonObject,
  type Listing,
  linkProof,
  type OutputTable,
  ok,
  type Result,
  type SignerIdentity,
  signedPayload,
  toHex,
} from "../../core/internal.ts";
import { type Signer, signChecked } from "../keys/signer.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { OperationFault, RefusedEntry } from "../runtime/operation-fault.ts";

/** How many refused paths a STATUS.json names. */
const MAX_REFUSED = 1000;

/** How long they may be together. */
const MAX_REFUSED_CHARACTERS = 262_144;

/** How a run ended, as its STATUS.json says it. No verifier accepts a failed one. */
export type RunOutcome =
  | { readonly status: "success" }
  | {
      readonly status: "failure";
      /** Undefined where the command did well, and only its scratch folders are not as they were found. */
      readonly error: RunError | undefined;
      /** Whether the scratch folders were left as found: `cmp01`. */
      readonly isRestored: boolean;
    };

/** Why a run failed. */
export interface RunError {
  readonly code: string;
  readonly message: string;
  /** Outputs that can't be sealed. */
  readonly refused: readonly RefusedEntry[];
}

/** One output as it was read: its lawful path, its digest, its length. */
export interface SealedOutput {
  readonly path: string;
  readonly digest: HexDigest;
  readonly bytes: number;
}

/** All outputs of a run, in byte order of path. */
export interface SealedOutputs extends Listing<SealedOutput> {
  readonly table: OutputTable;
  /** What was found of them: a file each. */
  readonly findings: FindingTable;
  /** Bytes of all of them together. */
  readonly bytes: number;
}

/** OUTPUT_TREE.json of a new bundle. */
export interface EncodedTree {
  readonly bytes: Uint8Array;
  readonly counts: TreeCounts;
}

/** What a tree holds beside files that are no programs. */
export interface TreeCounts {
  /** Files that their owners may execute. */
  readonly programs: number;
  readonly links: number;
  /** Links that lead outside of the tree. */
  readonly linksOutside: number;
  readonly emptyFolders: number;
}

/** The run that a bundle names as the one before it. */
export interface PreviousRun {
  readonly bundleRoot: HexDigest;
  readonly proofHash: HexDigest;
}

/** What a bundle is made of. */
export interface BundleContents {
  /** A name that `isRunId` accepts. */
  readonly runId: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly sealedAt: string;
  readonly outcome: RunOutcome;
  /** Undefined on the first run of a line, and outside of projects. */
  readonly previous: PreviousRun | undefined;
  /** Runs since that one that failed or were killed, in order of time. */
  readonly failedRuns: readonly FailedRun[];
  readonly outputs: SealedOutputs;
  /** Undefined for a plain bundle. */
  readonly tree: EncodedTree | undefined;
  /** PROOF.json but for its link and its hash. It has no numbers. */
  readonly proof: JsonObject;
  /** TASK_SPEC.json, byte for byte. */
  readonly taskSpec: Uint8Array;
  /** runseal's version, for `validator_build_id`. */
  readonly version: string;
}

/** The bytes of the seven artifacts, and what was signed. */
export interface SignedArtifacts {
  readonly artifacts: Readonly<Record<ArtifactName, Uint8Array>>;
  readonly bundleRoot: HexDigest;
  readonly proofHash: HexDigest;
  readonly signer: SignerIdentity;
}

/** Makes and signs the artifacts. Fails as `signChecked` does; then there is nothing to write. */
export async function signArtifacts(
  contents: BundleContents,
  signer: Signer,
  signal?: AbortSignal,
): Promise<Result<SignedArtifacts, OperationFault>> {
  const { failedRuns, runId, sealedAt, outputs, taskSpec } = contents;
  const hashes = outputs.table;
  const outputHashes = encodeOwn(
    jsonObject({
      hashes,
      validator_semver: "1.0.0",
      validator_build_id: `runseal:${contents.version}`,
      generated_at: sealedAt,
    }),
    hashes.columns.pathBytes.length + outputs.length * BYTES_BESIDE_PATH,
  );
  const linked = linkProof(contents.proof, contents.previous?.proofHash, nodeCrypto);
  const proof = encodeOwn(linked.proof);
  const previousBundleRoot = contents.previous?.bundleRoot;
  const counted = { files: outputs.length, bytes: outputs.bytes };
  const binding = bindingObject(
    {
      runId,
      proof,
      outputHashes,
      outputTree: contents.tree?.bytes,
      sealedAt,
      previousBundleRoot,
      failedRuns,
      ...counted,
    },
    nodeCrypto,
  );
  const status = jsonObject({
    ...describeOutcome(contents.outcome),
    run_id: runId,
    completed_at: sealedAt,
    runseal: binding,
  });
  const root = computeBundleRoot({ outputHashes: hashes, status, taskSpec }, nodeCrypto);
  if (!root.ok) throw new TypeError("a status of runseal's own holds integers only");
  const identity = identityOf(signer.publicKey(), nodeCrypto);
  const facts = { bundleRoot: root.value, validatorId: identity.validatorId };
  const signature = await signChecked(signer, encodeSigningMessage(facts), signal);
  if (!signature.ok) return signature;
  return ok({
    bundleRoot: root.value,
    proofHash: linked.proofHash,
    signer: identity,
    artifacts: {
      "TASK_SPEC.json": taskSpec,
      "STATUS.json": encodeOwn(status),
      "OUTPUT_HASHES.json": outputHashes,
      "PROOF.json": proof,
      "VALIDATOR_IDENTITY.json": encodeOwn(
        jsonObject({
          algorithm: "ed25519",
          public_key: identity.publicKeyHex,
          validator_id: identity.validatorId,
        }),
      ),
      "SIGNED_PAYLOAD.json": encodeOwn(signedPayload(facts)),
      "SIGNATURE.json": encodeOwn(
        jsonObject({
          payload_type: "BUNDLE",
          signature: toHex(signature.value),
          signed_at: sealedAt,
          validator_id: identity.validatorId,
        }),
      ),
    },
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
