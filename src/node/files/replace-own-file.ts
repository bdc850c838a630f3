/** Writing a file whose older form, if this user made it, is replaced. @module */

import type { MachineReason } from "../../core/internal.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { replaceFile } from "./durable-file.ts";
import { nodeFileSystem as fs } from "./file-system.ts";
import { FILE_MODE, placeNewFile } from "./place-new-file.ts";

/** What has a name: `none`, a regular file of this user, or something else: a link, a folder, a device, a file of another user. */
function holderOf(file: string): "none" | "own" | "other" {
  const found = fs.lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return "none";
  const user = process.geteuid?.();
  return found.isFile() && (user === undefined || found.uid === user) ? "own" : "other";
}

/** Why a file can't be written here: `already-there` if what has the name may not be replaced, else what the system says. */
export function refuseOthersName(file: string): MachineReason | undefined {
  try {
    return holderOf(file) === "other" ? "already-there" : undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** Writes a file beside its place and gives it the name in one step. Gives why that failed, as `refuseOthersName` does; what was there stays then. */
export function placeOrReplace(file: string, bytes: Uint8Array): MachineReason | undefined {
  try {
    const holder = holderOf(file);
    if (holder === "none") return placeNewFile(file, bytes);
    if (holder === "other") return "already-there";
    replaceFile(file, bytes, FILE_MODE);
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** Removes an older file of this user, if there is one. Gives why that failed. */
export function removeOwnFile(file: string): MachineReason | undefined {
  try {
    if (holderOf(file) === "own") fs.unlinkSync(file);
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}
