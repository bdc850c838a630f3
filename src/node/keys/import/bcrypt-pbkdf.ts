/**
 * bcrypt_pbkdf, the key derivation of OpenSSH's private keys. As OpenBSD has it, in the import worker only.
 * The npm package that does the same brings a second SHA-512 along, and tables that no reviewer reads.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { Blowfish } from "./blowfish.ts";

const BLOCK_BYTES = 32;

/** "OxychromaticBlowfishSwatDynamite", encrypted 64 times. */
const MAGIC: Buffer = Buffer.from("OxychromaticBlowfishSwatDynamite");

/** Derives `length` bytes. `rounds` is the cost; passphrase and salt must not be empty. */
export function bcryptPbkdf(
  passphrase: Uint8Array,
  salt: Uint8Array,
  rounds: number,
  length: number,
): Buffer {
  const key = Buffer.alloc(length);
  const stride = Math.ceil(length / BLOCK_BYTES);
  const passphraseHash = sha512(passphrase);
  for (let block = 0; block < stride; block++) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(block + 1);
    let chain = bcryptHash(passphraseHash, sha512(salt, counter));
    const sum = Buffer.from(chain);
    for (let round = 1; round < rounds; round++) {
      chain = bcryptHash(passphraseHash, sha512(chain));
      for (const [index, byte] of chain.entries()) sum[index] = (sum[index] ?? 0) ^ byte;
    }
    // The blocks are not laid end to end, but like cards dealt to so many hands.
    for (let index = 0; index * stride + block < length; index++)
      key[index * stride + block] = sum[index] ?? 0;
  }
  return key;
}

function bcryptHash(passphrase: Uint8Array, salt: Uint8Array): Buffer {
  const cipher = new Blowfish();
  cipher.expand(salt, passphrase);
  for (let count = 0; count < 64; count++) {
    cipher.expandKey(salt);
    cipher.expandKey(passphrase);
  }
  const words = Int32Array.from({ length: BLOCK_BYTES / 4 }, (_, index) => MAGIC.readInt32BE(index * 4));
  for (let count = 0; count < 64; count++) cipher.encrypt(words);
  const hash = Buffer.alloc(BLOCK_BYTES);
  for (const [index, value] of words.entries()) hash.writeInt32LE(value, index * 4);
  return hash;
}

function sha512(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
