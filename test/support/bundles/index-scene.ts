/**
 * A folder that is looked at with a stat index, as a guard does it: walk, ask the index, hash the rest, write the index.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GrowingStats } from "../../../src/node/back/guard/index/file-stats.ts";
import { ScanIndex } from "../../../src/node/back/guard/index/scan-index.ts";
import { copyKnown } from "../../../src/node/back/guard/index/stat-index.ts";
import { AnchoredDir } from "../../../src/node/system/files/anchored-dir.ts";
import { AnchoredRoot } from "../../../src/node/system/files/anchored-root.ts";
import { layOutTexts } from "../../../src/node/system/hashing/shared-texts.ts";
import { makeFolder, removeTree } from "../files/tree.ts";

/** What a look found. */
export interface Looked {
  /** The digest that the look has of each file, in hex. */
  readonly digests: Readonly<Record<string, string>>;
  /** The files that were read. */
  readonly read: readonly string[];
}

/** How to look. */
export interface LookOptions {
  readonly clock?: () => number | undefined;
  /** Called when the stats are read, before any file is. */
  readonly onListed?: () => void;
  /** Called when the files are read, before the index is written. */
  readonly onRead?: () => void;
}

const SCOPE = new Uint8Array(32).fill(7);

/** A guarded folder, and one for its index on the same file system as the tests. */
export class IndexScene implements Disposable {
  readonly folder: string;
  readonly home: string = makeFolder();

  /** @param folder a folder that exists */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Looks at the folder, with the index of the look before. Files of other file systems are left out. */
  async look({ clock, onListed, onRead }: LookOptions = {}): Promise<Looked> {
    using root = AnchoredRoot.open(this.folder);
    using folder = AnchoredDir.open(this.home);
    const index = new ScanIndex({ root, folder, scope: SCOPE, isKept: () => true, clock });
    const paths = this.#list("").sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
    const growing = new GrowingStats();
    const digests = Buffer.alloc(paths.length * 32);
    for (const path of paths) growing.add(lstatSync(join(this.folder, path)));
    const stats = growing.stats();
    const known = new Uint8Array(paths.length);
    if (index.seen !== undefined) copyKnown({ paths: layOutTexts(paths), stats }, index.seen, digests, known);
    const unread = [...paths.keys()].filter((place) => known[place] === 0);
    onListed?.();
    await index.beforeReading({ paths, stats }, Uint32Array.from(unread));
    for (const place of unread) digests.set(Buffer.from(this.digest(paths[place] ?? ""), "hex"), place * 32);
    onRead?.();
    index.write({ paths: layOutTexts(paths), stats, digests }, Uint32Array.from(paths.keys()));
    return {
      digests: Object.fromEntries(
        paths.map((path, place) => [path, digests.toString("hex", place * 32, place * 32 + 32)]),
      ),
      read: unread.map((place) => paths[place] ?? ""),
    };
  }

  /** The digest of a file as it is now, in hex. */
  digest(path: string): string {
    return createHash("sha256")
      .update(readFileSync(join(this.folder, path)))
      .digest("hex");
  }

  #list(below: string): string[] {
    const device = lstatSync(this.folder).dev;
    return readdirSync(join(this.folder, below), { withFileTypes: true }).flatMap((entry) => {
      const path = below + entry.name;
      if (lstatSync(join(this.folder, path)).dev !== device) return [];
      if (entry.isDirectory()) return this.#list(`${path}/`);
      return entry.isFile() ? [path] : [];
    });
  }

  [Symbol.dispose](): void {
    removeTree(this.home);
  }
}

/** Makes a folder in a file system. */
export function folderIn(disk: string): string {
  const folder = join(disk, "guarded");
  mkdirSync(folder);
  return folder;
}
