/**
 * Where an export goes: a new file or folder, outside of what runseal keeps of a project.
 *
 * @module
 */

import { lstatSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { OWN_FOLDER } from "../../records/project/project-names.ts";
import { futurePath } from "../../system/files/future-path.ts";
import { placeNewFile } from "../../system/files/placed-file.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Refuses a place with EXPORT_REFUSED or FILE_EXISTS. Asked before signing too: a person should not touch a token for nothing. */
export function refuseExportPlace(path: string): OperationFault | undefined {
  if (isInOwnFolder(path)) return operationFault("EXPORT_REFUSED", { reason: "own-folder", path });
  return isTaken(path) ? operationFault("FILE_EXISTS", { reason: "export", path }) : undefined;
}

/** Writes a new file, whole or not at all. Fails as `refuseExportPlace` does, or with WRITE_FAILED. */
export function placeExportedFile(path: string, bytes: Uint8Array): OperationFault | undefined {
  const refused = refuseExportPlace(path);
  if (refused !== undefined) return refused;
  const reason = placeNewFile(path, bytes);
  if (reason === undefined) return undefined;
  return reason === "already-there"
    ? operationFault("FILE_EXISTS", { reason: "export", path })
    : operationFault("WRITE_FAILED", { path, reason });
}

/** Whether the folder would be made inside of what runseal keeps of a project. Links on the way are followed. */
function isInOwnFolder(folder: string): boolean {
  const named = resolve(folder);
  return [named, futurePath(dirname(named))].some((path) => path.split(sep).includes(OWN_FOLDER));
}

/** Where that can't be seen, the write says why. */
function isTaken(folder: string): boolean {
  return unlessRefused(() => lstatSync(folder, { throwIfNoEntry: false })) !== undefined;
}
