/** Tokens that do not hold, each for one fault: for the judge of the command and for that of the page. @module */

import { createHash, randomBytes } from "node:crypto";
import type { TimestampFlaw } from "../../../src/core/internal.ts";
import {
  type Authority,
  type AuthorityForm,
  childrenOf,
  type Forgery,
  integer,
  sequence,
  tlv,
} from "./authority.ts";

/** What the tokens are over. */
export const STAMPED: Buffer = createHash("sha512").update("a signature").digest();

/** The nonce of a request. */
export const NONCE: Buffer = Buffer.from([1, 2, 3, 4]);

/** Faults of a token itself, by an honest authority and beside another one. */
export const FORGERIES: readonly (readonly [
  what: string,
  code: TimestampFlaw,
  forgery: (honest: Authority, other: Authority) => Forgery,
])[] = [
  ["the imprint of other bytes", "imprint", () => ({ imprint: randomBytes(32) })],
  [
    "an imprint by another digest",
    "imprint",
    () => ({ imprintOid: "1.3.14.3.2.26", imprint: createHash("sha1").update(STAMPED).digest() }),
  ],
  ["two signers", "signer-count", () => ({ signers: 2 })],
  ["no signer", "signer-count", () => ({ signers: 0 })],
  ["no certificates", "certificate-missing", () => ({ certificates: [] })],
  ["another's certificate alone", "certificate-missing", (honest) => ({ certificates: [honest.der("ca")] })],
  [
    "the name of another certificate",
    "certificate-mismatch",
    (_honest, other) => ({ named: other.der("leaf") }),
  ],
  ["no name of a certificate", "certificate-mismatch", () => ({ unnamed: true })],
  ["SHA-1 in its signature", "algorithm", () => ({ digest: "sha1" })],
  ["other content than was signed", "attributes", () => ({ signedInfo: Buffer.from("other") })],
  ["a signature over another type", "attributes", () => ({ contentType: "1.2.840.113549.1.7.1" })],
  ["a signature by another key", "signature", (_honest, other) => ({ key: other.key })],
  ["a month that no year has", "form", () => ({ time: "20261332000000Z" })],
  ["a local time", "form", () => ({ time: "20261101000000+0100" })],
  ["a time whose accuracy ends beyond the year 9999", "form", () => ({ time: "99991231235959Z" })],
  [
    "an accuracy of 1000 milliseconds",
    "form",
    () => ({ accuracy: sequence(tlv(0x80, Buffer.from([3, 232]))) }),
  ],
  [
    "a critical extension",
    "form",
    () => ({
      later: [tlv(0xa1, sequence(tlv(6, Buffer.from([42, 3])), tlv(1, Buffer.from([255])), tlv(4)))],
    }),
  ],
  ["members out of order", "form", () => ({ nonce: NONCE, later: [tlv(1, Buffer.from([255]))] })],
  ["a TSTInfo of another version", "form", () => ({ info: sequence(integer(2)) })],
];

/** Extensions of a signer's certificate that is not for timestamps alone. */
export const WRONG_USAGES: readonly (readonly [what: string, extensions: readonly string[]])[] = [
  ["another extended usage besides", ["extendedKeyUsage=critical,timeStamping,codeSigning"]],
  ["only another extended usage", ["extendedKeyUsage=critical,codeSigning"]],
  ["an extended usage that is not critical", ["extendedKeyUsage=timeStamping"]],
  ["no extended usage", ["keyUsage=critical,digitalSignature"]],
  [
    "a key usage for certificates",
    ["extendedKeyUsage=critical,timeStamping", "keyUsage=critical,keyCertSign"],
  ],
  ["an unknown critical extension", ["extendedKeyUsage=critical,timeStamping", "1.2.3.4=critical,ASN1:NULL"]],
];

/** Faults of the certificates of a token. */
export const WRONG_CHAINS: readonly (readonly [string, TimestampFlaw, AuthorityForm])[] = [
  ["RSA of 1024 bits", "algorithm", { key: "rsa1024" }],
  ["a curve that does not count", "algorithm", { key: "secp256k1" }],
  ["an issuer of RSA of 1024 bits", "algorithm", { caKey: "rsa1024" }],
  ["an issuer's signature with SHA-1", "algorithm", { caDigest: "sha1" }],
  ["an issuer's Ed25519 key", "algorithm", { caKey: "ed25519" }],
  ["an issuer that is not a CA", "chain", { caExtensions: ["basicConstraints=critical,CA:FALSE"] }],
  ["an issuer without basic constraints", "chain", { caExtensions: ["subjectKeyIdentifier=hash"] }],
  ["a certificate that expired before", "expired", { notAfter: "20250101000000Z" }],
  ["a certificate of the future", "expired", { notBefore: "20480101000000Z" }],
  ["an issuer that expired before", "expired", { caNotAfter: "20250101000000Z" }],
];

/** A certificate of the same names and number for timestamps, signed by no CA, with the given one in an extension, in PEM. */
export function hidingPem(der: Buffer): Buffer {
  const [tbs = der, ...signature] = childrenOf(der);
  const fields = childrenOf(tbs).slice(0, -1);
  const pem = `\n-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
  const timeStamping = Buffer.from("2b06010505070308", "hex");
  const extensions = [
    sequence(
      tlv(6, Buffer.from("551d25", "hex")),
      tlv(1, Buffer.from([255])),
      tlv(4, sequence(tlv(6, timeStamping))),
    ),
    sequence(tlv(6, Buffer.from([42, 3])), tlv(4, Buffer.from(pem))),
  ];
  return sequence(sequence(...fields, tlv(0xa3, sequence(...extensions))), ...signature);
}
