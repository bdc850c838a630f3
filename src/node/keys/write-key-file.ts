/**
 * Writing key files: exclusively, or over an older one in a single step.
 *
 * @module
 */

import { ok, type Result } from "../../core/index.ts";
import { createFile } from "../files/durable-file.ts";
import { machineReason } from "../files/machine-reason.ts";
import { replaceFile, syncFolderOf } from "../files/replace-file.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import { DEFAULT_KEY_COST, encryptSeed, type KeyCost } from "./encrypted-key.ts";
import { encodeHexSeed, HEX_SEED_BYTES } from "./hex-seed.ts";
import { fillRandom, SecretBytes } from "./secret-bytes.ts";
import { SEED_BYTES, SecretKeySigner } from "./secret-key-signer.ts";
import type { Signer } from "./signer.ts";

const LINE_FEED = 0x0a;

/** How a key is to be kept. */
export interface KeyFileOptions {
  /** What a fault calls the file; default: its path. */
  readonly shown?: string;
  /** Encrypts the key; without it the file holds plain hex. Stays the caller's to dispose of. */
  readonly passphrase?: SecretBytes | undefined;
  readonly cost?: KeyCost;
  /** Puts the new file in the place of an older one, in one step. */
  readonly replace?: boolean;
}

/**
 * Makes a new key and writes it where nothing is yet. Fails with KEY_EXISTS, WRITE_FAILED or
 * KEY_ENCRYPTION_UNAVAILABLE.
 */
export function createKeyFile(path: string, options: KeyFileOptions = {}): Result<Signer, OperationFault> {
  using seed = newSeed();
  const written = writeKeyFile(path, seed, options);
  return written.ok ? ok(new SecretKeySigner(seed)) : written;
}

/** A new private key. It becomes the caller's to dispose of. */
export function newSeed(): SecretBytes {
  const seed = new SecretBytes(SEED_BYTES);
  fillRandom(seed);
  return seed;
}

/** Writes a key, synced. Fails as `createKeyFile` does; then the old file, or none, is still there. */
export function writeKeyFile(
  path: string,
  seed: SecretBytes,
  options: KeyFileOptions,
): Result<undefined, OperationFault> {
  const { passphrase, cost = DEFAULT_KEY_COST, replace = false, shown = path } = options;
  if (passphrase === undefined) {
    using hex = new SecretBytes(HEX_SEED_BYTES + 1);
    seed.use((bytes) => hex.use((text) => encodeHexSeed(bytes, text)));
    hex.use((text) => text.writeUInt8(LINE_FEED, HEX_SEED_BYTES));
    return hex.use((text) => writeLine(path, text, replace, shown));
  }
  const line = encryptSeed(seed, passphrase, cost);
  if (!line.ok) return line;
  return writeLine(path, Buffer.concat([line.value, Buffer.of(LINE_FEED)]), replace, shown);
}

function writeLine(
  path: string,
  line: Uint8Array,
  replace: boolean,
  shown: string,
): Result<undefined, OperationFault> {
  try {
    if (replace) {
      replaceFile(path, line, 0o600);
    } else {
      createFile(path, line, 0o600);
      syncFolderOf(path);
    }
    return ok(undefined);
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    const code = reason === "already-there" && !replace ? "KEY_EXISTS" : "WRITE_FAILED";
    return operationFault(code, { path: shown, reason });
  }
}
