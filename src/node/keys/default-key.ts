/**
 * The name of the key that signs where none is named: one line in `runseal/default-key`, beside the folder of keys.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ok, type Result } from "../../core/internal.ts";
import { makePrivateFolders } from "../system/files/make-folders.ts";
import { FileEdit } from "../system/locks/file-edit.ts";
import { errnoOf, reasonOf } from "../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import { configFolder, type Environment, shownFolder } from "../system/runtime/user-home.ts";
import { missingKeyFolder } from "./key-store.ts";

const FILE = "default-key";

const MODE = 0o644;

/** The name of the default key; `undefined` if none was chosen. Fails with HOME_UNUSABLE or READ_FAILED. */
export function readDefaultKey(environment: Environment): Result<string | undefined, OperationFault> {
  const missing = missingKeyFolder(environment);
  if (missing !== undefined) return missing;
  try {
    const name = readFileSync(join(configFolder(environment), FILE), "utf8").trim();
    return ok(name === "" ? undefined : name);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (errnoOf(thrown) === "ENOENT") return ok(undefined);
    return operationFault("READ_FAILED", { path: shownFile(environment), reason });
  }
}

/** Chooses the default key. Fails with HOME_UNUSABLE, LOCKED, CHANGED_WHILE_READ, WRITE_FAILED or IN_DOUBT. */
export async function writeDefaultKey(
  environment: Environment,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Result<undefined, OperationFault>> {
  const missing = missingKeyFolder(environment);
  if (missing !== undefined) return missing;
  const path = join(configFolder(environment), FILE);
  const shown = shownFile(environment);
  try {
    makePrivateFolders(dirname(path));
    const opened = await FileEdit.open(path, shown, signal);
    if (!opened.ok) return opened;
    using edit = opened.value;
    const isThere = edit.isThere();
    edit.stage(Buffer.from(`${name}\n`), { mode: MODE });
    return edit.commit(!isThere);
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: shown, reason: reasonOf(thrown) });
  }
}

function shownFile(environment: Environment): string {
  return `${shownFolder(environment)}/${FILE}`;
}
