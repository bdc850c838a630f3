/**
 * Which signatures of authorities count: RSA of at least 2048 bits and ECDSA, with SHA-256 or stronger.
 *
 * @module
 */

import { type KeyObject, verify } from "node:crypto";

/** Digests by their object identifier (RFC 5754). */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

/** The object identifier of SHA-256. */
export const SHA256_OID = "2.16.840.1.101.3.4.2.1";

/** RSA without a digest in its name: the digest stands beside it. */
const RSA_OID = "1.2.840.113549.1.1.1";

/** Signatures by their object identifier: the kind of key, and the digest. */
const SIGNATURES: ReadonlyMap<string, readonly [type: "rsa" | "ec", digest: string]> = new Map([
  ["1.2.840.113549.1.1.11", ["rsa", "sha256"]],
  ["1.2.840.113549.1.1.12", ["rsa", "sha384"]],
  ["1.2.840.113549.1.1.13", ["rsa", "sha512"]],
  ["1.2.840.10045.4.3.2", ["ec", "sha256"]],
  ["1.2.840.10045.4.3.3", ["ec", "sha384"]],
  ["1.2.840.10045.4.3.4", ["ec", "sha512"]],
]);

const MIN_RSA_BITS = 2048;

/** Curves by the names of OpenSSL, P-256 and larger ones (FIPS 186-5). */
const CURVES: readonly string[] = ["prime256v1", "secp384r1", "secp521r1"];

/** The name of a digest for node:crypto; `undefined` for a weaker or unknown one. */
export function digestName(oid: string | undefined): string | undefined {
  return oid === undefined ? undefined : DIGESTS.get(oid);
}

/** The digest of a signature, if signatures of this kind by this key count. `beside` is the digest that stands beside it. */
export function countedDigest(
  oid: string | undefined,
  key: KeyObject,
  beside: string | undefined,
): string | undefined {
  const named = oid === undefined ? undefined : SIGNATURES.get(oid);
  const [type, name] = named ?? (oid === RSA_OID ? (["rsa", beside] as const) : []);
  if (name === undefined || (beside !== undefined && beside !== name)) return undefined;
  return key.asymmetricKeyType === type && isStrongKey(key) ? name : undefined;
}

/** Whether a key is an RSA key of at least 2048 bits, or one of a curve that counts. */
export function isStrongKey({ asymmetricKeyDetails, asymmetricKeyType }: KeyObject): boolean {
  switch (asymmetricKeyType) {
    case "rsa":
      return (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS;
    case "ec":
      return CURVES.includes(asymmetricKeyDetails?.namedCurve ?? "");
    default:
      return false;
  }
}

/** Whether a signature, RSA by PKCS #1 v1.5 or ECDSA in DER, holds. */
export function signatureHolds(
  digest: string,
  message: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean {
  try {
    return verify(digest, message, key, signature);
  } catch {
    // OpenSSL throws on some signatures that are not of their form.
    return false;
  }
}
