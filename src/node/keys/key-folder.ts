/**
 * What is in the folder of keys besides whole keys: private keys without a public file, and what killed commands left.
 *
 * @module
 */

import { ok, type Result, toHex } from "../../core/internal.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import type { Environment } from "../system/runtime/user-home.ts";
import { isKeyFileEncrypted, readSeed } from "./key-file.ts";
import { listKeyFiles, type StoredKey } from "./key-store.ts";
import { NO_PASSPHRASES } from "./passphrase/passphrase.ts";
import { SecretKeySigner } from "./secret-key-signer.ts";

/** What stands in the folder of keys besides whole keys. */
export interface KeyFolderFindings {
  /** Names of private keys that have no public file. */
  readonly unfinished: readonly string[];
  /** File names that are not a key's. Some may hold a private key: show them to their owner, quoted. */
  readonly leftovers: readonly string[];
}

/** Looks through the folder of keys, in byte order of the names. Fails as `listKeyFiles` does. */
export function inspectKeyFolder(environment: Environment): Result<KeyFolderFindings, OperationFault> {
  const found = listKeyFiles(environment);
  if (!found.ok) return found;
  const files = found.value;
  const names = new Set(files);
  const keys = files.filter((file) => file.endsWith(".key") && !file.startsWith("."));
  return ok({
    unfinished: keys.map((file) => file.slice(0, -".key".length)).filter((name) => !names.has(`${name}.pub`)),
    leftovers: files.filter((file) => file.startsWith(".") || !/\.(?:key|pub)$/.test(file)),
  });
}

/** Whether a plain private key is that of its public file. `undefined` for a key that is encrypted or can't be read. */
export async function matchesPublicFile(key: StoredKey): Promise<boolean | undefined> {
  const { keyFile, publicKeyHex, shownFile } = key;
  if (isKeyFileEncrypted(keyFile) !== false) return undefined;
  const read = await readSeed(keyFile, shownFile, NO_PASSPHRASES);
  if (!read.ok) return undefined;
  using seed = read.value;
  using signer = new SecretKeySigner(seed);
  return toHex(signer.publicKey()) === publicKeyHex;
}
