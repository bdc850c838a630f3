/**
 * The file-system port as an ordinary user has it: no name enters or leaves a folder that its owner may not write in. Tests
 * that run as root see there what only other users see.
 *
 * @module
 */

import { statSync } from "node:fs";
import { dirname } from "node:path";
import { type FileSystem, nodeFileSystem } from "../../../src/node/system/files/file-system.ts";
import { type Call, interceptFileSystem, isMutating, systemError } from "./faulty-file-system.ts";

const WRITE_AND_SEARCH = 0o300;

/** A port that keeps closed folders closed; what goes on goes to the port `below`. */
export function ordinaryFileSystem(below: FileSystem = nodeFileSystem): FileSystem {
  return interceptFileSystem((call, proceed) => {
    for (const address of changedNames(call)) {
      const { mode } = statSync(dirname(address));
      if ((mode & WRITE_AND_SEARCH) !== WRITE_AND_SEARCH) throw systemError("EACCES", call.name);
    }
    return proceed();
  }, below);
}

/** The names that a call adds or removes. */
function changedNames(call: Call): readonly string[] {
  const other = String(call.args[1]);
  if (call.name === "renameSync") return [call.address, other];
  if (call.name === "linkSync" || call.name === "symlinkSync") return [other];
  const isOfName = ["mkdirSync", "unlinkSync", "rmdirSync", "openSync"].includes(call.name);
  return isOfName && isMutating(call) ? [call.address] : [];
}
