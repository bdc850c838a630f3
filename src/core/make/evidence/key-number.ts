/**
 * The number by which minisign and signify name a key. Both tools draw it at random; runseal derives it from the key.
 *
 * @module
 */

import type { SignerIdentity } from "../../records/artifacts/identity.ts";
import { parseHex, toHex } from "../../system/bytes/hex.ts";

/** Bytes of a key number. */
export const KEY_NUMBER_BYTES = 8;

/** The key number of a signer: the first 8 bytes of the validator id. A hint for finding the key: anyone can make two alike. */
export function keyNumberOf({ validatorId }: Pick<SignerIdentity, "validatorId">): Uint8Array {
  const bytes = parseHex(validatorId.slice(0, KEY_NUMBER_BYTES * 2), KEY_NUMBER_BYTES);
  if (bytes === undefined) throw new TypeError("a validator id is 64 lowercase hex characters");
  return bytes;
}

/** A key number as minisign prints it: a little-endian number in 16 uppercase hex digits. */
export function minisignKeyName(keyNumber: Uint8Array): string {
  return toHex(Uint8Array.from(keyNumber).reverse()).toUpperCase();
}
