/**
 * The digest of a large file: while one block is hashed, the next is read beside it, and a copy of the block may be written.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { digestToHex, type OutputFinding } from "../../core/internal.ts";
import { nodeFileSystem } from "../files/file-system.ts";
import { isUnchanged, type OpenSource } from "../files/read-source.ts";
import type { WaitingSteps } from "../runtime/interruption.ts";
import { Begun, endOf } from "./begun.ts";
import { FileBlocks, READ_AHEAD_BYTES } from "./file-blocks.ts";

/** From this size on, reading ahead is worth its promises. */
export const BIG_FILE_BYTES: number = 2 * READ_AHEAD_BYTES;

/** How a large file is hashed. */
export interface BigFilePace {
  /** Awaited after each block, of which it hears the length: whether to go on. */
  readonly goOn: (bytes: number) => Promise<boolean>;
  /** Asked before each block: whether a core is free to read it meanwhile. Where none is, it costs more than it brings. */
  readonly readsAhead: () => boolean;
}

/** Takes a block before it is hashed, and gives what it began of which the block is part until it has ended. */
export type KeepBlock = (block: Uint8Array, position: number) => Begun<void> | undefined;

/**
 * Hashes an open file from its beginning, with a pause after each block; CHANGED_WHILE_READ as in `hashOpenFile`. Throws what
 * the system says, and what `keep` and what it began throw.
 */
export function* hashBlocks(
  source: OpenSource,
  readsAhead: () => boolean,
  keep: KeepBlock,
): WaitingSteps<OutputFinding> {
  const hash = createHash("sha256");
  const blocks = new FileBlocks(source.fd);
  let bytes = 0;
  let block = blocks.read(0);
  for (;;) {
    const position = bytes;
    bytes += block.length;
    // A file that grows as fast as it is read would never end, and a copy of it fill the disk.
    if (block.length === 0 || BigInt(bytes) > source.before.size) break;
    const ahead = readsAhead() ? new Begun(blocks.readAhead(bytes)) : undefined;
    let kept: Begun<void> | undefined;
    try {
      kept = keep(block, position);
      hash.update(block);
    } finally {
      // The file must stay open while it is read or written: its descriptor could name another file by then.
      yield endOf(ahead, kept);
    }
    kept?.take();
    block = ahead === undefined ? blocks.read(bytes) : ahead.take();
  }
  if (!isUnchanged(source, bytes, nodeFileSystem)) return { kind: "unreadable", code: "CHANGED_WHILE_READ" };
  return { kind: "file", digest: digestToHex(hash.digest()), bytes };
}

/** The same at a pace. Gives `undefined` where it was not to go on. Throws what `goOn` throws, too. */
export async function hashBigFile(
  source: OpenSource,
  { goOn, readsAhead }: BigFilePace,
): Promise<OutputFinding | undefined> {
  let length = 0;
  const steps = hashBlocks(source, readsAhead, (block) => {
    length = block.length;
    return undefined;
  });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await step.value;
    if (!(await goOn(length))) return undefined;
  }
}
