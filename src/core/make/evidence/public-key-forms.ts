/**
 * An Ed25519 public key as other programs read it.
 *
 * @module
 */

import { encodeSshKey } from "../../records/artifacts/ssh-key.ts";
import { toBase64 } from "../../system/bytes/base64.ts";
import { concatBytes } from "../../system/bytes/bytes.ts";

/** SubjectPublicKeyInfo of an Ed25519 key up to the 32 key bytes (RFC 8410, section 4). */
const SPKI_HEADER = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

/** SubjectPublicKeyInfo in PEM (RFC 7468), as openssl, cosign and in-toto read it, with a line feed at its end. */
export function publicKeyPem(publicKey: Uint8Array): string {
  // 60 characters, so one line.
  const body = toBase64(concatBytes([SPKI_HEADER, publicKey]));
  return `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`;
}

/** A line of `authorized_keys` and `.pub` files, with a line feed at its end. */
export function sshPublicKeyLine(publicKey: Uint8Array, comment: string): string {
  return `ssh-ed25519 ${encodeSshKey(publicKey)} ${comment}\n`;
}

/** Whom an allowed_signers file names unless a name is given that it can hold. A verifier passes it with `-I`. */
export const SUMS_PRINCIPAL = "runseal";

/**
 * A line of an allowed_signers file of ssh-keygen, with a line feed at its end. It lets the key sign in one namespace only. A
 * principal that the file would read as a pattern, an option or several words becomes `SUMS_PRINCIPAL`.
 */
export function allowedSignersLine(publicKey: Uint8Array, principal: string, namespace: string): string {
  const named = /^[A-Za-z0-9_][A-Za-z0-9_@.+=:/-]*$/.test(principal) ? principal : SUMS_PRINCIPAL;
  return `${named} namespaces="${namespace}" ssh-ed25519 ${encodeSshKey(publicKey)}\n`;
}
