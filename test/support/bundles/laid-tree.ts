/**
 * Drawn entries on a disk.
 *
 * @module
 */

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { fc } from "../rings/properties.ts";
import type { anyEntries } from "./output-trees.ts";

/** Entries as they are drawn: some may be below others. */
export type DrawnEntries = typeof anyEntries extends fc.Arbitrary<infer Entries> ? Entries : never;

/**
 * Makes what can be made of the entries below a folder. Programs get the bits of `mode` and may be executed by their owner, other
 * files get those bits without the owner's. Each file has its path as content.
 */
export function layOutEntries(folder: string, entries: DrawnEntries, mode = 0o644): void {
  mkdirSync(folder, { recursive: true });
  for (const { isProgram, kind, path, target } of entries) {
    const address = join(folder, path);
    try {
      if (kind === "folder") mkdirSync(address, { recursive: true });
      else {
        mkdirSync(dirname(address), { recursive: true });
        if (kind === "link") symlinkSync(target, address);
        else writeFileSync(address, path, { mode: isProgram ? mode | 0o500 : (mode | 0o400) & 0o677 });
      }
    } catch {
      // It is below a file or a link, or is there already.
    }
  }
}
