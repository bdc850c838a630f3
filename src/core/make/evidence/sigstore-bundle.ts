/**
 * Sigstore bundles, version 0.3, with a plain key
 * (https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto).
 *
 * @module
 */

import { type JsonObject, jsonObject } from "../../system/json/json-value.ts";
import { type DsseEnvelope, envelopeObject } from "./dsse.ts";

/** The media type of bundles that runseal makes. */
export const SIGSTORE_BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

const TRUSTED_ROOT_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";

/**
 * A bundle with one envelope, signed once. The hint is the signature's key id. Throws a RangeError for an envelope of another number
 * of signatures, which verifiers refuse: a bug.
 */
export function sigstoreBundle(envelope: DsseEnvelope): JsonObject {
  const [signature, ...others] = envelope.signatures;
  if (signature === undefined || others.length > 0)
    throw new RangeError("a bundle has exactly one signature");
  return jsonObject({
    dsseEnvelope: envelopeObject(envelope),
    mediaType: SIGSTORE_BUNDLE_TYPE,
    verificationMaterial: jsonObject({ publicKey: jsonObject({ hint: signature.keyId }) }),
  });
}

/** A trusted root without authorities and logs. cosign asks the network for one where it is given none. */
export function emptyTrustedRoot(): JsonObject {
  return jsonObject({ mediaType: TRUSTED_ROOT_TYPE });
}
