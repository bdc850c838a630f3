/**
 * The seven artifacts of a new bundle, from what was found to the signature (PROTOCOL 2, 5, 7, 11).
 *
 * All are written in canonical form: equal inputs give equal bytes.
 *
 * @module
 */

import {
  type ArtifactName,
  bindingObject,
  computeBundleRoot,
  declareDigest,
  encodeCanonical,
  encodeSigningMessage,
  type HexDigest,
  identityOf,
  type JsonObject,
  type JsonValue,
  jsonObject,
  ok,
  type Result,
  type SignerIdentity,
  signedPayload,
  toHex,
} from "../../core/index.ts";
import { type Signer, signChecked } from "../keys/signer.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { OperationFault } from "../operation-fault.ts";

/** What a bundle is made of. */
export interface BundleContents {
  readonly runId: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly sealedAt: string;
  readonly outputs: readonly { readonly path: string; readonly digest: HexDigest; readonly bytes: number }[];
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
  readonly signer: SignerIdentity;
}

/** Makes and signs the artifacts. Fails as `signChecked` does; then there is nothing to write. */
export async function signArtifacts(
  contents: BundleContents,
  signer: Signer,
  signal?: AbortSignal,
): Promise<Result<SignedArtifacts, OperationFault>> {
  const { runId, sealedAt, outputs, taskSpec } = contents;
  const hashes = new Map<string, JsonValue>(outputs.map(({ path, digest }) => [path, declareDigest(digest)]));
  const outputHashes = encode(
    jsonObject({
      hashes,
      validator_semver: "1.0.0",
      validator_build_id: `runseal:${contents.version}`,
      generated_at: sealedAt,
    }),
  );
  const proof = encode(contents.proof);
  const bytes = outputs.reduce((sum, output) => sum + output.bytes, 0);
  const binding = bindingObject(
    { runId, proof, outputHashes, sealedAt, files: outputs.length, bytes },
    nodeCrypto,
  );
  const status = jsonObject({
    status: "success",
    cmp01: "pass",
    run_id: runId,
    completed_at: sealedAt,
    error: null,
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
    signer: identity,
    artifacts: {
      "TASK_SPEC.json": taskSpec,
      "STATUS.json": encode(status),
      "OUTPUT_HASHES.json": outputHashes,
      "PROOF.json": proof,
      "VALIDATOR_IDENTITY.json": encode(
        jsonObject({
          algorithm: "ed25519",
          public_key: identity.publicKeyHex,
          validator_id: identity.validatorId,
        }),
      ),
      "SIGNED_PAYLOAD.json": encode(signedPayload(facts)),
      "SIGNATURE.json": encode(
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

/** A task spec for a seal that was given none: what was asked for, and when. */
export function defaultTaskSpec(runId: string, paths: readonly string[], sealedAt: string): Uint8Array {
  return encode(
    jsonObject({
      task_id: runId,
      inputs: [],
      expected_outputs: paths,
      constraints: jsonObject({}),
      created_at: sealedAt,
    }),
  );
}

function encode(object: JsonObject): Uint8Array {
  const encoded = encodeCanonical(object);
  if (!encoded.ok) throw new TypeError("texts and integers always have a canonical form");
  return encoded.value;
}
