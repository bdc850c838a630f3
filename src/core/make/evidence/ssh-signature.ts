/**
 * Signatures of OpenSSH, which `ssh-keygen -Y verify` checks (PROTOCOL.sshsig).
 *
 * @module
 */

import { sshBlobOf } from "../../records/artifacts/ssh-key.ts";
import { toBase64 } from "../../system/bytes/base64.ts";
import { concatBytes } from "../../system/bytes/bytes.ts";
import { sshString, sshUint32 } from "../../system/bytes/ssh-wire.ts";
import { encodeUtf8 } from "../../system/bytes/utf8.ts";

/** The namespace of runseal's lists of digests. A verifier names it with `-n`, and refuses signatures of any other. */
export const SUMS_NAMESPACE = "runseal-sums";

/** The hashes of a message that the form allows. */
export type SshHash = "sha512" | "sha256";

/** The hash of the message that runseal writes. `ssh-keygen` writes the same by default. */
const HASH: SshHash = "sha512";

/** What a signature, and what is signed, begins with. */
export const SSHSIG_MAGIC: Uint8Array = encodeUtf8("SSHSIG");
const VERSION = 1;

/** Characters of base64 in a line of armor, as `ssh-keygen` writes them. */
const ARMOR_COLUMNS = 70;

/** The bytes that are signed for a message, by its raw digest, SHA-512 by default. Throws a RangeError on another length: a bug. */
export function encodeSshSignedData(namespace: string, digest: Uint8Array, hash: SshHash = HASH): Uint8Array {
  if (digest.length !== (hash === "sha512" ? 64 : 32)) throw new RangeError("a digest has its hash's length");
  return concatBytes([SSHSIG_MAGIC, sshString(namespace), sshString(""), sshString(hash), sshString(digest)]);
}

/** A signature of `encodeSshSignedData`. */
export interface SshSignature {
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  readonly namespace: string;
  /** 64 raw bytes. */
  readonly signature: Uint8Array;
}

/** Writes a signature as `ssh-keygen -Y sign` does: armored, and the same bytes for the same key and message. */
export function encodeSshSignature({ namespace, publicKey, signature }: SshSignature): string {
  const blob = concatBytes([
    SSHSIG_MAGIC,
    sshUint32(VERSION),
    sshString(sshBlobOf(publicKey)),
    sshString(namespace),
    sshString(""),
    sshString(HASH),
    sshString(concatBytes([sshString("ssh-ed25519"), sshString(signature)])),
  ]);
  const lines = toBase64(blob).match(new RegExp(`.{1,${ARMOR_COLUMNS}}`, "g")) ?? [];
  return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n");
}
