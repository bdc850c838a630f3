// The few functions of sodium-native 5 that runseal uses; the package ships no types.
declare module "sodium-native" {
  interface Sodium {
    readonly crypto_sign_SEEDBYTES: number;
    readonly crypto_sign_SECRETKEYBYTES: number;
    /** Guarded, locked memory outside the JavaScript heap. */
    sodium_malloc(size: number): Buffer;
    sodium_memzero(buffer: Uint8Array): void;
    sodium_free(buffer: Uint8Array): void;
    randombytes_buf(buffer: Uint8Array): void;
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
    crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  }
  const sodium: Sodium;
  export default sodium;
}
