/**
 * The digest of an artifact that was read before, without holding it a second time.
 *
 * @module
 */

import type { ArtifactName } from "../../core/internal.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import { type FileSystem, OPEN_SOURCE } from "../files/file-system.ts";
import { acceptRegularFile } from "../files/read-source.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { makeReadBuffer } from "./hash-file.ts";

/**
 * The SHA-256 of an artifact in a run directory. `undefined` if it is not a regular file of so many bytes or can't be read:
 * the next reader of the artifact reports the reason.
 */
export function digestArtifact(
  path: string,
  name: ArtifactName,
  length: number,
  fs: FileSystem,
): Uint8Array | undefined {
  try {
    const dir = AnchoredDir.open(path, fs);
    try {
      return digestOf(dir.address(name), length, fs);
    } finally {
      dir.close();
    }
  } catch (thrown) {
    // Not published as a cause: the next reader of the artifact does that.
    if (errnoOf(thrown) === undefined) throw thrown;
    return undefined;
  }
}

function digestOf(address: string, length: number, fs: FileSystem): Uint8Array | undefined {
  // Only a regular file is opened (PROTOCOL 8, phase 2).
  if (fs.lstatSync(address, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const opened = acceptRegularFile(fs.openSync(address, OPEN_SOURCE), fs);
  if (opened === undefined) return undefined;
  try {
    if (opened.before.size !== BigInt(length)) return undefined;
    const buffer = makeReadBuffer(length + 1);
    const digest = nodeCrypto.beginSha256();
    let bytes = 0;
    // Once more where all is there: what has grown since is longer than it should be.
    while (bytes <= length) {
      const count = fs.readSync(opened.fd, buffer, 0, buffer.length, null);
      if (count === 0) return bytes === length ? digest.end() : undefined;
      digest.add(buffer.subarray(0, count));
      bytes += count;
    }
    return undefined;
  } finally {
    fs.closeSync(opened.fd);
  }
}
