/**
 * Removing a key of the user's own: first its public file, then its private key. A command that is killed in between leaves
 * a private key without a public file, which `key list` names, and which a second `key rm` removes.
 *
 * The line in the trust file stays: what the key sealed is still to be believed.
 *
 * @module
 */

import { basename } from "node:path";
import { ok, type Result } from "../../../core/internal.ts";
import { FileEdit } from "../../system/locks/file-edit.ts";
import { reasonOf, tolerate } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { findKey } from "../find-key.ts";
import { inspectKeyFolder } from "../key-folder.ts";
import { listKeys, placesOf } from "../key-store.ts";

/** What a user should know before a key is removed. */
export interface RemovableKey {
  /** It signs where no key is named. */
  readonly isDefault: boolean;
  /** No other key is left. */
  readonly isOnly: boolean;
}

/** Looks up a key by its name. Fails with KEY_NOT_FOUND, HOME_UNUSABLE or READ_FAILED. */
export function findRemovable(environment: Environment, name: string): Result<RemovableKey, OperationFault> {
  const keys = listKeys(environment);
  if (!keys.ok) return keys;
  const rest = inspectKeyFolder(environment);
  if (!rest.ok) return rest;
  const names = [...keys.value.map((key) => key.name), ...rest.value.unfinished];
  if (!names.includes(name)) return operationFault("KEY_NOT_FOUND", { reason: "stored", names: [name] });
  const used = findKey(environment, undefined);
  return ok({ isDefault: used.ok && used.value.name === name, isOnly: names.length === 1 });
}

/**
 * Removes a key by its name, for good. Fails with KEY_NOT_FOUND, HOME_UNUSABLE, READ_FAILED, LOCKED, WRITE_FAILED or
 * IN_DOUBT. Throws an Interruption while it waits for the lock.
 */
export async function removeOwnKey(
  environment: Environment,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Result<undefined, OperationFault>> {
  const found = findRemovable(environment, name);
  if (!found.ok) return found;
  const { keyFile, publicFile, shownFile } = placesOf(environment, name);
  try {
    const opened = await FileEdit.open(keyFile, shownFile, signal);
    if (!opened.ok) return opened;
    using edit = opened.value;
    for (const file of [publicFile, keyFile]) {
      tolerate(["ENOENT"], () => edit.folder.unlink(basename(file)));
      if (!edit.sync()) return operationFault("IN_DOUBT", { path: shownFile });
    }
    return ok(undefined);
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: shownFile, reason: reasonOf(thrown) });
  }
}
