/**
 * A public key as other programs read it.
 *
 * @module
 */

import {
  allowedSignersLine,
  encodeMinisignKey,
  encodeSignifyKey,
  identityOf,
  keyNumberOf,
  parseHex,
  publicKeyPem,
  SUMS_NAMESPACE,
  sshPublicKeyLine,
} from "../../core/internal.ts";
import { nodeCrypto } from "../system/runtime/node-crypto.ts";
import { type StoredKey, trustLine } from "./key-store.ts";

/** The forms in which a public key can be exported. */
export const PUBLIC_FORMS = ["runseal", "openssh", "pem", "minisign", "signify", "allowed-signers"] as const;

/** One of them. */
export type PublicForm = (typeof PUBLIC_FORMS)[number];

/** All of them, each with a line feed at its end. */
export function publicForms({ name, publicKeyHex }: StoredKey): Readonly<Record<PublicForm, string>> {
  const publicKey = parseHex(publicKeyHex, 32);
  if (publicKey === undefined) throw new TypeError("a stored key was parsed before");
  const keyNumber = keyNumberOf(identityOf(publicKey, nodeCrypto));
  return {
    runseal: `${trustLine(name, publicKeyHex)}\n`,
    openssh: sshPublicKeyLine(publicKey, name),
    pem: publicKeyPem(publicKey),
    minisign: encodeMinisignKey(keyNumber, publicKey),
    signify: encodeSignifyKey(keyNumber, publicKey),
    "allowed-signers": allowedSignersLine(publicKey, name, SUMS_NAMESPACE),
  };
}
