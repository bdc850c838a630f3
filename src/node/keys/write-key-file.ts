/**
 * Writing key files: only where no file is yet, or over an older one in a single step.
 *
 * @module
 */

import { ok, type Result } from "../../core/internal.ts";
import { FileEdit, type FileVersion } from "../system/locks/file-edit.ts";
import { errnoOf, reasonOf } from "../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import { DEFAULT_KEY_COST, encryptSeed, type KeyCost } from "./encrypted-key.ts";
import { encodeHexSeed, HEX_SEED_BYTES } from "./hex-seed.ts";
import { fillRandom, SecretBytes } from "./secret-bytes.ts";
import { SEED_BYTES, SecretKeySigner } from "./secret-key-signer.ts";
import type { Signer } from "./signer.ts";

const LINE_FEED = 0x0a;

const MODE = 0o600;

/** How a private key is to be kept. */
export interface KeyProtection {
  /** Encrypts the key; without it the file holds plain hex. Stays the caller's to dispose of. */
  readonly passphrase?: SecretBytes | undefined;
  readonly cost?: KeyCost | undefined;
}

/** How a key file is to be written. */
export interface KeyFileOptions extends KeyProtection {
  /** What a fault calls the file; default: its path. */
  readonly shown?: string;
  /** Puts the new file in the place of an older one, in one step. */
  readonly replace?: boolean;
  /** The version of the older file that the caller has read. If another is there by now, it stays. */
  readonly version?: FileVersion | undefined;
  /** Ends a wait for the lock of the file. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a new key and writes it where no file is yet. Fails with KEY_EXISTS, WRITE_FAILED, LOCKED,
 * CHANGED_WHILE_READ, IN_DOUBT or SYSTEM_UNSUPPORTED. Throws an Interruption while it waits for the lock.
 */
export async function createKeyFile(
  path: string,
  options: KeyFileOptions = {},
): Promise<Result<Signer, OperationFault>> {
  using seed = newSeed();
  const written = await writeKeyFile(path, seed, options);
  return written.ok ? ok(new SecretKeySigner(seed)) : written;
}

/** A new private key. It becomes the caller's to dispose of. */
export function newSeed(): SecretBytes {
  const seed = new SecretBytes(SEED_BYTES);
  fillRandom(seed);
  return seed;
}

/** Writes a key, synced. Fails as `createKeyFile` does; then the old file, or none, is still there. */
export async function writeKeyFile(
  path: string,
  seed: SecretBytes,
  options: KeyFileOptions,
): Promise<Result<undefined, OperationFault>> {
  const { replace = false, shown = path, signal, version } = options;
  try {
    const opened = await FileEdit.open(path, shown, signal);
    if (!opened.ok) return opened;
    using edit = opened.value;
    if (edit.isThere() && !replace) return operationFault("KEY_EXISTS", { path: shown });
    if (version !== undefined && !edit.expect(version))
      return operationFault("CHANGED_WHILE_READ", { path: shown });
    const staged = stageKey(edit, seed, options);
    if (!staged.ok) return staged;
    return edit.commit(!replace);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const isTaken = errnoOf(thrown) === "EEXIST" && !replace;
    return operationFault(isTaken ? "KEY_EXISTS" : "WRITE_FAILED", { path: shown, reason });
  }
}

/** Stages the bytes of a key file. Fails with SYSTEM_UNSUPPORTED. Throws what the system says. */
export function stageKey(
  edit: FileEdit,
  seed: SecretBytes,
  { passphrase, cost = DEFAULT_KEY_COST }: KeyProtection,
): Result<undefined, OperationFault> {
  if (passphrase === undefined) {
    using hex = new SecretBytes(HEX_SEED_BYTES + 1);
    seed.use((bytes) => hex.use((text) => encodeHexSeed(bytes, text)));
    hex.use((text) => text.writeUInt8(LINE_FEED, HEX_SEED_BYTES));
    hex.use((text) => edit.stage(text, { mode: MODE }));
    return ok(undefined);
  }
  const line = encryptSeed(seed, passphrase, cost);
  if (!line.ok) return line;
  edit.stage(Buffer.concat([line.value, Buffer.of(LINE_FEED)]), { mode: MODE });
  return ok(undefined);
}
