import {
  appendFileSync,
  closeSync,
  openSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeFileSystem, OPEN_SOURCE } from "../../src/node/files/file-system.ts";
import { hashBigFile } from "../../src/node/files/hash-big-file.ts";
import { acceptRegularFile } from "../../src/node/files/read-source.ts";
import { makeFolder, removeTree } from "../support/tree.ts";

const SIZE = 20 * 2 ** 20;

/** Hashes a large file, and does something to it after the first block. */
async function hashWhile(meddle: (path: string) => void): Promise<unknown> {
  const folder = makeFolder();
  try {
    const path = join(folder, "big");
    writeFileSync(path, Buffer.alloc(SIZE, "x"));
    const source = acceptRegularFile(openSync(path, OPEN_SOURCE), nodeFileSystem);
    if (source === undefined) throw new Error("it is a file");
    let turn = 0;
    const finding = await hashBigFile(source, async () => {
      if (turn++ === 0) meddle(path);
      return true;
    });
    closeSync(source.fd);
    return finding;
  } finally {
    removeTree(folder);
  }
}

describe("a large file that changes while it is hashed", () => {
  it.each<readonly [string, (path: string) => void]>([
    ["grows", (path) => appendFileSync(path, "more")],
    ["shrinks", (path) => truncateSync(path, SIZE - 1)],
    ["vanishes to nothing", (path) => truncateSync(path, 0)],
    [
      "is written to, its times put back",
      (path) => {
        const { atime, mtime } = statSync(path);
        const fd = openSync(path, "r+");
        writeSync(fd, "y", SIZE - 1);
        closeSync(fd);
        utimesSync(path, atime, mtime);
      },
    ],
  ])("has no digest: it %s", async (_how, meddle) => {
    expect(await hashWhile(meddle)).toEqual({ kind: "unreadable", code: "CHANGED_WHILE_READ" });
  });

  it("has one where nothing was done", async () => {
    expect(await hashWhile(() => undefined)).toMatchObject({ kind: "file", bytes: SIZE });
  });
});
