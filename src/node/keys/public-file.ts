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
import { readNamedBytes, useNamedFile } from "../system/files/open-named-file.ts";
import { errnoOf, reasonOf } from "../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import { readNow } from "./passphrase/read-secret.ts";
import { SecretBytes } from "./secret-bytes.ts";

/** A public key has one line, whose comment may be long. */
const MAX_BYTES = 16_384;

/** What only a public key has, or what stands before one. The base64 of a private key holds no space. */
const PUBLIC_MARKS: readonly Buffer[] = [
  "ssh-ed25519 ",
  "runseal-ed25519 ",
  "ssh-rsa ",
  " PUBLIC KEY-----",
].map((mark) => Buffer.from(mark));

/** How a public key in PEM begins, and where another block would. */
const PEM_BEGIN = "-----BEGIN PUBLIC KEY-----";
const NEXT_BLOCK = "-----BEGIN";

/** Whether a text names a public file. A file with another ending is not opened: it may hold a private key, as may a `.pem` file. */
export function isPublicFileName(text: string): boolean {
  return /^\S*\.(?:pub|pem)$/.test(text);
}

/**
 * Reads the public key of a `.pub` or `.pem` file: 64 lowercase hex characters, or `undefined` if the file holds no Ed25519 key, or more
 * than that. Fails with PATH_NOT_FOUND, NOT_A_FILE or READ_FAILED.
 */
export function readPublicKeyFile(path: string): Result<string | undefined, OperationFault> {
  try {
    const read = readPublicBytes(path);
    if (typeof read !== "string") return ok(parsePublicText(read));
    return read === "not-a-file" ? operationFault("NOT_A_FILE", { path }) : ok(undefined);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return errnoOf(thrown) === "ENOENT"
      ? operationFault("PATH_NOT_FOUND", { path })
      : operationFault("READ_FAILED", { path, reason });
  }
}

/**
 * Reads a public file as bytes. Gives what keeps it from being read: `not-public` for a `.pem` file with anything but one public key.
 * Throws what the system says.
 */
export function readPublicBytes(path: string): Buffer | "not-a-file" | "too-large" | "not-public" {
  if (!path.endsWith(".pem")) return readNamedBytes(path, MAX_BYTES);
  return useNamedFile(path, MAX_BYTES, (fd, size) => {
    // PROTOCOL 14, H-01: most `.pem` files with a key hold a private one.
    using text = new SecretBytes(Math.max(1, size));
    return text.use((bytes) => {
      const read = bytes.subarray(0, readNow(fd, bytes, 0) ?? 0);
      const isPublic = read.indexOf(PEM_BEGIN) === 0 && read.indexOf(NEXT_BLOCK, 1) < 0;
      return isPublic ? Buffer.from(read) : "not-public";
    });
  });
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
