/**
 * Making a key of the user's own: the private key, its public file, and the line in the user's trust file that makes
 * the user trust the key.
 *
 * All bytes are staged before the first name appears. Then the private key gets its name, the public file, and the
 * trust line, in this order. A command that is killed in between leaves a key without a public file or without a
 * line, never a line without a key. The next `init` or `key new` of that name finishes such a key.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import { FileEdit } from "../../system/locks/file-edit.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { canEncryptKeys, type KeyCost } from "../encrypted-key.ts";
import { missingKeyFolder, placesOf, userTrustFile } from "../key-store.ts";
import type { Passphrases } from "../passphrase/passphrase.ts";
import type { SecretBytes } from "../secret-bytes.ts";
import type { TrustEditFault } from "../trust/edit-trust-file.ts";
import { newSeed } from "../write-key-file.ts";
import { isKeyName } from "./default-key-name.ts";
import { finishKey } from "./finish-key.ts";
import { type MadeKey, placeKey } from "./place-key.ts";

/** What is to be made. */
export interface NewKeyRequest {
  readonly name: string;
  /** Where the new key's passphrase comes from. Without it the key is plain. */
  readonly passphrases?: Passphrases | undefined;
  readonly cost?: KeyCost;
  /** Opens an encrypted key that is there but unfinished; default: `passphrases`. */
  readonly openPassphrases?: Passphrases | undefined;
  /** Finishes a key of that name that is there but unfinished. Otherwise such a key is KEY_FILE_UNUSABLE. */
  readonly finish?: boolean;
  /** Replaces a key of that name for good. */
  readonly replace?: boolean;
  /** Gives the private key; default: a new one. */
  readonly obtainSeed?: () => Promise<Result<SecretBytes, OperationFault>>;
  /** Ends a wait for the lock of a file. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a key, or finishes one that an earlier command was killed over. Fails with ARGUMENT_MALFORMED, HOME_UNUSABLE, KEY_EXISTS,
 * KEY_FILE_UNUSABLE, LOCKED, WRITE_FAILED, SYSTEM_UNSUPPORTED, a code of passphrases, a code of the trust
 * file, or as `obtainSeed` does. What can be known beforehand is known before a passphrase is asked for.
 */
export async function makeOwnKey(
  environment: Environment,
  request: NewKeyRequest,
): Promise<Result<MadeKey, TrustEditFault>> {
  const { cost, name, obtainSeed, passphrases, replace = false, signal } = request;
  if (!isKeyName(name)) return operationFault("ARGUMENT_MALFORMED", { reason: "key", path: name });
  // Otherwise the key would go to a folder that the caller may not know of.
  const missing = missingKeyFolder(environment);
  if (missing !== undefined) return missing;
  const { keyFile, shownFile } = placesOf(environment, name);
  if (!replace) {
    const state = await finishKey(environment, request);
    if (!state.ok) return state;
    if (state.value === "complete") {
      await FileEdit.sweep(keyFile, signal);
      await FileEdit.sweep(userTrustFile(environment), signal);
      return operationFault("KEY_EXISTS", { path: shownFile });
    }
    if (state.value !== "missing") return ok(state.value);
  }
  if (passphrases !== undefined) {
    // A plain key is made only for a caller that asks for one.
    if (!passphrases.isAvailable()) return operationFault("PASSPHRASE_UNUSABLE", { reason: "missing" });
    if (!canEncryptKeys()) return operationFault("SYSTEM_UNSUPPORTED", { reason: "key-encryption" });
  }
  const obtained = obtainSeed === undefined ? ok(newSeed()) : await obtainSeed();
  if (!obtained.ok) return obtained;
  using seed = obtained.value;
  const given = await passphrases?.toMake(shownFile);
  if (given?.ok === false) return given;
  using passphrase = given?.value;
  const isEncrypted = passphrase !== undefined;
  const privateKey = { passphrase, cost, replace };
  return await placeKey({ environment, name, seed, isEncrypted, privateKey, signal });
}
