/**
 * The encrypted form of a seed: one line of text, described byte by byte in docs/key-file.md.
 *
 *     runseal-key-v1 BASE64
 *
 * The base64 holds 97 bytes: KDF id, Argon2id's cost, salt, nonce, and the seed under XChaCha20-Poly1305.
 * The word before it and everything up to the nonce are associated data, so that no part of the header can
 * be changed without the passphrase. What a file may ask of this machine is bounded before any work is done.
 *
 * @module
 */

import { ok, type Result } from "../../core/internal.ts";
import { publishCause } from "../system/runtime/cause-channel.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import { SecretBytes } from "./secret-bytes.ts";
import { SEED_BYTES } from "./secret-key-signer.ts";
import { libsodium, type Sodium } from "./sodium.ts";

/** Whether keys can be encrypted and decrypted here at all. */
export function canEncryptKeys(): boolean {
  return libsodium() !== undefined;
}

/** The cost of Argon2id, for an attacker's guess and for the user alike. */
export interface KeyCost {
  /** Passes over the memory. */
  readonly operations: number;
  /** KiB of memory, in one lane. */
  readonly memoryKib: number;
}

/** libsodium's "moderate": 256 MiB and three passes, about a second on a small machine. */
export const DEFAULT_KEY_COST: KeyCost = { operations: 3, memoryKib: 256 * 1024 };

/** A key file must not be able to keep a machine busy, or take all of its memory. */
const MAX_OPERATIONS = 10;
const MAX_MEMORY_KIB = 1024 * 1024;
/** Argon2's own least. */
const MIN_MEMORY_KIB = 8;

const PREFIX: Uint8Array = Buffer.from("runseal-key-v1 ");
const ARGON2ID = 1;
/** libsodium's number for Argon2id 1.3. */
const PWHASH_ARGON2ID13 = 2;

const SALT_AT = 9;
const NONCE_AT = SALT_AT + 16;
const SEALED_AT = NONCE_AT + 24;
const PAYLOAD_BYTES: number = SEALED_AT + SEED_BYTES + 16;

/** The bytes of the line, without its end. */
export const ENCRYPTED_KEY_BYTES: number = PREFIX.length + Math.ceil(PAYLOAD_BYTES / 3) * 4;

/** Whether bytes begin as an encrypted key does; they may still be malformed. */
export function isEncryptedKey(bytes: Uint8Array): boolean {
  return PREFIX.every((byte, index) => bytes[index] === byte);
}

/**
 * Encrypts a seed: the line without its end. Fails with SYSTEM_UNSUPPORTED where there is no
 * libsodium, or not enough memory. Throws a RangeError on a cost that no key file may have: a bug.
 */
export function encryptSeed(
  seed: SecretBytes,
  passphrase: SecretBytes,
  cost: KeyCost,
): Result<Uint8Array, OperationFault> {
  if (!isLawfulCost(cost)) throw new RangeError("no key file may have this cost");
  const sodium = libsodium();
  if (sodium === undefined) return operationFault("SYSTEM_UNSUPPORTED", { reason: "key-encryption" });
  const payload = Buffer.alloc(PAYLOAD_BYTES);
  writeCost(payload, cost);
  sodium.randombytes_buf(payload.subarray(SALT_AT, SEALED_AT));
  using key = deriveKey(passphrase, payload, cost, sodium);
  if (key === undefined) return operationFault("SYSTEM_UNSUPPORTED", { reason: "key-encryption" });
  const { crypto_aead_xchacha20poly1305_ietf_encrypt: encrypt } = sodium;
  const { sealed, nonce, associated } = partsOf(payload);
  key.use((k) => seed.use((plain) => encrypt(sealed, plain, associated, null, nonce, k)));
  return ok(Buffer.concat([PREFIX, Buffer.from(payload.toString("base64"))]));
}

/** An encrypted key that is well-formed: what can be known of it without the passphrase. */
export interface EncryptedKey {
  readonly cost: KeyCost;
  /** The decoded base64. */
  readonly payload: Uint8Array;
}

/** Parses a line without its end. `undefined` for anything that isn't one, and for a cost beyond the bounds. */
export function parseEncryptedKey(line: Uint8Array): EncryptedKey | undefined {
  if (line.length !== ENCRYPTED_KEY_BYTES || !isEncryptedKey(line)) return undefined;
  const text = String.fromCharCode(...line.subarray(PREFIX.length));
  const payload = Buffer.from(text, "base64");
  // Node skips what is no base64; one key has one text.
  if (payload.toString("base64") !== text || payload.length !== PAYLOAD_BYTES) return undefined;
  if (payload[0] !== ARGON2ID) return undefined;
  const cost = { operations: payload.readUInt32BE(1), memoryKib: payload.readUInt32BE(5) };
  return isLawfulCost(cost) ? { cost, payload } : undefined;
}

/**
 * Decrypts a seed, which becomes the caller's to dispose of. Fails with PASSPHRASE_UNUSABLE, also where
 * anything in the file was changed (the two look alike), or SYSTEM_UNSUPPORTED.
 */
export function decryptSeed(
  { cost, payload }: EncryptedKey,
  passphrase: SecretBytes,
  shown: string,
): Result<SecretBytes, OperationFault> {
  const sodium = libsodium();
  if (sodium === undefined)
    return operationFault("SYSTEM_UNSUPPORTED", { reason: "key-encryption", path: shown });
  using key = deriveKey(passphrase, payload, cost, sodium);
  if (key === undefined)
    return operationFault("SYSTEM_UNSUPPORTED", { reason: "key-encryption", path: shown });
  const seed = new SecretBytes(SEED_BYTES);
  if (key.use((bytes) => seed.use((plain) => openSealed(payload, bytes, plain, sodium)))) return ok(seed);
  seed.dispose();
  return operationFault("PASSPHRASE_UNUSABLE", { reason: "wrong", path: shown });
}

function openSealed(payload: Uint8Array, key: Uint8Array, plain: Uint8Array, sodium: Sodium): boolean {
  const { sealed, nonce, associated } = partsOf(payload);
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, sealed, associated, nonce, key);
    return true;
  } catch (thrown) {
    // All lengths are right, so it can only be the tag.
    publishCause(thrown);
    return false;
  }
}

/** `undefined` where Argon2 could not have its memory. */
function deriveKey(
  passphrase: SecretBytes,
  payload: Uint8Array,
  { operations, memoryKib }: KeyCost,
  { crypto_pwhash }: Sodium,
): SecretBytes | undefined {
  const key = new SecretBytes(32);
  const salt = payload.subarray(SALT_AT, NONCE_AT);
  const memory = memoryKib * 1024;
  try {
    key.use((out) =>
      passphrase.use((bytes) => crypto_pwhash(out, bytes, salt, operations, memory, PWHASH_ARGON2ID13)),
    );
    return key;
  } catch (thrown) {
    publishCause(thrown);
    // Salt and cost are within libsodium's bounds: what is left is memory.
    key.dispose();
    return undefined;
  }
}

function partsOf(payload: Uint8Array): {
  readonly sealed: Uint8Array;
  readonly nonce: Uint8Array;
  readonly associated: Uint8Array;
} {
  return {
    sealed: payload.subarray(SEALED_AT),
    nonce: payload.subarray(NONCE_AT, SEALED_AT),
    associated: Buffer.concat([PREFIX, payload.subarray(0, SEALED_AT)]),
  };
}

function writeCost(payload: Buffer, { operations, memoryKib }: KeyCost): void {
  payload.writeUInt8(ARGON2ID, 0);
  payload.writeUInt32BE(operations, 1);
  payload.writeUInt32BE(memoryKib, 5);
}

function isLawfulCost({ operations, memoryKib }: KeyCost): boolean {
  return isBetween(operations, 1, MAX_OPERATIONS) && isBetween(memoryKib, MIN_MEMORY_KIB, MAX_MEMORY_KIB);
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
