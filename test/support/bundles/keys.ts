/**
 * Secrets for the tests, and keys that cost little to open.
 *
 * @module
 */

import type { KeyCost } from "../../../src/node/keys/encrypted-key.ts";
import { SecretBytes } from "../../../src/node/keys/secret-bytes.ts";

/** The least that Argon2id can cost: tests open hundreds of keys. */
export const CHEAP: KeyCost = { operations: 1, memoryKib: 8 };

/** A passphrase and an invalid one. */
export const RIGHT = "correct horse battery staple";
export const WRONG = "incorrect horse";

/** Some bytes in secret memory. */
export function secretOf(text: string | Uint8Array): SecretBytes {
  const bytes = Buffer.from(text);
  const secret = new SecretBytes(bytes.length);
  secret.use((target) => bytes.copy(target));
  return secret;
}
