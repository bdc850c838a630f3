/**
 * Signing with a seed that lives in secret memory of this process.
 *
 * @module
 */

import { createPrivateKey, createPublicKey, sign as signOnce } from "node:crypto";
import { ok, type Result } from "../../core/internal.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import { SecretBytes } from "./secret-bytes.ts";
import type { SharedAccess, Signer } from "./signer.ts";
import { libsodium, type Sodium } from "./sodium.ts";

/** The bytes of an Ed25519 seed: the whole private key (RFC 8032). */
export const SEED_BYTES = 32;

/** libsodium's form of a private key: seed and public key. */
const EXPANDED_BYTES = 64;

/** PKCS#8 of an Ed25519 private key up to the seed itself (RFC 8410, section 7). */
const PKCS8_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");

/** A signer whose private key lives in secret memory of this process. Throws when it is used after disposal. */
export class SecretKeySigner implements Signer {
  readonly #key: SeedKey;
  readonly sharedAccess: SharedAccess | undefined;

  /** Derives the key pair from a seed of 32 secret bytes. The seed stays the caller's to dispose of. */
  constructor(seed: SecretBytes, sharedAccess?: SharedAccess) {
    this.sharedAccess = sharedAccess;
    const sodium = libsodium();
    this.#key = sodium === undefined ? new OpensslKey(seed) : new SodiumKey(seed, sodium);
  }

  publicKey(): Uint8Array {
    return this.#key.publicKey;
  }

  sign(message: Uint8Array): Promise<Result<Uint8Array, OperationFault>> {
    return Promise.resolve(ok(this.#key.sign(message)));
  }

  [Symbol.dispose](): void {
    this.#key.secret.dispose();
  }
}

interface SeedKey {
  readonly secret: SecretBytes;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

class SodiumKey implements SeedKey {
  readonly secret: SecretBytes = new SecretBytes(EXPANDED_BYTES);
  readonly publicKey: Uint8Array = new Uint8Array(32);
  readonly #sodium: Sodium;

  constructor(seed: SecretBytes, sodium: Sodium) {
    this.#sodium = sodium;
    this.secret.use((expanded) =>
      seed.use((bytes) => sodium.crypto_sign_seed_keypair(this.publicKey, expanded, bytes)),
    );
  }

  sign(message: Uint8Array): Uint8Array {
    const signature = new Uint8Array(64);
    this.secret.use((expanded) => this.#sodium.crypto_sign_detached(signature, message, expanded));
    return signature;
  }
}

/**
 * The weaker way. Each call hands the DER to OpenSSL anew and keeps no KeyObject; the copy that OpenSSL
 * makes is freed when the garbage collector gets to it (measured: one right after the call, none later).
 */
class OpensslKey implements SeedKey {
  readonly secret: SecretBytes = new SecretBytes(PKCS8_HEADER.length + SEED_BYTES);
  readonly publicKey: Uint8Array;

  constructor(seed: SecretBytes) {
    this.publicKey = this.secret.use((der) => {
      der.set(PKCS8_HEADER);
      seed.use((bytes) => der.set(bytes, PKCS8_HEADER.length));
      const spki = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
      return new Uint8Array(spki.export({ format: "der", type: "spki" }).subarray(-32));
    });
  }

  sign(message: Uint8Array): Uint8Array {
    return this.secret.use((der) => signOnce(null, message, { key: der, format: "der", type: "pkcs8" }));
  }
}
