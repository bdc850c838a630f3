/**
 * Signed lists and public keys of OpenBSD's signify, version 32. The list stands behind its signature, as `signify -S -e` writes it:
 *
 *     untrusted comment: verify with signify.pub
 *     base64("Ed" ‖ key number ‖ Ed25519(list))
 *     SHA256 (dist/app.js) = …
 *
 * The list is signed as it is, without a prefix. So the key must sign nothing else that begins with a list's line.
 *
 * @module
 */

import { toBase64 } from "../../system/bytes/base64.ts";
import { concatBytes } from "../../system/bytes/bytes.ts";
import { encodeUtf8 } from "../../system/bytes/utf8.ts";

const ED25519 = encodeUtf8("Ed");

/** A signed list's parts. */
export interface SignifySignature {
  /** 8 raw bytes. */
  readonly keyNumber: Uint8Array;
  /** 64 raw bytes over `encodeSignifyMessage`. */
  readonly signature: Uint8Array;
}

/** The bytes that are signed for a list of `encodeBsdSums`: the list. Throws a RangeError for anything else: a bug. */
export function encodeSignifyMessage(list: Uint8Array): Uint8Array {
  const begin = encodeUtf8("SHA256 (");
  if (!begin.every((byte, index) => list[index] === byte))
    throw new RangeError("a list of digests has at least one line");
  return list;
}

/** Writes a signature with its list behind it. */
export function encodeSignifySignature(
  { keyNumber, signature }: SignifySignature,
  list: Uint8Array,
): Uint8Array {
  const line = toBase64(concatBytes([ED25519, keyNumber, signature]));
  return concatBytes([encodeUtf8(`untrusted comment: verify with signify.pub\n${line}\n`), list]);
}

/** Writes a public key file. */
export function encodeSignifyKey(keyNumber: Uint8Array, publicKey: Uint8Array): string {
  return `untrusted comment: runseal public key\n${toBase64(concatBytes([ED25519, keyNumber, publicKey]))}\n`;
}
