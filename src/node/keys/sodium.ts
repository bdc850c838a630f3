/**
 * libsodium, where this platform has it. sodium-native ships no build for musl and the rarer processors;
 * there runseal goes on with a weaker promise (see secret-bytes.ts) instead of failing.
 *
 * @module
 */

import { createRequire } from "node:module";
import { publishCause } from "../system/runtime/cause-channel.ts";

/** The few functions of sodium-native 5 that runseal uses; the package ships no types. */
export interface Sodium {
  /** Guarded, locked memory outside the JavaScript heap. */
  sodium_malloc(size: number): Buffer;
  sodium_memzero(buffer: Uint8Array): void;
  sodium_free(buffer: Uint8Array): void;
  randombytes_buf(buffer: Uint8Array): void;
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  /** Behind the core's rule only, as any platform's. */
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  /** Throws if the memory is unavailable. */
  crypto_pwhash(
    out: Uint8Array,
    passphrase: Uint8Array,
    salt: Uint8Array,
    operations: number,
    memory: number,
    algorithm: number,
  ): void;
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    sealed: Uint8Array,
    plain: Uint8Array,
    associated: Uint8Array,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  /** Throws where the tag is wrong. */
  crypto_aead_xchacha20poly1305_ietf_decrypt(
    plain: Uint8Array,
    secretNonce: null,
    sealed: Uint8Array,
    associated: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
}

const FUNCTIONS: readonly (keyof Sodium)[] = [
  "sodium_malloc",
  "sodium_memzero",
  "sodium_free",
  "randombytes_buf",
  "crypto_sign_seed_keypair",
  "crypto_sign_detached",
  "crypto_sign_verify_detached",
  "crypto_pwhash",
  "crypto_aead_xchacha20poly1305_ietf_encrypt",
  "crypto_aead_xchacha20poly1305_ietf_decrypt",
];

let found: { readonly sodium: Sodium | undefined } | undefined;

/** libsodium, or `undefined` where it can't be loaded. The first call loads it, which takes longer than most commands. */
export function libsodium(): Sodium | undefined {
  found ??= { sodium: loadSodium() };
  return found.sodium;
}

function loadSodium(): Sodium | undefined {
  try {
    const loaded: unknown = createRequire(import.meta.url)("sodium-native");
    return isSodium(loaded) ? loaded : undefined;
  } catch (thrown) {
    publishCause(thrown);
    // Whatever the reason (no prebuilt binary, a wrong libc): the promise is the weaker one.
    return undefined;
  }
}

function isSodium(value: unknown): value is Sodium {
  if (typeof value !== "object" || value === null) return false;
  const members = new Map(Object.entries(value));
  return FUNCTIONS.every((name) => typeof members.get(name) === "function");
}
