/**
 * Timestamps by node:crypto and asn1js: the core's port, and what the core judges by it.
 *
 * @module
 */

import { createHash, type KeyObject, timingSafeEqual, verify, X509Certificate } from "node:crypto";
import {
  type CertificateFields,
  type CertificateKey,
  type CurveName,
  type DerNode,
  findAuthority as findAuthorityBy,
  judgeToken as judgeTokenBy,
  type ListedAuthority,
  type Result,
  type SoundToken,
  type TimePlatform,
  type TokenDemand,
  type TokenFault,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { readBer } from "./asn1-reader.ts";

/** Curves by the names of OpenSSL. */
const CURVES: ReadonlyMap<string, CurveName> = new Map([
  ["prime256v1", "P-256"],
  ["secp384r1", "P-384"],
  ["secp521r1", "P-521"],
]);

/** Certificates as the core parsed them, so that each is read once. */
const known = new WeakMap<DerNode, X509Certificate>();

/** The port. */
export const nodeTime: TimePlatform = {
  crypto: nodeCrypto,
  readBer,
  digest: (name, bytes) => createHash(name).update(bytes).digest(),
  keyOf: (certificate) => {
    try {
      return keyFacts(x509Of(certificate).publicKey);
    } catch {
      // What OpenSSL does not read is not a certificate.
      return undefined;
    }
  },
  namesIssuer: (certificate, issuer) => x509Of(certificate).checkIssued(x509Of(issuer)),
  isSignedBy: (certificate, issuer) => x509Of(certificate).verify(x509Of(issuer).publicKey),
  signatureHolds: (digest, message, signer, signature) => {
    try {
      return verify(digest, message, x509Of(signer).publicKey, signature);
    } catch {
      // OpenSSL throws on some signatures that are not of their form.
      return false;
    }
  },
};

/** Reads a certificate. Throws for what OpenSSL does not read, and for DER that hides another certificate. */
function x509Of({ der, tree }: CertificateFields): X509Certificate {
  const before = known.get(tree);
  if (before !== undefined) return before;
  const x509 = new X509Certificate(der);
  // node:crypto reads PEM first, even PEM within a value of the DER: that would be another certificate, with another key.
  const isThis = x509.raw.length === der.length && timingSafeEqual(x509.raw, der);
  if (!isThis) throw new TypeError("node:crypto read another certificate");
  known.set(tree, x509);
  return x509;
}

function keyFacts({ asymmetricKeyDetails, asymmetricKeyType }: KeyObject): CertificateKey {
  switch (asymmetricKeyType) {
    case "rsa":
      return { type: "rsa", bits: asymmetricKeyDetails?.modulusLength ?? 0 };
    case "ec":
      return { type: "ec", curve: CURVES.get(asymmetricKeyDetails?.namedCurve ?? "") };
    default:
      return { type: "other" };
  }
}

/** Judges one token in DER. Never throws on what it reads. */
export function judgeToken(der: Uint8Array, demand: TokenDemand): Result<SoundToken, TokenFault> {
  return judgeTokenBy(der, demand, nodeTime);
}

/** Finds the authority of a token. Fails as the core's function does. */
export function findAuthority(
  token: SoundToken,
  authorities: readonly ListedAuthority[],
): Result<ListedAuthority, TokenFault> {
  return findAuthorityBy(token, authorities, nodeTime);
}
