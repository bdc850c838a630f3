/**
 * Reads a DSSE envelope (Dead Simple Signing Envelope, protocol v1) with one signature.
 *
 *     { "payloadType": "application/vnd.in-toto+json", "payload": base64, "signatures": [ { "sig": base64, "keyid": … } ] }
 *
 * `keyid` is not signed. It is a hint by the specification, and nothing here depends on it.
 *
 * @module
 */

import { parseBase64 } from "../../../system/bytes/base64.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import {
  hasExactly,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../../system/json/json-value.ts";
import { IN_TOTO_PAYLOAD_TYPE } from "../dsse.ts";
import { type EvidenceFault, malformed, unsupported } from "./evidence-fault.ts";

/** An envelope as read. Its payload may not be read before the signature holds. */
export interface Envelope {
  readonly payload: Uint8Array;
  /** Raw: 64 bytes of Ed25519, or DER of ECDSA. */
  readonly signature: Uint8Array;
}

/** Reads an envelope. Fails with EVIDENCE_MALFORMED or EVIDENCE_UNSUPPORTED. */
export function readEnvelope(object: JsonObject): Result<Envelope, EvidenceFault> {
  if (!hasExactly(object, ["payload", "payloadType", "signatures"])) return malformed("fields");
  const payloadType = object.get("payloadType");
  if (typeof payloadType !== "string") return malformed("fields");
  if (payloadType !== IN_TOTO_PAYLOAD_TYPE) return unsupported("payload-type");
  const signatures = object.get("signatures");
  if (!Array.isArray(signatures) || signatures.length === 0) return malformed("fields");
  if (signatures.length > 1) return unsupported("several-signatures");
  const signature = readSignature(signatures[0]);
  if (!signature.ok) return signature;
  const payload = readBase64(object.get("payload"));
  if (payload === undefined) return malformed("payload");
  return ok({ payload, signature: signature.value });
}

function readSignature(value: JsonValue | undefined): Result<Uint8Array, EvidenceFault> {
  if (!isJsonObject(value) || !hasExactly(value, ["sig"], ["keyid"])) return malformed("fields");
  const keyId = value.get("keyid") ?? "";
  if (typeof keyId !== "string") return malformed("fields");
  const signature = readBase64(value.get("sig"));
  return signature === undefined || signature.length === 0 ? malformed("signature") : ok(signature);
}

function readBase64(value: JsonValue | undefined): Uint8Array | undefined {
  return typeof value === "string" ? parseBase64(value) : undefined;
}
