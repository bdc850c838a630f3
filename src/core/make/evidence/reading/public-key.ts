/**
 * Public keys as other tools write them: PEM (RFC 7468, SubjectPublicKeyInfo) with Ed25519 or ECDSA, and the two lines of
 * minisign and signify.
 *
 * @module
 */

import { parseBase64 } from "../../../system/bytes/base64.ts";
import { isRefusedPoint } from "../../../system/bytes/ed25519-rule.ts";
import { digestToHex, type HexDigest, parseHex, toHex } from "../../../system/bytes/hex.ts";
import type { EcdsaCurve, EvidenceCrypto } from "./evidence-crypto.ts";

/** A key that a caller believes. Never one that stands in the evidence. */
export type EvidenceKey = Ed25519Key | EcdsaKey;

/** An Ed25519 key. */
export interface Ed25519Key {
  readonly algorithm: "ed25519";
  /** 32 raw bytes, no refused point. */
  readonly publicKey: Uint8Array;
  /** The 8 bytes by which minisign and signify name a key, lowercase hex; undefined where the key came in another form. */
  readonly number?: string | undefined;
}

/** An ECDSA key. */
export interface EcdsaKey {
  readonly algorithm: `ecdsa-${EcdsaCurve}`;
  readonly curve: EcdsaCurve;
  /** SubjectPublicKeyInfo in DER, of an uncompressed point. */
  readonly spki: Uint8Array;
}

/** SubjectPublicKeyInfo up to the key itself, and the bytes that follow (RFC 8410, section 4; RFC 5480, section 2). */
const SPKI_FORMS = [
  { algorithm: "ed25519", header: "302a300506032b6570032100", length: 32 },
  { algorithm: "p256", header: "3059301306072a8648ce3d020106082a8648ce3d03010703420004", length: 64 },
  { algorithm: "p384", header: "3076301006072a8648ce3d020106052b8104002203620004", length: 96 },
] as const;

const PEM_BEGIN = "-----BEGIN PUBLIC KEY-----\n";
const PEM_END = "-----END PUBLIC KEY-----";

/** Bytes of a key of minisign or signify: `Ed`, number, key. */
const NUMBERED_KEY_BYTES = 42;

/** The first line of a key file of minisign and signify. */
const COMMENT = /^untrusted comment: [^\r\n]*$/;

/**
 * Reads a public key file: one PEM block `PUBLIC KEY`, or two lines of minisign or signify. `undefined` for anything else, a
 * private key, an RSA key, another curve, a compressed point and a refused point of Ed25519 included.
 */
export function parsePublicKeyText(text: string): EvidenceKey | undefined {
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  if (body.startsWith(PEM_BEGIN)) return parsePem(body);
  const [comment, key, ...others] = body.split("\n");
  if (key === undefined || others.length > 0 || !COMMENT.test(comment ?? "")) return undefined;
  return parseNumberedKey(key);
}

/** Reads the key line of minisign and signify, 56 characters of base64. `undefined` for anything else. */
export function parseNumberedKey(text: string): Ed25519Key | undefined {
  if (text.length !== (NUMBERED_KEY_BYTES / 3) * 4) return undefined;
  const bytes = parseBase64(text);
  if (bytes?.length !== NUMBERED_KEY_BYTES || bytes[0] !== 0x45 || bytes[1] !== 0x64) return undefined;
  return ed25519Key(bytes.slice(10), toHex(bytes.subarray(2, 10)));
}

/** An Ed25519 key of 32 raw bytes; `undefined` for a refused point (PROTOCOL 3). */
export function ed25519Key(publicKey: Uint8Array, number?: string): Ed25519Key | undefined {
  if (publicKey.length !== 32 || isRefusedPoint(publicKey)) return undefined;
  return { algorithm: "ed25519", publicKey, number };
}

/** The SHA-256 of an ECDSA key's SubjectPublicKeyInfo: the digest by which X.509 names a key. */
export function spkiDigest({ spki }: EcdsaKey, crypto: EvidenceCrypto): HexDigest {
  return digestToHex(crypto.sha256(spki));
}

/** Reads SubjectPublicKeyInfo in DER. Compares whole headers: no other encoding of the same key is accepted. */
function parseSpki(der: Uint8Array): EvidenceKey | undefined {
  for (const { algorithm, header, length } of SPKI_FORMS) {
    const start = parseHex(header, header.length / 2);
    if (start === undefined) throw new TypeError("a constant of this file is hex");
    if (der.length !== start.length + length || start.some((byte, index) => der[index] !== byte)) continue;
    if (algorithm === "ed25519") return ed25519Key(der.slice(start.length));
    return { algorithm: `ecdsa-${algorithm}`, curve: algorithm, spki: der };
  }
  return undefined;
}

/** One block, lines of at most 64 characters. */
function parsePem(body: string): EvidenceKey | undefined {
  if (!body.endsWith(`\n${PEM_END}`)) return undefined;
  const lines = body.slice(PEM_BEGIN.length, -PEM_END.length - 1).split("\n");
  if (lines.some((line) => line.length === 0 || line.length > 64)) return undefined;
  const der = parseBase64(lines.join(""));
  return der === undefined ? undefined : parseSpki(der);
}
