/**
 * The seven artifacts of a new bundle, signed (PROTOCOL 2, 7).
 *
 * @module
 */

import {
  type ArtifactName,
  encodeOwn,
  encodeSigningMessage,
  type HexDigest,
  identityOf,
  jsonObject,
  ok,
  type Result,
  type SignerIdentity,
  signedPayload,
  toHex,
} from "../../../core/internal.ts";
import { type Signer, signChecked } from "../../keys/signer.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { BundleContents } from "./bundle-contents.ts";
import { draftBundle } from "./draft-bundle.ts";

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
  const draft = draftBundle(contents);
  const { bundleRoot, proofHash } = draft;
  const identity = identityOf(signer.publicKey(), nodeCrypto);
  const facts = { bundleRoot, validatorId: identity.validatorId };
  const signature = await signChecked(signer, encodeSigningMessage(facts), signal);
  if (!signature.ok) return signature;
  return ok({
    bundleRoot,
    proofHash,
    signer: identity,
    artifacts: {
      "TASK_SPEC.json": draft.taskSpec,
      "STATUS.json": draft.status,
      "OUTPUT_HASHES.json": draft.outputHashes,
      "PROOF.json": draft.proof,
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
          signed_at: draft.signedAt,
          validator_id: identity.validatorId,
        }),
      ),
    },
  });
}
