/**
 * The port to the platform for timestamps: its reader of ASN.1 and its cryptography. The rules are in this folder.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import type { CertificateKey, DigestName } from "./algorithms.ts";
import type { Certificate, CertificateFields } from "./certificate.ts";
import type { ReadBer } from "./der.ts";

/** What judging a token needs of a platform. All functions are synchronous and never throw on what they are given. */
export interface TimePlatform {
  readonly crypto: Crypto;
  readonly readBer: ReadBer;
  /** A digest, raw bytes. SHA-1 only names certificates (RFC 2634). */
  digest(name: DigestName | "sha1", bytes: Uint8Array): Uint8Array;
  /** The public key of a certificate; `undefined` if the platform does not read exactly this certificate, or not its key. */
  keyOf(certificate: CertificateFields): CertificateKey | undefined;
  /** Whether names, key identifiers, key usage and kind of signature say that one certificate was issued by another (RFC 5280). */
  namesIssuer(certificate: Certificate, issuer: Certificate): boolean;
  /** Whether the signature of a certificate holds by the key of another one. Asked only for signatures that count. */
  isSignedBy(certificate: Certificate, issuer: Certificate): boolean;
  /** Whether a signature over a message, RSA by PKCS #1 v1.5 or ECDSA in DER, holds by the key of a certificate. */
  signatureHolds(
    digest: DigestName,
    message: Uint8Array,
    signer: Certificate,
    signature: Uint8Array,
  ): boolean;
}

/** Whether two byte arrays are equal, in constant time: some of them are digests. */
export function isSame(left: Uint8Array, right: Uint8Array, { crypto }: TimePlatform): boolean {
  return left.length === right.length && crypto.equalDigestLists(left, right);
}
