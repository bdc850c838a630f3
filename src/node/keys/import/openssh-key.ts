/**
 * OpenSSH's private keys (PROTOCOL.key in its sources): Ed25519, plain or encrypted.
 *
 *     "openssh-key-v1\0"  cipher  kdf  kdf-options  count  public-key  private-section  [tag]
 *
 * Every field is a length of four bytes and so many bytes; `count` is a number of four bytes.
 *
 * @module
 */

import { createDecipheriv, timingSafeEqual } from "node:crypto";
import { SshReader } from "../../../core/system/bytes/ssh-wire.ts";
import { bcryptPbkdf } from "./bcrypt-pbkdf.ts";
import type { ParsedKey } from "./parsed-key.ts";

const MAGIC: Buffer = Buffer.from("openssh-key-v1\0");

/** What OpenSSH's `-Z` offers and node:crypto has; aes256-ctr is its default. */
const CIPHERS: ReadonlyMap<string, Cipher> = new Map([
  ["aes256-ctr", { keyBytes: 32, ivBytes: 16, isTagged: false }],
  ["aes192-ctr", { keyBytes: 24, ivBytes: 16, isTagged: false }],
  ["aes128-ctr", { keyBytes: 16, ivBytes: 16, isTagged: false }],
  ["aes256-cbc", { keyBytes: 32, ivBytes: 16, isTagged: false }],
  ["aes256-gcm@openssh.com", { keyBytes: 32, ivBytes: 12, isTagged: true }],
]);

/** ssh-keygen's default is 24; a hundred times as much still ends within minutes. */
const MAX_ROUNDS = 2400;

const UNSUPPORTED: ParsedKey = { kind: "unsupported" };

interface Cipher {
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly isTagged: boolean;
}

/** Parses the decoded base64 of an OPENSSH PRIVATE KEY. */
export function parseOpensshKey(bytes: Buffer, passphrase: Uint8Array | undefined): ParsedKey {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return UNSUPPORTED;
  const reader = new SshReader(bytes.subarray(MAGIC.length));
  const cipherName = reader.text() ?? "";
  const kdf = reader.text();
  const kdfOptions = reader.string();
  if (reader.number() !== 1) return UNSUPPORTED;
  // The public half is not looked at before decryption: an encrypted key of another kind needs a passphrase too.
  reader.string();
  const section = reader.string();
  if (kdfOptions === undefined || section === undefined) return UNSUPPORTED;
  if (cipherName === "none") return kdf === "none" ? parseSection(section, UNSUPPORTED) : UNSUPPORTED;
  const cipher = CIPHERS.get(cipherName);
  if (cipher === undefined || kdf !== "bcrypt") return UNSUPPORTED;
  const options = new SshReader(kdfOptions);
  const salt = options.string();
  const rounds = options.number() ?? 0;
  if (salt === undefined || salt.length === 0 || rounds < 1 || rounds > MAX_ROUNDS) return UNSUPPORTED;
  if (passphrase === undefined) return { kind: "needs-passphrase" };
  const tag = reader.take(cipher.isTagged ? 16 : 0);
  if (tag === undefined) return UNSUPPORTED;
  const secret = bcryptPbkdf(passphrase, salt, rounds, cipher.keyBytes + cipher.ivBytes);
  const plain = decrypt(cipherName, cipher, secret, section, tag);
  return plain === undefined
    ? { kind: "wrong-passphrase" }
    : parseSection(plain, { kind: "wrong-passphrase" });
}

function decrypt(
  name: string,
  { isTagged, keyBytes }: Cipher,
  secret: Buffer,
  section: Uint8Array,
  tag: Uint8Array,
): Buffer | undefined {
  const key = secret.subarray(0, keyBytes);
  const iv = secret.subarray(keyBytes);
  try {
    if (isTagged) {
      const decipher = createDecipheriv("aes-256-gcm", key, iv);
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(section), decipher.final()]);
    }
    const [algorithm, mode] = name.split("-");
    const decipher = createDecipheriv(`${algorithm?.replace("aes", "aes-")}-${mode}`, key, iv);
    decipher.setAutoPadding(false);
    return Buffer.concat([decipher.update(section), decipher.final()]);
  } catch {
    // A wrong tag, or a length that is no multiple of the block.
    return undefined;
  }
}

/** Two equal check words, then type, public key, seed with public key. Padding 1, 2, 3, … behind a comment. */
function parseSection(section: Uint8Array, otherwise: ParsedKey): ParsedKey {
  const reader = new SshReader(section);
  const check = reader.number();
  const again = reader.number();
  if (again === undefined) return UNSUPPORTED;
  if (again !== check) return otherwise;
  if (reader.text() !== "ssh-ed25519") return UNSUPPORTED;
  const publicKey = reader.string();
  const secret = reader.string();
  if (secret?.length !== 64 || publicKey?.length !== 32) return UNSUPPORTED;
  if (!timingSafeEqual(secret.subarray(32), publicKey)) return UNSUPPORTED;
  reader.string();
  const isPadded = reader.rest()?.every((byte, index) => byte === ((index + 1) & 255)) === true;
  return isPadded ? { kind: "seed", seed: secret.subarray(0, 32) } : UNSUPPORTED;
}
