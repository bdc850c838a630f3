/**
 * Finishing a key that a killed command left half-done: the private key is there, its public file or its trust line
 * is missing, or the public file is that of another key.
 *
 * @module
 */

import { lstatSync } from "node:fs";
import { ok, type Result } from "../../../core/internal.ts";
import { FileEdit, type FileVersion, versionOf } from "../../system/locks/file-edit.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { shownFolder } from "../../system/runtime/user-home.ts";
import { isKeyFileEncrypted, readSeed } from "../key-file.ts";
import { matchesPublicFile } from "../key-folder.ts";
import { placesOf, readPublicFile, type StoredKey } from "../key-store.ts";
import { NO_PASSPHRASES } from "../passphrase/passphrase.ts";
import { openTrustFile, placeOfTrustFile, type TrustEditFault } from "../trust/edit-trust-file.ts";
import type { NewKeyRequest } from "./create-key.ts";
import { type MadeKey, placeKey } from "./place-key.ts";

/**
 * Makes what a key of that name lacks. `missing` if there is no key of that name yet, `complete` if it lacks nothing.
 * A public file without a private key is `complete` too: a person must say what becomes of it. Fails with KEY_FILE_UNUSABLE
 * for a caller that wants a new key and not the unfinished one. Fails as `readSeed` and `placeKey` do too.
 */
export async function finishKey(
  environment: Environment,
  request: NewKeyRequest,
): Promise<Result<"missing" | "complete" | MadeKey, TrustEditFault>> {
  const { name, signal } = request;
  const { keyFile, publicFile, shownFile } = placesOf(environment, name);
  let version: FileVersion | undefined;
  try {
    const [hasPrivate, hasPublic] = [keyFile, publicFile].map(
      (file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined,
    );
    if (hasPrivate !== true) return ok(hasPublic === true ? "complete" : "missing");
    const stored = hasPublic === true ? readPublicFile(environment, name) : undefined;
    const known = stored === undefined ? ok(false) : await isComplete(environment, stored);
    if (!known.ok) return known;
    if (known.value) return ok("complete");
    if (request.finish !== true)
      return operationFault("KEY_FILE_UNUSABLE", { reason: "unfinished", path: shownFile });
    // A killed command may have left a second name of the key, and removing that name changes the key's ctime.
    await FileEdit.sweep(keyFile, signal);
    version = versionOf(keyFile);
  } catch (thrown) {
    // A file may have the name of the folder of keys.
    return operationFault("WRITE_FAILED", { path: shownFolder(environment), reason: reasonOf(thrown) });
  }
  const passphrases = request.openPassphrases ?? request.passphrases ?? NO_PASSPHRASES;
  const isEncrypted = isKeyFileEncrypted(keyFile) === true;
  const read = await readSeed(keyFile, shownFile, passphrases);
  if (!read.ok) return read;
  using seed = read.value;
  return await placeKey({ environment, name, seed, isEncrypted, privateKey: undefined, version, signal });
}

/**
 * Whether a key with a public file lacks nothing. A plain private key is compared with its public file. An encrypted
 * one would need its passphrase: it is compared when it signs.
 */
async function isComplete(
  environment: Environment,
  key: StoredKey,
): Promise<Result<boolean, TrustEditFault>> {
  const trust = openTrustFile(placeOfTrustFile(undefined, environment));
  if (!trust.ok) return trust;
  if (!trust.value.lines.some((line) => line.publicKeyHex === key.publicKeyHex)) return ok(false);
  return ok((await matchesPublicFile(key)) !== false);
}
