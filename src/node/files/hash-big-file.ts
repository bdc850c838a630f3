/**
 * The digest of a large file: while one block is hashed, the next is read beside it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { read } from "node:fs";
import { promisify } from "node:util";
import { digestToHex, type OutputFinding } from "../../core/index.ts";
import { nodeFileSystem } from "./file-system.ts";
import { isUnchanged, type OpenSource } from "./read-source.ts";

/** Bytes read at once, twice: so many that what a call costs beside the hashing doesn't count. */
const BLOCK_BYTES: number = 4 * 1024 * 1024;

/** From this size on, reading ahead is worth its promises. */
export const BIG_FILE_BYTES: number = 2 * BLOCK_BYTES;

const readAsync = promisify(read);

/**
 * Hashes an open file from its beginning; CHANGED_WHILE_READ as in `hashOpenFile`. `breathe` is awaited after
 * each block, hears of its length and says whether to go on; `undefined` where it said no, or threw. Throws what the system says.
 */
export async function hashBigFile(
  source: OpenSource,
  breathe: (bytes: number) => Promise<boolean>,
): Promise<OutputFinding | undefined> {
  const hash = createHash("sha256");
  const buffers = [new Uint8Array(BLOCK_BYTES), new Uint8Array(BLOCK_BYTES)] as const;
  const readBlock = async (turn: number, position: number): Promise<Uint8Array> => {
    const buffer = buffers[turn % 2 === 0 ? 0 : 1];
    const { bytesRead } = await readAsync(source.fd, buffer, 0, BLOCK_BYTES, position);
    return buffer.subarray(0, bytesRead);
  };
  let bytes = 0;
  let block = await readBlock(0, 0);
  for (let turn = 1; block.length > 0; turn++) {
    bytes += block.length;
    // A file that grows as fast as it is read would never end.
    if (BigInt(bytes) > source.before.size) break;
    const next = readBlock(turn, bytes);
    try {
      hash.update(block);
      if (!(await breathe(block.length))) return undefined;
    } finally {
      // Nobody may close the file while it is being read: its number may be another's by then.
      await next.catch(() => undefined);
    }
    block = await next;
  }
  if (!isUnchanged(source, bytes, nodeFileSystem)) return { kind: "unreadable", code: "CHANGED_WHILE_READ" };
  return { kind: "file", digest: digestToHex(hash.digest()), bytes };
}
