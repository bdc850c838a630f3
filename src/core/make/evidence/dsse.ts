/**
 * Envelopes of the Dead Simple Signing Envelope, version 1 (https://github.com/secure-systems-lab/dsse).
 *
 *     { "payload": base64, "payloadType": "application/vnd.in-toto+json",
 *       "signatures": [ { "keyid": "SHA256:…", "sig": base64 } ] }
 *
 * @module
 */

import { toBase64 } from "../../system/bytes/base64.ts";
import { concatBytes } from "../../system/bytes/bytes.ts";
import { encodeUtf8 } from "../../system/bytes/utf8.ts";
import { type JsonObject, jsonObject } from "../../system/json/json-value.ts";

/** The payload type of in-toto statements, links and layouts. */
export const IN_TOTO_PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** One signature of an envelope. */
export interface DsseSignature {
  /** A hint, never believed. runseal writes the key's OpenSSH fingerprint, `SHA256:…`. */
  readonly keyId: string;
  /** Raw bytes over `preAuthEncoding`. */
  readonly signature: Uint8Array;
}

/** A payload with its signatures. */
export interface DsseEnvelope {
  readonly payloadType: string;
  /** Raw bytes. */
  readonly payload: Uint8Array;
  readonly signatures: readonly DsseSignature[];
}

/**
 * The bytes that are signed: `DSSEv1 SP LEN(type) SP type SP LEN(payload) SP payload`, lengths as decimal numbers of bytes. The
 * prefix and the lengths keep them apart from what any other format signs, and one payload from another.
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = encodeUtf8(payloadType);
  return concatBytes([
    encodeUtf8(`DSSEv1 ${type.length} `),
    type,
    encodeUtf8(` ${payload.length} `),
    payload,
  ]);
}

/** The envelope as a JSON object. */
export function envelopeObject({ payload, payloadType, signatures }: DsseEnvelope): JsonObject {
  return jsonObject({
    payload: toBase64(payload),
    payloadType,
    signatures: signatures.map(({ keyId, signature }) =>
      jsonObject({ keyid: keyId, sig: toBase64(signature) }),
    ),
  });
}
