/**
 * Holes: pages of zeros that take no room on the disk. Anyone can make a file of terabytes of them in no time. A copy that wrote them
 * would fill the disk.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { type BigIntStats, type Stats, statfsSync } from "node:fs";
import type { AnchoredDir } from "./anchored-dir.ts";
import { writeAll } from "./durable-file.ts";
import type { FileSystem } from "./file-system.ts";
import type { OpenSource } from "./read-source.ts";

const ZEROS: Uint8Array = new Uint8Array(4096);

/** The unit of st_blocks. */
const BLOCK_BYTES = 512;

/** ext4, XFS, btrfs, tmpfs and overlay. Some others report no blocks for files that have bytes. */
const COUNTS_BLOCKS: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630]);

/** Whether the file system of a folder says how much room its files take. Throws what statfs(2) says. */
export function countsBlocks(folder: AnchoredDir): boolean {
  return COUNTS_BLOCKS.has(statfsSync(folder.self).type);
}

/** How many bytes of a file take no room. Less than a page does not count: the end of a file may not fill its block, and an inode may hold a small file. */
export function holeBytes({ blocks, size }: Pick<BigIntStats | Stats, "blocks" | "size">): number {
  const bytes = Number(size) - Number(blocks) * BLOCK_BYTES;
  return bytes < ZEROS.length ? 0 : bytes;
}

/** Writes a block of a copy, at its position in the file. */
export type WriteBlock = (block: Uint8Array, position: number) => void;

/** Gives what writes blocks of a file into an empty copy of it. Where the file has holes, pages of zeros are left out. */
export function copyWriter({ before }: OpenSource, copy: number, fs: FileSystem): WriteBlock {
  if (holeBytes(before) === 0) return (block, position) => writeAll(copy, block, position, fs);
  fs.ftruncateSync(copy, Number(before.size));
  return (block, position) => {
    let start = 0;
    for (let at = 0; at < block.length; at += ZEROS.length) {
      const page = block.subarray(at, at + ZEROS.length);
      const zeros = ZEROS.subarray(0, page.length);
      if (!timingSafeEqual(page, zeros)) continue;
      writeAll(copy, block.subarray(start, at), position + start, fs);
      start = at + page.length;
    }
    writeAll(copy, block.subarray(start), position + start, fs);
  };
}
