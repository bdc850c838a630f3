/**
 * Which signatures of authorities count: RSA of at least 2048 bits and ECDSA, with SHA-256 or stronger.
 *
 * @module
 */

/** A digest that counts. */
export type DigestName = "sha256" | "sha384" | "sha512";

/** A public key, as far as it matters whether its signatures count. */
export type CertificateKey =
  /** The length of the modulus in bits. */
  | { readonly type: "rsa"; readonly bits: number }
  /** A curve by its name in FIPS 186-5; undefined for any other curve. */
  | { readonly type: "ec"; readonly curve: CurveName | undefined }
  /** A key whose signatures never count. */
  | { readonly type: "other" };

/** A curve that counts: P-256 and larger ones. */
export type CurveName = "P-256" | "P-384" | "P-521";

/** Digests by their object identifier (RFC 5754). */
const DIGESTS: ReadonlyMap<string, DigestName> = new Map([
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

/** The object identifier of SHA-256. */
export const SHA256_OID = "2.16.840.1.101.3.4.2.1";

/** RSA without a digest in its name: the digest stands beside it. */
const RSA_OID = "1.2.840.113549.1.1.1";

/** Signatures by their object identifier: the kind of key, and the digest. */
const SIGNATURES: ReadonlyMap<string, readonly [type: "rsa" | "ec", digest: DigestName]> = new Map([
  ["1.2.840.113549.1.1.11", ["rsa", "sha256"]],
  ["1.2.840.113549.1.1.12", ["rsa", "sha384"]],
  ["1.2.840.113549.1.1.13", ["rsa", "sha512"]],
  ["1.2.840.10045.4.3.2", ["ec", "sha256"]],
  ["1.2.840.10045.4.3.3", ["ec", "sha384"]],
  ["1.2.840.10045.4.3.4", ["ec", "sha512"]],
]);

const MIN_RSA_BITS = 2048;

/** The digest of an object identifier; `undefined` for a weaker or unknown one. */
export function digestName(oid: string | undefined): DigestName | undefined {
  return oid === undefined ? undefined : DIGESTS.get(oid);
}

/** The digest of a signature, if signatures of this kind by this key count. `beside` is the digest that stands beside it. */
export function countedDigest(
  oid: string | undefined,
  key: CertificateKey,
  beside: DigestName | undefined,
): DigestName | undefined {
  const named = oid === undefined ? undefined : SIGNATURES.get(oid);
  const [type, name] = named ?? (oid === RSA_OID ? (["rsa", beside] as const) : []);
  if (name === undefined || (beside !== undefined && beside !== name)) return undefined;
  return key.type === type && isStrongKey(key) ? name : undefined;
}

/** The kind of key that makes signatures of an algorithm; `undefined` for an algorithm that does not count. */
export function signatureKind(oid: string | undefined): "rsa" | "ec" | undefined {
  return oid === undefined ? undefined : SIGNATURES.get(oid)?.[0];
}

/** Whether a key is an RSA key of at least 2048 bits, or one of a curve that counts. */
export function isStrongKey(key: CertificateKey): boolean {
  return key.type === "rsa" ? key.bits >= MIN_RSA_BITS : key.type === "ec" && key.curve !== undefined;
}
