/**
 * An imported key as one of the user's own, and a new passphrase for a key that is there already.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import { FileEdit, type FileVersion, versionOf } from "../../system/locks/file-edit.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { importSeed } from "../import/import-key.ts";
import { readSeed } from "../key-file.ts";
import type { StoredKey } from "../key-store.ts";
import type { Passphrases } from "../passphrase/passphrase.ts";
import type { SecretBytes } from "../secret-bytes.ts";
import type { TrustEditFault } from "../trust/edit-trust-file.ts";
import { writeKeyFile } from "../write-key-file.ts";
import { makeOwnKey, type NewKeyRequest } from "./create-key.ts";
import type { MadeKey } from "./place-key.ts";

/** What is to be imported. `passphrases` are for the key that is made of it; without them it is plain. */
export interface ImportRequest extends Omit<NewKeyRequest, "obtainSeed"> {
  readonly file: string;
  /** For the imported file, where it is encrypted. */
  readonly filePassphrases: Passphrases;
}

/**
 * Imports a key. Where variables gave the file's passphrase and none give a new one, it keeps the one that
 * it had: a script that imports an encrypted key must not end with a plain one. Fails as `makeOwnKey` and
 * `importSeed` do.
 */
export async function importOwnKey(
  environment: Environment,
  request: ImportRequest,
): Promise<Result<MadeKey, TrustEditFault>> {
  const { file, filePassphrases, passphrases } = request;
  let had: SecretBytes | undefined;
  const isKept = filePassphrases.isGiven() && passphrases?.isGiven() === false;
  const kept: Passphrases = {
    ...filePassphrases,
    // A descriptor can be read only once.
    toMake: (shown) => (had === undefined ? filePassphrases.toMake(shown) : Promise.resolve(ok(had.copy()))),
  };
  try {
    return await makeOwnKey(environment, {
      ...request,
      passphrases: isKept ? kept : passphrases,
      obtainSeed: async () => {
        const imported = await importSeed(file, filePassphrases);
        if (!imported.ok) return imported;
        had = imported.value.passphrase;
        return ok(imported.value.seed);
      },
    });
  } finally {
    had?.dispose();
  }
}

/** How a key's passphrase is to change. */
export interface PassphraseChange extends Pick<NewKeyRequest, "cost"> {
  readonly oldPassphrases: Passphrases;
  /** Without it the key is plain from now on. */
  readonly newPassphrases: Passphrases | undefined;
  /** Ends a wait for the lock of the key file. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives a key another passphrase, in one step: the file is the old one or the new one at any moment. Says
 * whether the key is encrypted now. Fails as `readSeed` and `writeKeyFile` do, and with PASSPHRASE_UNUSABLE.
 */
export async function changePassphrase(
  { keyFile, shownFile }: StoredKey,
  { cost, newPassphrases, oldPassphrases, signal }: PassphraseChange,
): Promise<Result<boolean, OperationFault>> {
  // First: a killed command may have left a second name of the key, and removing that name changes the key's ctime.
  await FileEdit.sweep(keyFile, signal);
  // Before the seed is read: another command may replace the key while a person types passphrases.
  const version = existingVersion(keyFile);
  const read = await readSeed(keyFile, shownFile, oldPassphrases);
  if (!read.ok) return read;
  using seed = read.value;
  const given = await newPassphrases?.toMake(shownFile);
  if (given?.ok === false) return given;
  using passphrase = given?.value;
  const options = { shown: shownFile, replace: true, version, signal, passphrase, cost };
  const written = await writeKeyFile(keyFile, seed, options);
  return written.ok ? ok(passphrase !== undefined) : written;
}

/** The version of a key file. If the system refuses the look, reading the key says why. */
function existingVersion(keyFile: string): FileVersion | undefined {
  return unlessRefused(() => versionOf(keyFile));
}
