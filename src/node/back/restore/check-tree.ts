/**
 * Looks at the links and empty folders of a restore again, in their places and without following any link (PROTOCOL 19).
 *
 * @module
 */

import { decodeUtf8, type RestoreFault, restoreFault } from "../../../core/internal.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { differs } from "../transaction/output-file.ts";
import type { Execution } from "./execution.ts";

/**
 * Fails with RESTORE_OUTPUT_MISSING_AFTER_RESTORE where an entry is missing or of another kind, and with
 * RESTORE_HASH_MISMATCH_AFTER_RESTORE where a link has another target. Throws what the system says otherwise.
 */
export async function checkTree(execution: Execution): Promise<RestoreFault | undefined> {
  const { entries, signal } = execution;
  for (let index = entries.links; index < entries.length; index++) {
    const { path, target } = entries.link(index);
    const fault = unlessGone(path, () => checkLink(execution, path, target));
    if (fault !== undefined) return fault;
    await breathe(index, signal);
  }
  let folders = 0;
  for (const path of entries.trees.emptyFolders) {
    const fault = unlessGone(path, () => checkFolder(execution, path));
    if (fault !== undefined) return fault;
    await breathe(folders++, signal);
  }
  return undefined;
}

function checkLink({ destination }: Execution, path: string, target: string): RestoreFault | undefined {
  const { dir, name } = destination.stand(path);
  const found = dir.readlinkBytes(name);
  return decodeUtf8(found) === target ? undefined : differs(path, "target", target, found.toString());
}

function checkFolder({ destination }: Execution, path: string): RestoreFault | undefined {
  const { dir, name } = destination.stand(path);
  const isFolder = dir.lstat(name)?.isDirectory() === true;
  return isFolder ? undefined : missing(path);
}

/** EINVAL: not a link. The others: a folder on the way is missing, or is a link or a file now. */
const GONE = ["EINVAL", "ELOOP", "ENOENT", "ENOTDIR"];

function unlessGone(path: string, check: () => RestoreFault | undefined): RestoreFault | undefined {
  try {
    return check();
  } catch (thrown) {
    if (!GONE.includes(errnoOf(thrown) ?? "")) throw thrown;
    return missing(path);
  }
}

function missing(path: string): RestoreFault {
  return restoreFault("VERIFY", "RESTORE_OUTPUT_MISSING_AFTER_RESTORE", { path });
}
