/** node:crypto, but for signatures: libsodium needs less than half the time for them. @module */

import type { Crypto } from "../../core/internal.ts";
import { type Sodium, sodium } from "../keys/sodium.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";

/** Undefined where libsodium can't be loaded. Behind the core's rule it says of a signature what any platform says. */
export const sodiumCrypto: Crypto | undefined = sodium && cryptoOf(sodium);

function cryptoOf({ crypto_sign_verify_detached: verify }: Sodium): Crypto {
  return {
    ...nodeCrypto,
    verifyEd25519: (publicKey, message, signature) => verify(signature, message, publicKey),
  };
}
