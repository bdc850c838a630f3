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

/** Parses the decoded base64 of an OPENSSH PRIVATE KEY. Throws a RangeError where a field ends too early. */
export function parseOpensshKey(bytes: Buffer, passphrase: Uint8Array | undefined): ParsedKey {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return UNSUPPORTED;
  const reader = new Reader(bytes.subarray(MAGIC.length));
  const cipherName = reader.text();
  const kdf = reader.text();
  const kdfOptions = reader.field();
  if (reader.number() !== 1) return UNSUPPORTED;
  // The public half is not looked at before decryption: an encrypted key of another kind needs a passphrase too.
  reader.field();
  const section = reader.field();
  if (cipherName === "none") return kdf === "none" ? parseSection(section, UNSUPPORTED) : UNSUPPORTED;
  const cipher = CIPHERS.get(cipherName);
  if (cipher === undefined || kdf !== "bcrypt") return UNSUPPORTED;
  const options = new Reader(kdfOptions);
  const salt = options.field();
  const rounds = options.number();
  if (salt.length === 0 || rounds < 1 || rounds > MAX_ROUNDS) return UNSUPPORTED;
  if (passphrase === undefined) return { kind: "needs-passphrase" };
  const secret = bcryptPbkdf(passphrase, salt, rounds, cipher.keyBytes + cipher.ivBytes);
  const plain = decrypt(cipherName, cipher, secret, section, cipher.isTagged ? reader.take(16) : undefined);
  return plain === undefined
    ? { kind: "wrong-passphrase" }
    : parseSection(plain, { kind: "wrong-passphrase" });
}

function decrypt(
  name: string,
  { keyBytes }: Cipher,
  secret: Buffer,
  section: Buffer,
  tag: Buffer | undefined,
): Buffer | undefined {
  const key = secret.subarray(0, keyBytes);
  const iv = secret.subarray(keyBytes);
  try {
    if (tag !== undefined) {
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
function parseSection(section: Buffer, otherwise: ParsedKey): ParsedKey {
  const reader = new Reader(section);
  const check = reader.number();
  if (reader.number() !== check) return otherwise;
  if (reader.text() !== "ssh-ed25519") return UNSUPPORTED;
  const publicKey = reader.field();
  const secret = reader.field();
  if (secret.length !== 64 || publicKey.length !== 32) return UNSUPPORTED;
  if (!timingSafeEqual(secret.subarray(32), publicKey)) return UNSUPPORTED;
  reader.field();
  const isPadded = reader.rest().every((byte, index) => byte === ((index + 1) & 255));
  return isPadded ? { kind: "seed", seed: secret.subarray(0, 32) } : UNSUPPORTED;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(): number {
    return this.take(4).readUInt32BE();
  }

  field(): Buffer {
    return this.take(this.number());
  }

  text(): string {
    return this.field().toString("latin1");
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("a field ends too early");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }
}
