/**
 * A public key named by a digest of it: as strong a name as the key, and shorter to read out.
 *
 *     SHA256:WqSGoGe2Jd9gTPzOyPjdnXzbFgQfxLQc2QwUzQXBYSE    OpenSSH's fingerprint
 *     id:630d97ebf228abcf657088aaea75234347d9e39f96a194…    the validator id (PROTOCOL 3)
 *
 * @module
 */

import type { SignerIdentity } from "./identity.ts";

/** The word before a validator id. */
const ID_PREFIX = "id:";

/** A name of a key by a digest, in the one form that `keyDigestsOf` gives. */
export type KeyDigest = string & { readonly [keyDigest]: true };

declare const keyDigest: unique symbol;

/** Reads a fingerprint or a whole validator id. `undefined` for anything else, such as the short id shown to people. */
export function parseKeyDigest(text: string): KeyDigest | undefined {
  return /^(?:SHA256:[A-Za-z0-9+/]{43}|id:[0-9a-f]{64})$/.test(text) ? (text as KeyDigest) : undefined;
}

/** Both names of a key. */
export function keyDigestsOf(
  signer: Pick<SignerIdentity, "fingerprint" | "validatorId">,
): readonly KeyDigest[] {
  return [signer.fingerprint as KeyDigest, idDigest(signer.validatorId)];
}

/** A validator id as the name of a key. */
export function idDigest(validatorId: string): KeyDigest {
  return `${ID_PREFIX}${validatorId}` as KeyDigest;
}

/** Whether a text begins as a name by a digest does, whatever follows. */
export function looksLikeKeyDigest(text: string): boolean {
  return text.startsWith("SHA256:") || text.startsWith(ID_PREFIX);
}
