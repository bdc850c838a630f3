/**
 * Key files: the 32-byte seed as 64 lowercase hex characters and a line feed, mode 0600. Other SPECTRUM
 * tools write the same. From descriptor to secret memory and back, with no string between.
 *
 * @module
 */

import sodium from "sodium-native";
import { ok, type Result } from "../../core/index.ts";
import { writeAll } from "../files/durable-file.ts";
import { nodeFileSystem as fs, OPEN_NEW, OPEN_SOURCE } from "../files/file-system.ts";
import { errnoOf, machineReason } from "../files/machine-reason.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import { SecretBytes } from "./secret-bytes.ts";
import { SecretKeySigner, type Signer } from "./signer.ts";

const SEED_BYTES = 32;
const HEX_BYTES = SEED_BYTES * 2;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Makes a new key and writes it where nothing is yet. Fails with KEY_EXISTS or WRITE_FAILED, which call the
 * file `shown`.
 */
export function createKeyFile(path: string, shown: string = path): Result<Signer, OperationFault> {
  using seed = new SecretBytes(SEED_BYTES);
  seed.use((bytes) => sodium.randombytes_buf(bytes));
  using text = new SecretBytes(HEX_BYTES + 1);
  seed.use((bytes) => text.use((hex) => encodeHex(bytes, hex)));
  try {
    const fd = fs.openSync(path, OPEN_NEW, 0o600);
    try {
      text.use((hex) => writeAll(fd, hex));
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return operationFault(reason === "already-there" ? "KEY_EXISTS" : "WRITE_FAILED", {
      path: shown,
      reason,
    });
  }
  return ok(new SecretKeySigner(seed));
}

/**
 * Reads a key. Fails with KEY_NOT_FOUND, KEY_EXPOSED (others can read or write it, or it isn't ours),
 * READ_FAILED, or KEY_FILE_MALFORMED: one code for every bad key, whatever is wrong with it (H-06). Faults
 * call the file `shown`.
 */
export function openKeyFile(path: string, shown: string = path): Result<Signer, OperationFault> {
  try {
    const fd = fs.openSync(path, OPEN_SOURCE);
    try {
      return readKey(fd, shown);
    } finally {
      fs.closeSync(fd);
    }
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR") return operationFault("KEY_NOT_FOUND", { path: shown });
    // A link, a socket or a folder in a key's place is no key file.
    if (errno === "ELOOP" || errno === "ENXIO" || errno === "EISDIR")
      return operationFault("KEY_FILE_MALFORMED", { path: shown });
    return operationFault("READ_FAILED", { path: shown, reason });
  }
}

function readKey(fd: number, path: string): Result<Signer, OperationFault> {
  const stats = fs.fstatSync(fd);
  if (!stats.isFile()) return operationFault("KEY_FILE_MALFORMED", { path });
  const isOurs = process.getuid === undefined || stats.uid === process.getuid();
  if (!isOurs || (process.platform !== "win32" && (stats.mode & 0o077) !== 0)) {
    return operationFault("KEY_EXPOSED", { path });
  }
  // One byte more than a key with CRLF has, so that a longer file is noticed.
  using text = new SecretBytes(HEX_BYTES + 3);
  using seed = new SecretBytes(SEED_BYTES);
  const length = text.use((hex) => readAtMost(fd, hex));
  const decoded = text.use((hex) => seed.use((bytes) => decodeHexLine(hex, length, bytes)));
  return decoded ? ok(new SecretKeySigner(seed)) : operationFault("KEY_FILE_MALFORMED", { path });
}

function readAtMost(fd: number, buffer: Buffer): number {
  let length = 0;
  while (length < buffer.length) {
    const count = fs.readSync(fd, buffer, length, buffer.length - length, null);
    if (count === 0) break;
    length += count;
  }
  return length;
}

/** Decodes 64 hex characters and an optional end of line. No branch and no table index depends on a digit's value. */
function decodeHexLine(text: Buffer, length: number, seed: Buffer): boolean {
  let end = length;
  if (text[end - 1] === LINE_FEED) end--;
  if (end < length && text[end - 1] === CARRIAGE_RETURN) end--;
  if (end !== HEX_BYTES || length > HEX_BYTES + 2) return false;
  let bad = 0;
  for (let index = 0; index < SEED_BYTES; index++) {
    const high = nibbleOf(text[index * 2] ?? 0);
    const low = nibbleOf(text[index * 2 + 1] ?? 0);
    bad |= (high | low) >> 8;
    seed[index] = ((high & 15) << 4) | (low & 15);
  }
  return bad === 0;
}

/** The value of a lowercase hex digit; bits above the eighth are set for anything else. */
function nibbleOf(unit: number): number {
  const digit = unit - 0x30;
  const letter = unit - 0x61;
  // (x >> 31) is all ones for a negative x: each mask is all ones exactly inside its range.
  const isDigit = ~(digit >> 31) & ((digit - 10) >> 31);
  const isLetter = ~(letter >> 31) & ((letter - 6) >> 31);
  return (digit & isDigit) | ((letter + 10) & isLetter) | (~(isDigit | isLetter) & 0x100);
}

function encodeHex(bytes: Buffer, hex: Buffer): void {
  for (const [index, byte] of bytes.entries()) {
    hex[index * 2] = digitOf(byte >> 4);
    hex[index * 2 + 1] = digitOf(byte & 15);
  }
  hex[HEX_BYTES] = LINE_FEED;
}

/** The hex digit of 0 to 15, by arithmetic: 39 is the way from `:` to `a`. */
function digitOf(nibble: number): number {
  return nibble + 0x30 + (((9 - nibble) >> 31) & 39);
}
