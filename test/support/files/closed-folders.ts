/**
 * The file-system port as an ordinary user has it: no name enters or leaves a folder that its owner may not write in, and nothing is
 * opened that its owner may not read. Tests that run as root see there what only other users see.
 *
 * @module
 */

import { lstatSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type FileSystem, nodeFileSystem } from "../../../src/node/system/files/file-system.ts";
import { type Call, interceptFileSystem, isMutating, systemError } from "./faulty-file-system.ts";

const WRITE_AND_SEARCH = 0o300;
const READ = 0o400;

/** A port that keeps closed folders closed; what goes on goes to the port `below`. Everything in the folder `open` can be read. */
export function ordinaryFileSystem(below: FileSystem = nodeFileSystem, open?: string): FileSystem {
  return interceptFileSystem((call, proceed) => {
    for (const address of changedNames(call)) {
      const { mode } = statSync(dirname(address));
      if ((mode & WRITE_AND_SEARCH) !== WRITE_AND_SEARCH) throw systemError("EACCES", call.name);
    }
    if (call.name === "openSync" && !isMutating(call) && isClosed(call.address, open))
      throw systemError("EACCES", call.name);
    return proceed();
  }, below);
}

/** Whether its owner may not read a file or folder. */
function isClosed(address: string, open: string | undefined): boolean {
  if (open !== undefined && `${realpathSync(dirname(address))}/`.startsWith(open)) return false;
  const found = lstatSync(address, { throwIfNoEntry: false });
  return found !== undefined && !found.isSymbolicLink() && (found.mode & READ) === 0;
}

/** The names that a call adds or removes. */
function changedNames(call: Call): readonly string[] {
  const other = String(call.args[1]);
  if (call.name === "renameSync") return [call.address, other];
  if (call.name === "linkSync" || call.name === "symlinkSync") return [other];
  const isOfName = ["mkdirSync", "unlinkSync", "rmdirSync", "openSync"].includes(call.name);
  return isOfName && isMutating(call) ? [call.address] : [];
}
