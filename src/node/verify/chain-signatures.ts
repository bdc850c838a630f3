/**
 * The signatures of a chain: how they are checked, and which were seen to hold. Of a small bundle the check takes as long as
 * all else. Whether a signature holds follows from the bytes of the artifacts alone, so the same bytes need not be checked twice.
 *
 * @module
 */

import { hash } from "node:crypto";
import { ARTIFACT_NAMES, type Crypto, type OpenedBundle } from "../../core/internal.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";

/** Bundles from which on workers, and libsodium, are worth their start. */
export const LONG_CHAIN = 256;

/**
 * Chooses node:crypto for a short chain. For a long one libsodium checks the signatures, where it can be loaded: it needs less
 * than half the time. Behind the core's rule both accept the same signatures.
 */
export async function cryptoFor(bundles: number): Promise<Crypto> {
  if (bundles < LONG_CHAIN) return nodeCrypto;
  const { sodium } = await import("../keys/sodium.ts");
  if (sodium === undefined) return nodeCrypto;
  const { crypto_sign_verify_detached: verify } = sodium;
  return {
    ...nodeCrypto,
    verifyEd25519: (publicKey, message, signature) => verify(signature, message, publicKey),
  };
}

/** A bundle's name here: a SHA-256 as 32 characters of one byte each. */
export type MemoryKey = string;

/** What is known for the time being. */
export class SignatureMemory {
  readonly #known: Set<MemoryKey>;
  readonly #circumstances: string;

  /**
   * @param circumstances what else has to be the same: a text of one byte a character, and of one length.
   * @param known what was remembered before under the same keys.
   */
  constructor(circumstances: string = "", known: Iterable<MemoryKey> = []) {
    this.#circumstances = circumstances;
    this.#known = new Set(known);
  }

  /** The name of a bundle: SHA-256 over the digests of all seven artifacts, and the circumstances. Undefined where one could not be read. */
  keyOf({ artifacts }: OpenedBundle): MemoryKey | undefined {
    let digests = "";
    for (const name of ARTIFACT_NAMES) {
      const artifact = artifacts[name];
      if (artifact.kind !== "bytes") return undefined;
      digests += hash("sha256", artifact.bytes, "binary");
    }
    return hash("sha256", Buffer.from(digests + this.#circumstances, "latin1"), "binary");
  }

  /** Whether the signature of that bundle was seen to hold. */
  recalls(key: MemoryKey | undefined): boolean {
    return key !== undefined && this.#known.has(key);
  }

  /** Remembers that the signature of a bundle holds, and all else about its artifacts. */
  note(key: MemoryKey | undefined): void {
    if (key !== undefined) this.#known.add(key);
  }
}
