/**
 * Looks at what was put in place again: each output is hashed in its place, not where it was staged (PROTOCOL 13.6); links and empty
 * folders are looked at without following any link (PROTOCOL 19).
 *
 * @module
 */

import { decodeUtf8, type RestoreFault, restoreFault } from "../../../../core/internal.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { breathe } from "../../../system/runtime/interruption.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { nameOf } from "../journal/places.ts";
import { beginWork, type EntryFolder, type EntryWork } from "./entry-work.ts";
import { differs } from "./output-file.ts";
import { workOnOutputs } from "./share-work.ts";

/**
 * Fails with RESTORE_OUTPUT_MISSING_AFTER_RESTORE where an entry is missing or of another kind, and with
 * RESTORE_HASH_MISMATCH_AFTER_RESTORE where a file has other bytes or another mode, or a link has another target; the first in their
 * order. Throws an Interruption when the signal fired, and what the system says otherwise.
 */
export async function checkEntries(
  work: EntryWork,
  folder: EntryFolder,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const { entries, signal } = work;
  if (entries.length === 0) return undefined;
  const wrong = await workOnOutputs("check", work, folder, beginWork("check", work), fs);
  if (wrong !== undefined) return wrong;
  for (let index = entries.links; index < entries.length; index++) {
    const { path, target } = entries.link(index);
    const fault = unlessGone(path, () => checkLink(folder, path, target));
    if (fault !== undefined) return fault;
    await breathe(index, signal);
  }
  let folders = 0;
  for (const path of entries.trees.emptyFolders) {
    const fault = unlessGone(path, () => checkFolder(folder, path));
    if (fault !== undefined) return fault;
    await breathe(folders++, signal);
  }
  return undefined;
}

function checkLink({ root }: EntryFolder, path: string, target: string): RestoreFault | undefined {
  const found = root.holder(path).readlinkBytes(nameOf(path));
  return decodeUtf8(found) === target ? undefined : differs(path, "target", target, found.toString());
}

function checkFolder({ root }: EntryFolder, path: string): RestoreFault | undefined {
  const isFolder = root.holder(path).lstat(nameOf(path))?.isDirectory() === true;
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
