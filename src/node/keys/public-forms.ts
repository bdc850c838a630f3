/**
 * A public key as other programs read it.
 *
 * @module
 */

import { encodeSshKey, parseHex } from "../../core/internal.ts";
import { spkiOf } from "../runtime/node-crypto.ts";
import { type StoredKey, trustLine } from "./key-store.ts";

/** The forms in which a public key can be exported. */
export const PUBLIC_FORMS = ["runseal", "openssh", "pem"] as const;

/** One of them. */
export type PublicForm = (typeof PUBLIC_FORMS)[number];

/** All of them, each with a line feed at its end. */
export function publicForms({ name, publicKeyHex }: StoredKey): Readonly<Record<PublicForm, string>> {
  const publicKey = parseHex(publicKeyHex, 32);
  if (publicKey === undefined) throw new TypeError("a stored key was parsed before");
  const spki = spkiOf(publicKey).toString("base64");
  return {
    runseal: `${trustLine(name, publicKeyHex)}\n`,
    openssh: `ssh-ed25519 ${encodeSshKey(publicKey)} ${name}\n`,
    // RFC 7468; 60 characters, so one line.
    pem: `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`,
  };
}
