/**
 * Reads a Sigstore bundle v0.3 that was signed with a plain key (sigstore/protobuf-specs, sigstore_bundle.proto).
 *
 * A bundle may hold a public key, as model-signing before 1.1 writes it. It is never believed, and never used. Entries of a
 * transparency log and timestamps are not judged.
 *
 * @module
 */

import type { Result } from "../../../system/bytes/result.ts";
import {
  hasExactly,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../../system/json/json-value.ts";
import { SIGSTORE_BUNDLE_TYPE } from "../sigstore-bundle.ts";
import { type EvidenceFault, malformed, unsupported } from "./evidence-fault.ts";
import { type Envelope, readEnvelope } from "./read-dsse.ts";

/** Whether an object is a bundle rather than an envelope. */
export function isSigstoreBundle(object: JsonObject): boolean {
  return object.has("mediaType") || object.has("verificationMaterial");
}

/** Reads a bundle. Fails with EVIDENCE_MALFORMED or EVIDENCE_UNSUPPORTED. */
export function readSigstoreBundle(object: JsonObject): Result<Envelope, EvidenceFault> {
  if (object.get("mediaType") !== SIGSTORE_BUNDLE_TYPE) return unsupported("media-type");
  if (hasExactly(object, ["mediaType", "verificationMaterial", "messageSignature"]))
    return unsupported("message-signature");
  if (!hasExactly(object, ["mediaType", "verificationMaterial", "dsseEnvelope"])) return malformed("fields");
  const fault = checkMaterial(object.get("verificationMaterial"));
  if (fault !== undefined) return fault;
  const envelope = object.get("dsseEnvelope");
  return isJsonObject(envelope) ? readEnvelope(envelope) : malformed("fields");
}

function checkMaterial(material: JsonValue | undefined): EvidenceFault | undefined {
  if (!isJsonObject(material)) return malformed("fields");
  if (material.has("certificate") || material.has("x509CertificateChain")) return unsupported("certificate");
  if (!hasExactly(material, ["publicKey"], ["tlogEntries", "timestampVerificationData"]))
    return malformed("fields");
  const key = material.get("publicKey");
  const isKey = isJsonObject(key) && hasExactly(key, [], ["hint", "rawBytes", "keyDetails"]);
  if (!isKey || ![...key.values()].every((value) => typeof value === "string")) return malformed("fields");
  const entries = material.get("tlogEntries") ?? [];
  const stamps = material.get("timestampVerificationData") ?? null;
  const areRight = Array.isArray(entries) && (stamps === null || isJsonObject(stamps));
  return areRight ? undefined : malformed("fields");
}
