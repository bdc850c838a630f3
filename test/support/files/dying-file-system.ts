/**
 * A process that dies in the middle, as the disk sees it: from some call on, nothing that it does changes anything.
 * What it left behind is then the next one's to find.
 *
 * @module
 */

import { type FileSystem, nodeFileSystem } from "../../../src/node/system/files/file-system.ts";
import { type Call, interceptFileSystem, isMutating, systemError } from "./faulty-file-system.ts";

/** A port that dies at the call that fits for the time after `survives` others; until then calls go to the port `below`. */
export function dyingFileSystem(
  fits: (call: Call) => boolean,
  survives = 0,
  below: FileSystem = nodeFileSystem,
): FileSystem {
  let number = 0;
  return interceptFileSystem((call, proceed) => {
    if (fits(call)) number++;
    if (number > survives && isMutating(call)) throw systemError("EIO", call.name);
    return proceed();
  }, below);
}

/** Fits the call that sets a file of this name aside. */
export function setsAside(fileName: string): (call: Call) => boolean {
  return ({ address, name }) => name === "renameSync" && address.endsWith(`/${fileName}`);
}
