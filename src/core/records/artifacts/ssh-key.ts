/**
 * OpenSSH's public form of an Ed25519 key (RFC 8709): `ssh-ed25519 AAAA…`.
 *
 * @module
 */

import { parseBase64, toBase64 } from "../../system/bytes/base64.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";

/** Length and name of the key type, then the length of the key. 32 key bytes follow. */
const HEADER = [0, 0, 0, 11, 115, 115, 104, 45, 101, 100, 50, 53, 53, 49, 57, 0, 0, 0, 32];

/** Reads the base64 part of an `ssh-ed25519` line: 32 raw bytes, or `undefined` for anything else. */
export function parseSshKey(base64: string): Uint8Array | undefined {
  const blob = parseBase64(base64);
  if (blob === undefined || blob.length !== HEADER.length + 32) return undefined;
  if (HEADER.some((byte, index) => blob[index] !== byte)) return undefined;
  return blob.slice(HEADER.length);
}

/** Writes 32 raw bytes as the base64 part of an `ssh-ed25519` line. */
export function encodeSshKey(publicKey: Uint8Array): string {
  return toBase64(sshBlobOf(publicKey));
}

/** The fingerprint of 32 raw bytes, as `ssh-add -l` prints it: `SHA256:` and base64 without padding. */
export function sshFingerprint(publicKey: Uint8Array, crypto: Crypto): string {
  return `SHA256:${toBase64(crypto.sha256(sshBlobOf(publicKey))).replace("=", "")}`;
}

/** The key as SSH has it on the wire: its type, and 32 raw bytes. */
export function sshBlobOf(publicKey: Uint8Array): Uint8Array {
  return Uint8Array.from([...HEADER, ...publicKey]);
}
