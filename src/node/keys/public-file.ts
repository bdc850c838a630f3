/**
 * Files that hold a public key: the `.pub` file of a runseal key or of an OpenSSH key, or one in PEM.
 *
 * @module
 */

import {
  ok,
  parseKeyText,
  parsePublicKeyText,
  parseTrustFile,
  type Result,
  toHex,
} from "../../core/internal.ts";
import { readNamedBytes } from "../files/open-named-file.ts";
import { errnoOf, reasonOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { SecretBytes } from "./secret-bytes.ts";

/** A public key has one line, whose comment may be long. */
const MAX_BYTES = 16_384;

/** What only a public key has, or what stands before one. The base64 of a private key holds no space. */
const PUBLIC_MARKS: readonly Buffer[] = [
  "ssh-ed25519 ",
  "runseal-ed25519 ",
  "ssh-rsa ",
  " PUBLIC KEY-----",
].map((mark) => Buffer.from(mark));

/** Whether a text names a public file. A file with another ending is not opened: it may hold a private key. */
export function isPublicFileName(text: string): boolean {
  return /^\S*\.(?:pub|pem)$/.test(text);
}

/**
 * Reads the public key of a `.pub` or `.pem` file: 64 lowercase hex characters, or `undefined` if the file holds no Ed25519 key. Fails with
 * PATH_NOT_FOUND, NOT_A_FILE or READ_FAILED.
 */
export function readPublicKeyFile(path: string): Result<string | undefined, OperationFault> {
  try {
    const read = readNamedBytes(path, MAX_BYTES);
    if (typeof read !== "string") return ok(parsePublicText(read));
    return read === "too-large" ? ok(undefined) : operationFault("NOT_A_FILE", { path });
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return errnoOf(thrown) === "ENOENT"
      ? operationFault("PATH_NOT_FOUND", { path })
      : operationFault("READ_FAILED", { path, reason });
  }
}

/** Whether the beginning of a file is that of a public key, without a string of bytes that may be secret. */
export function looksPublic(text: SecretBytes, length: number): boolean {
  return text.use((bytes) => PUBLIC_MARKS.some((mark) => hasMark(bytes.subarray(0, length), mark)));
}

/** OpenSSH writes a key and a comment; runseal writes a trust line, which has a name before the key. */
function parsePublicText(bytes: Buffer): string | undefined {
  const text = bytes.toString("utf8").trim();
  const key = parsePublicKeyText(text);
  if (key?.algorithm === "ed25519") return toHex(key.publicKey);
  if (text.includes("\n")) return undefined;
  const parsed = parseTrustFile(bytes, nodeCrypto);
  return parseKeyText(text, nodeCrypto) ?? (parsed.ok ? parsed.value.lines[0]?.publicKeyHex : undefined);
}

function hasMark(bytes: Uint8Array, mark: Uint8Array): boolean {
  return bytes.some((_, start) => mark.every((byte, index) => bytes[start + index] === byte));
}
