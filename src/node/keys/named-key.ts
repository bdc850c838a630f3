/**
 * A public key in a person's words: the key itself, a `.pub` file, or a digest of a key that is known here.
 *
 * @module
 */

import {
  faultWords,
  idDigest,
  type KeyDigest,
  keyDigestsOf,
  looksLikeKeyDigest,
  ok,
  parseKeyDigest,
  parseKeyText,
  parsePublicKey,
  type Result,
} from "../../core/internal.ts";
import { nodeCrypto } from "../system/runtime/node-crypto.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import { isPublicFileName, readPublicKeyFile } from "./public-file.ts";

/** Why words name no key. */
export type NamedKeyBreach =
  | "not-a-key"
  /** A digest, and no known key has it. A digest does not tell the key. */
  | "unknown-digest"
  /** The validator id of a known key, which has the form of a key. */
  | "validator-id";

/** No key, or a file that could not be read. */
export type NamedKeyFault =
  | OperationFault
  | { readonly ok: false; readonly code: NamedKeyBreach; readonly message: string };

/** The key in a trust line that has a name and no options, as `init` and `key export --format runseal` print it. Any other text stays as it is. */
export function keyInLine(text: string): string {
  return /^[^\s"]+ ((?:runseal|ssh)-ed25519 [^\s"]+)\s*$/.exec(text)?.[1] ?? text;
}

/** Reads a key: 64 lowercase hex characters. `known` are the keys that a digest may name. */
export function readNamedKey(given: string, known: readonly string[]): Result<string, NamedKeyFault> {
  const text = keyInLine(given);
  const breach = (code: NamedKeyBreach): NamedKeyFault => ({
    ok: false,
    code,
    message: faultWords(code, [given]),
  });
  if (isPublicFileName(text)) {
    const read = readPublicKeyFile(text);
    if (!read.ok) return read;
    return read.value === undefined ? breach("not-a-key") : ok(read.value);
  }
  const hasDigest = (publicKeyHex: string, digest: KeyDigest): boolean => {
    const identity = parsePublicKey(publicKeyHex, nodeCrypto);
    return identity !== undefined && keyDigestsOf(identity).includes(digest);
  };
  const digest = parseKeyDigest(text);
  if (digest !== undefined) {
    const key = known.find((publicKeyHex) => hasDigest(publicKeyHex, digest));
    return key === undefined ? breach("unknown-digest") : ok(key);
  }
  const publicKeyHex = parseKeyText(text, nodeCrypto);
  // Of a key that is known, nothing else is to be asked.
  if (publicKeyHex !== undefined && known.includes(publicKeyHex)) return ok(publicKeyHex);
  if (known.some((key) => hasDigest(key, idDigest(text)))) return breach("validator-id");
  return publicKeyHex === undefined || looksLikeKeyDigest(text) ? breach("not-a-key") : ok(publicKeyHex);
}
