/**
 * Private keys in PEM: OpenSSH's own form, and PKCS#8 (RFC 5958), plain or encrypted.
 *
 * @module
 */

import { createPrivateKey } from "node:crypto";
import { parseOpensshKey } from "./openssh-key.ts";
import type { ParsedKey } from "./parsed-key.ts";

/** PKCS#8 of an Ed25519 private key up to the seed itself (RFC 8410, section 7). */
const PKCS8_HEADER: Buffer = Buffer.from("302e020100300506032b657004220420", "hex");

/** Finds the Ed25519 seed in a PEM file. Never throws: what can't be read is unsupported. */
export function parsePemKey(pem: Buffer, passphrase: Buffer | undefined): ParsedKey {
  const label = /^-----BEGIN ([A-Z ]+)-----\r?\n/.exec(pem.toString("latin1"))?.[1];
  try {
    switch (label) {
      case "OPENSSH PRIVATE KEY":
        return parseOpensshKey(decodeBody(pem), passphrase);
      case "PRIVATE KEY":
        return parsePkcs8(pem, undefined);
      case "ENCRYPTED PRIVATE KEY":
        return passphrase === undefined ? { kind: "needs-passphrase" } : parseEncrypted(pem, passphrase);
      default:
        return { kind: "unsupported" };
    }
  } catch {
    return { kind: "unsupported" };
  }
}

/** OpenSSL does not tell a wrong passphrase from a damaged file, and neither can we. */
function parseEncrypted(pem: Buffer, passphrase: Buffer): ParsedKey {
  try {
    return parsePkcs8(pem, passphrase);
  } catch {
    return { kind: "wrong-passphrase" };
  }
}

function parsePkcs8(pem: Buffer, passphrase: Buffer | undefined): ParsedKey {
  const key = createPrivateKey({
    key: pem,
    format: "pem",
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  if (key.asymmetricKeyType !== "ed25519") return { kind: "unsupported" };
  const der = key.export({ format: "der", type: "pkcs8" });
  const isExpected = der.length === 48 && der.subarray(0, 16).equals(PKCS8_HEADER);
  return isExpected ? { kind: "seed", seed: der.subarray(16) } : { kind: "unsupported" };
}

function decodeBody(pem: Buffer): Buffer {
  const text = pem.toString("latin1");
  const body = /^-----BEGIN [A-Z ]+-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END [A-Z ]+-----\s*$/.exec(text)?.[1];
  return Buffer.from(body ?? "", "base64");
}
