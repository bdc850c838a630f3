/**
 * The public key of a certificate: which one it is, and how WebCrypto takes it.
 *
 * @module
 */

import {
  type CertificateKey,
  type CurveName,
  type DerNode,
  type DigestName,
  integerBytes,
  parseDer,
  partsIn,
  plainAlgorithm,
  type ReadBer,
  TAG,
} from "../../src/core/internal.ts";
import { isPointOfSecp256k1 } from "./secp256k1.ts";

/** A key as it stands in a certificate. WebCrypto has yet to take it. */
export interface StatedKey {
  readonly key: CertificateKey;
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** How WebCrypto takes it; undefined for a key that it can't take, and that was checked without it. */
  readonly platform: "RSASSA-PKCS1-v1_5" | "Ed25519" | CurveName | undefined;
}

const RSA = "1.2.840.113549.1.1.1";
const EC = "1.2.840.10045.2.1";
const ED25519 = "1.3.101.112";
const SECP256K1 = "1.3.132.0.10";

const CURVES: ReadonlyMap<string, CurveName> = new Map([
  ["1.2.840.10045.3.1.7", "P-256"],
  ["1.3.132.0.34", "P-384"],
  ["1.3.132.0.35", "P-521"],
]);

/** Reads a SubjectPublicKeyInfo; `undefined` for one that is not of its form, and for a kind or a curve that is not known. */
export function statedKey(node: DerNode, readBer: ReadBer): StatedKey | undefined {
  const [algorithm, bits, ...rest] = partsIn(node, TAG.sequence);
  const [name, parameters, ...more] = partsIn(algorithm, TAG.sequence);
  if (bits?.tag !== TAG.bitString || bits.content[0] !== 0 || rest.length > 0 || more.length > 0)
    return undefined;
  const content = bits.content.subarray(1);
  const spki = new Uint8Array(node.bytes);
  switch (name?.oid) {
    case RSA: {
      const length = modulusBits(parseDer(content, readBer));
      const isForm = plainAlgorithm(algorithm) !== undefined && length !== undefined;
      return isForm ? { key: { type: "rsa", bits: length }, spki, platform: "RSASSA-PKCS1-v1_5" } : undefined;
    }
    case EC: {
      const curve = CURVES.get(parameters?.oid ?? "");
      if (curve !== undefined) return { key: { type: "ec", curve }, spki, platform: curve };
      const isOther = parameters?.oid === SECP256K1 && isPointOfSecp256k1(content);
      return isOther ? { key: { type: "ec", curve }, spki, platform: undefined } : undefined;
    }
    case ED25519:
      return { key: { type: "other" }, spki, platform: "Ed25519" };
    default:
      return undefined;
  }
}

/** The length of the modulus in an RSAPublicKey (RFC 8017, appendix A.1.1), in bits. */
function modulusBits(node: DerNode | undefined): number | undefined {
  const [modulus, exponent, ...rest] = partsIn(node, TAG.sequence).map(integerBytes);
  if (modulus === undefined || exponent === undefined || rest.length > 0) return undefined;
  const bytes = modulus[0] === 0 ? modulus.subarray(1) : modulus;
  const [first = 0] = bytes;
  const isPositive = (modulus[0] ?? 0x80) < 0x80 && (exponent[0] ?? 0x80) < 0x80;
  return isPositive ? bytes.length * 8 - (Math.clz32(first) - 24) : undefined;
}

/** Asks WebCrypto whether it takes a key. */
export async function isTaken(key: StatedKey): Promise<boolean> {
  return key.platform === undefined || (await importKey(key, "sha256")) !== undefined;
}

/** Asks WebCrypto whether a signature holds. An ECDSA signature is in the form of IEEE P1363. */
export async function signatureHolds(
  key: StatedKey,
  digest: DigestName,
  message: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const imported = await importKey(key, digest);
  if (imported === undefined) return false;
  const algorithm = key.key.type === "ec" ? { name: "ECDSA", hash: HASHES[digest] } : imported.algorithm.name;
  return await crypto.subtle.verify(algorithm, imported, signature, message);
}

/** Digests by their names in WebCrypto. */
export const HASHES = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;

async function importKey({ platform, spki }: StatedKey, digest: DigestName): Promise<CryptoKey | undefined> {
  if (platform === undefined) return undefined;
  const algorithm =
    platform === "Ed25519"
      ? { name: platform }
      : platform === "RSASSA-PKCS1-v1_5"
        ? { name: platform, hash: HASHES[digest] }
        : { name: "ECDSA", namedCurve: platform };
  try {
    return await crypto.subtle.importKey("spki", spki, algorithm, false, ["verify"]);
  } catch (thrown) {
    // Of a key that is not of its form, or of a kind that this browser lacks.
    if (thrown instanceof DOMException) return undefined;
    throw thrown;
  }
}
