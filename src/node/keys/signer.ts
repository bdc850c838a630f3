/**
 * The port that all signers implement. Today a key file; an agent or a token would be another.
 *
 * @module
 */

import sodium from "sodium-native";
import { SecretBytes } from "./secret-bytes.ts";

/** Who can sign. */
export interface Signer extends Disposable {
  /** 32 raw bytes. */
  publicKey(): Uint8Array;
  /** Signs a message with Ed25519 (RFC 8032): 64 raw bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** A signer whose private key lives in secret memory of this process. */
export class SecretKeySigner implements Signer {
  readonly #publicKey = new Uint8Array(32);
  readonly #secretKey: SecretBytes;

  /** Derives the key pair from a seed of 32 secret bytes. The seed stays the caller's to dispose of. */
  constructor(seed: SecretBytes) {
    this.#secretKey = new SecretBytes(sodium.crypto_sign_SECRETKEYBYTES);
    this.#secretKey.use((secretKey) =>
      seed.use((bytes) => sodium.crypto_sign_seed_keypair(this.#publicKey, secretKey, bytes)),
    );
  }

  publicKey(): Uint8Array {
    return this.#publicKey;
  }

  sign(message: Uint8Array): Promise<Uint8Array> {
    const signature = new Uint8Array(64);
    this.#secretKey.use((secretKey) => sodium.crypto_sign_detached(signature, message, secretKey));
    return Promise.resolve(signature);
  }

  [Symbol.dispose](): void {
    this.#secretKey.dispose();
  }
}
