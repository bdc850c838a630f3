/**
 * Signatures and public keys of minisign 0.12 (https://jedisct1.github.io/minisign/). Only the prehashed form `ED` is made.
 *
 *     untrusted comment: …
 *     base64("ED" ‖ key number ‖ Ed25519(BLAKE2b-512(file)))
 *     trusted comment: …
 *     base64(Ed25519(signature ‖ trusted comment))
 *
 * @module
 */

import { toBase64 } from "../../system/bytes/base64.ts";
import { concatBytes } from "../../system/bytes/bytes.ts";
import { encodeUtf8 } from "../../system/bytes/utf8.ts";
import { minisignKeyName } from "./key-number.ts";

/** A signature's algorithm: the file is hashed before it is signed. */
const PREHASHED = encodeUtf8("ED");

/** A public key's algorithm. */
const ED25519 = encodeUtf8("Ed");

/** Bytes of a trusted comment that minisign reads. */
const MAX_COMMENT_BYTES = 8192 - 32;

/** A signature's parts. */
export interface MinisignSignature {
  /** 8 raw bytes. */
  readonly keyNumber: Uint8Array;
  /** 64 raw bytes over `encodeMinisignMessage`. */
  readonly signature: Uint8Array;
  /** One line of text, signed with the signature. */
  readonly trustedComment: string;
  /** 64 raw bytes over `encodeMinisignGlobal`. */
  readonly globalSignature: Uint8Array;
}

/** The bytes that are signed for a file: its BLAKE2b-512 digest, 64 raw bytes. Throws a RangeError on another length: a bug. */
export function encodeMinisignMessage(blake2b512: Uint8Array): Uint8Array {
  if (blake2b512.length !== 64) throw new RangeError("a BLAKE2b-512 digest has 64 bytes");
  return Uint8Array.from(blake2b512);
}

/** The bytes that the global signature is over: the file's signature, and the trusted comment without its prefix. */
export function encodeMinisignGlobal(signature: Uint8Array, trustedComment: string): Uint8Array {
  const comment = encodeUtf8(trustedComment);
  if (signature.length !== 64) throw new RangeError("an Ed25519 signature has 64 bytes");
  if (/[\r\n]/.test(trustedComment) || comment.length > MAX_COMMENT_BYTES)
    throw new RangeError("a trusted comment is one short line");
  return concatBytes([signature, comment]);
}

/** Writes a `.minisig` file. */
export function encodeMinisignSignature(signature: MinisignSignature): string {
  const { globalSignature, keyNumber, signature: bytes, trustedComment } = signature;
  return (
    `untrusted comment: verify with minisign.pub\n` +
    `${toBase64(concatBytes([PREHASHED, keyNumber, bytes]))}\n` +
    `trusted comment: ${trustedComment}\n` +
    `${toBase64(globalSignature)}\n`
  );
}

/** Writes a public key file. The second line alone is what `minisign -P` takes. */
export function encodeMinisignKey(keyNumber: Uint8Array, publicKey: Uint8Array): string {
  const name = minisignKeyName(keyNumber);
  return `untrusted comment: minisign public key ${name}\n${toBase64(concatBytes([ED25519, keyNumber, publicKey]))}\n`;
}
