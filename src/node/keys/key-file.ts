/**
 * Key files: one line of text, mode 0600, in either of two forms (docs/key-file.md):
 *
 *     9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60    the seed in hex
 *     runseal-key-v1 AQAAAAMABAAA…                                        the seed, encrypted
 *
 * Other SPECTRUM tools write the plain form too. From descriptor to secret memory, with no string between.
 *
 * @module
 */

import { type Ok, ok, type Result } from "../../core/internal.ts";
import { nodeFileSystem as fs, OPEN_SOURCE } from "../system/files/file-system.ts";
import { attempt, errnoOf, reasonOf } from "../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import { isWindows } from "../system/runtime/this-system.ts";
import {
  canEncryptKeys,
  decryptSeed,
  ENCRYPTED_KEY_BYTES,
  isEncryptedKey,
  parseEncryptedKey,
} from "./encrypted-key.ts";
import { decodeHexSeed } from "./hex-seed.ts";
import { NO_PASSPHRASES, type Passphrases } from "./passphrase/passphrase.ts";
import { readDescriptor, type SourceSetting } from "./passphrase/passphrase-source.ts";
import { looksPublic } from "./public-file.ts";
import { SecretBytes } from "./secret-bytes.ts";
import { SEED_BYTES, SecretKeySigner } from "./secret-key-signer.ts";
import type { Signer } from "./signer.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** One byte more than the longest line with CRLF, so that a longer file is noticed. */
const READ_BYTES: number = ENCRYPTED_KEY_BYTES + 3;

/** Where the marks of a public key stand, if the file holds one. */
const PEEK_BYTES = 1024;

/**
 * Opens a key to sign with; `passphrases` is asked only where the key has one. Fails as `readSeed` does,
 * and calls the file `shown`.
 */
export async function openKeyFile(
  path: string,
  shown: string = path,
  passphrases: Passphrases = NO_PASSPHRASES,
): Promise<Result<Signer, OperationFault>> {
  let isAsked = false;
  const read = await readSeed(path, shown, {
    ...passphrases,
    toOpen: (key) => {
      isAsked = true;
      return passphrases.toOpen(key);
    },
  });
  if (!read.ok) return read;
  using seed = read.value;
  return ok(new SecretKeySigner(seed, isAsked ? undefined : "plain-file"));
}

/**
 * Reads the seed of a key, which becomes the caller's to dispose of. Fails with KEY_NOT_FOUND, READ_FAILED,
 * KEY_FILE_UNUSABLE (`exposed`: others can read or write it, or it isn't ours; `form` for every bad file, whatever is wrong
 * with it: H-06), PASSPHRASE_UNUSABLE or SYSTEM_UNSUPPORTED. Throws an Interruption while it waits for a passphrase.
 */
export async function readSeed(
  path: string,
  shown: string,
  passphrases: Passphrases,
): Promise<Result<SecretBytes, OperationFault>> {
  using text = new SecretBytes(READ_BYTES);
  const read = withKeyFile(path, shown, "form", (fd) => ok(readLine(fd, text)));
  return read.ok ? await seedOf(text, read.value, shown, passphrases) : read;
}

/**
 * Reads a key from a descriptor until it ends. The key is the caller's to dispose of. Fails as `readSeed` does; a terminal,
 * and a descriptor that gives nothing for two minutes, are READ_FAILED.
 */
export async function openKeyDescriptor(
  fd: number,
  shown: string,
  passphrases: Passphrases,
  setting: SourceSetting,
): Promise<Result<Signer, OperationFault>> {
  using text = new SecretBytes(READ_BYTES);
  try {
    const length = await readDescriptor(String(fd), text, setting);
    if (length === undefined) return operationFault("READ_FAILED", { path: shown, reason: "other" });
    const line = length === text.length ? undefined : withoutLineEnd(text, length);
    const read = await seedOf(text, line, shown, passphrases);
    if (!read.ok) return read;
    using seed = read.value;
    return ok(new SecretKeySigner(seed));
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: shown, reason: reasonOf(thrown) });
  } finally {
    // A command that is run later must not get it.
    closeInherited(fd);
  }
}

/** Closes a descriptor that the caller left open, but for stdin, stdout and stderr. */
function closeInherited(fd: number): void {
  if (fd > 2) attempt(() => fs.closeSync(fd));
}

/** The seed in the text of a key. `length` is `undefined` for a text that is longer than any key. */
async function seedOf(
  text: SecretBytes,
  length: number | undefined,
  shown: string,
  passphrases: Passphrases,
): Promise<Result<SecretBytes, OperationFault>> {
  if (looksPublic(text, length ?? text.length))
    return operationFault("KEY_FILE_UNUSABLE", { reason: "public", path: shown });
  const malformed = operationFault("KEY_FILE_UNUSABLE", { reason: "form", path: shown });
  if (length === undefined) return malformed;
  if (length === 0) return operationFault("KEY_FILE_UNUSABLE", { reason: "empty", path: shown });
  if (!text.use(isEncryptedKey)) return plainSeed(text, length) ?? malformed;
  const encrypted = text.use((bytes) => parseEncryptedKey(bytes.subarray(0, length)));
  if (encrypted === undefined) return malformed;
  // A user should not type a passphrase in vain.
  if (!canEncryptKeys())
    return operationFault("SYSTEM_UNSUPPORTED", { reason: "key-encryption", path: shown });
  const passphrase = await passphrases.toOpen(shown);
  if (!passphrase.ok) return passphrase;
  using secret = passphrase.value;
  return decryptSeed(encrypted, secret, shown);
}

/**
 * Reads the line of a key file as it is, with a line feed: an encrypted key stays encrypted. It becomes the caller's to dispose of.
 * Fails as `readSeed` does, and asks for no passphrase.
 */
export function readKeyLine(
  path: string,
  shown: string,
): Result<{ readonly line: SecretBytes; readonly isEncrypted: boolean }, OperationFault> {
  using text = new SecretBytes(READ_BYTES);
  const read = withKeyFile(path, shown, "form", (fd) => ok(readLine(fd, text)));
  if (!read.ok) return read;
  const length = read.value ?? 0;
  const isEncrypted = text.use(
    (bytes) => isEncryptedKey(bytes) && parseEncryptedKey(bytes.subarray(0, length)) !== undefined,
  );
  using seed = isEncrypted ? undefined : plainSeed(text, length)?.value;
  if (!isEncrypted && seed === undefined)
    return operationFault("KEY_FILE_UNUSABLE", { reason: "form", path: shown });
  const line = new SecretBytes(length + 1);
  line.use((target) => text.use((bytes) => bytes.copy(target, 0, 0, length)));
  line.use((target) => target.writeUInt8(LINE_FEED, length));
  return ok({ line, isEncrypted });
}

/** Whether a key file is encrypted, as far as its beginning says; `undefined` where it can't be read. */
export function isKeyFileEncrypted(path: string): boolean | undefined {
  using text = new SecretBytes(READ_BYTES);
  const read = withKeyFile(path, path, "form", (fd) => ok(readLine(fd, text)));
  return read.ok ? text.use(isEncryptedKey) : undefined;
}

/**
 * Opens a file that should hold a private key, and closes it after the work. Fails with KEY_NOT_FOUND,
 * READ_FAILED, or KEY_FILE_UNUSABLE, for the reason `notAKey` where it is a link, a folder, a FIFO or a device.
 */
export function withKeyFile<Value>(
  path: string,
  shown: string,
  notAKey: "form" | "import",
  work: (fd: number) => Result<Value, OperationFault>,
): Result<Value, OperationFault> {
  try {
    const fd = fs.openSync(path, OPEN_SOURCE);
    try {
      const stats = fs.fstatSync(fd);
      if (!stats.isFile()) return operationFault("KEY_FILE_UNUSABLE", { reason: notAKey, path: shown });
      if (isPublicHalf(fd)) return operationFault("KEY_FILE_UNUSABLE", { reason: "public", path: shown });
      return isExposed(stats)
        ? operationFault("KEY_FILE_UNUSABLE", { reason: "exposed", path: shown })
        : work(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR")
      return operationFault("KEY_NOT_FOUND", { reason: "stored", path: shown });
    // A link, a socket or a folder is not a key file.
    if (errno === "ELOOP" || errno === "ENXIO" || errno === "EISDIR")
      return operationFault("KEY_FILE_UNUSABLE", { reason: notAKey, path: shown });
    return operationFault("READ_FAILED", { path: shown, reason });
  }
}

/** Checked first: a public file may be readable by all. The position in the file stays. */
function isPublicHalf(fd: number): boolean {
  using text = new SecretBytes(PEEK_BYTES);
  return looksPublic(
    text,
    text.use((bytes) => fs.readSync(fd, bytes, 0, bytes.length, 0)),
  );
}

function isExposed({ mode, uid }: { readonly mode: number; readonly uid: number }): boolean {
  const isOurs = process.getuid === undefined || uid === process.getuid();
  return !isOurs || (!isWindows && (mode & 0o077) !== 0);
}

/** Reads one line and gives its length without LF or CRLF. `undefined` for a file longer than any key. */
function readLine(fd: number, text: SecretBytes): number | undefined {
  return text.use((bytes) => {
    let length = 0;
    while (length < bytes.length) {
      const count = fs.readSync(fd, bytes, length, bytes.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return length === bytes.length ? undefined : withoutLineEnd(text, length);
  });
}

function withoutLineEnd(text: SecretBytes, length: number): number {
  return text.use((bytes) => {
    if (bytes[length - 1] !== LINE_FEED) return length;
    return bytes[length - 2] === CARRIAGE_RETURN ? length - 2 : length - 1;
  });
}

function plainSeed(text: SecretBytes, length: number): Ok<SecretBytes> | undefined {
  const seed = new SecretBytes(SEED_BYTES);
  const isHex = text.use((hex) => seed.use((bytes) => decodeHexSeed(hex.subarray(0, length), bytes)));
  if (isHex) return ok(seed);
  seed.dispose();
  return undefined;
}
