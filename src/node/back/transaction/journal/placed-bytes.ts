/**
 * Whether a file still has the bytes that were put in place. A staged file and its target are one inode, so a file that was edited
 * in its place looks like the staged one: only its bytes show that another process wrote to it (PROTOCOL 13.9).
 *
 * @module
 */

import { isHexDigest, matchesDigest } from "../../../../core/internal.ts";
import { type FileSystem, OPEN_SOURCE } from "../../../system/files/file-system.ts";
import { acceptRegularFile } from "../../../system/files/read-source.ts";
import { hashOpenFile, makeReadBuffer } from "../../../system/hashing/hash-file.ts";
import { runSteps } from "../../../system/runtime/interruption.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../../system/runtime/node-crypto.ts";
import type { Journal } from "./journal.ts";
import { type Staging, stagedName } from "./staging.ts";

/** Whether the staged file of a number has the bytes that its journal names. One that can't be read has not. Throws what the system says. */
export function hasPlacedBytes(
  staging: Staging,
  { digests }: Journal,
  index: number,
  fs: FileSystem,
): boolean {
  const digest = digests.at(index);
  if (digest === undefined || !isHexDigest(digest)) return true;
  let fd: number;
  try {
    fd = staging.dir.open(stagedName(index), OPEN_SOURCE);
  } catch (thrown) {
    // Its owner may have edited and then closed it.
    if (errnoOf(thrown) === "EACCES") return false;
    throw thrown;
  }
  const source = acceptRegularFile(fd, fs);
  if (source === undefined) return false;
  try {
    const found = runSteps(hashOpenFile(source, makeReadBuffer(Number(source.before.size) + 1), fs));
    return found.kind === "file" && matchesDigest(digest, found.digest, nodeCrypto);
  } finally {
    fs.closeSync(fd);
  }
}
