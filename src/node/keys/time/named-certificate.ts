/**
 * The certificate of an authority as the caller names it: its fingerprint, or its file.
 *
 * @module
 */

import { timingSafeEqual, X509Certificate } from "node:crypto";
import { type HexDigest, isHexDigest, MAX_TIMESTAMP_BYTES, ok, type Result } from "../../../core/internal.ts";
import { readNamedBytes } from "../../system/files/open-named-file.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { digestOf } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** The forms of a fingerprint: as a trust file has it, and as `openssl x509 -fingerprint -sha256` prints it. */
const FINGERPRINT = /^sha256:([0-9a-f]{64})$|^([0-9A-F]{2}(?::[0-9A-F]{2}){31})$/;

/**
 * Gives the SHA-256 of a certificate's DER. Fails with ARGUMENT_MALFORMED if the text is not a fingerprint and its file does not
 * hold exactly one certificate, in DER or PEM; with PATH_NOT_FOUND or READ_FAILED.
 */
export function readNamedCertificate(text: string): Result<HexDigest, OperationFault> {
  const [, plain, coloned] = FINGERPRINT.exec(text) ?? [];
  const digest = plain ?? coloned?.replaceAll(":", "").toLowerCase();
  if (isHexDigest(digest)) return ok(digest);
  try {
    const read = readNamedBytes(text, MAX_TIMESTAMP_BYTES);
    const der = typeof read === "string" ? undefined : derOf(read);
    return der === undefined
      ? operationFault("ARGUMENT_MALFORMED", { reason: "certificate", path: text })
      : ok(digestOf(der));
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const isMissing = ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(errnoOf(thrown) ?? "");
    return isMissing
      ? operationFault("PATH_NOT_FOUND", { path: text, reason })
      : operationFault("READ_FAILED", { path: text, reason });
  }
}

function derOf(bytes: Buffer): Buffer | undefined {
  // Of several, a person might mean any.
  if (bytes.toString("latin1").split("-----BEGIN ").length > 2) return undefined;
  try {
    const { raw } = new X509Certificate(bytes);
    // node:crypto reads PEM first, even PEM within a value of the DER: that would be another certificate.
    return isDer(bytes) && !isSame(raw, bytes) ? undefined : raw;
  } catch {
    // What OpenSSL does not read is not a certificate.
    return undefined;
  }
}

function isSame(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Whether a file begins as a certificate in DER does: a SEQUENCE of more than 127 bytes. */
function isDer([tag, length = 0]: Buffer): boolean {
  return tag === 0x30 && length > 0x80;
}
