import { createHash } from "node:crypto";
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
import { nodeFileSystem, OPEN_SOURCE } from "../../../../src/node/system/files/file-system.ts";
import { acceptRegularFile } from "../../../../src/node/system/files/read-source.ts";
import { hashBigFile } from "../../../../src/node/system/hashing/hash-big-file.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

const SIZE = 20 * 2 ** 20;

const ALWAYS = (): boolean => true;
const NEVER = (): boolean => false;

/** Ways to read: ahead, not ahead, and first this and then that, as the other threads come and go. */
const PACES = [
  ["ahead", () => ALWAYS],
  ["in turn", () => NEVER],
  ["ahead in every second turn", () => everySecond(true)],
  ["in turn in every second turn", () => everySecond(false)],
] as const;

function everySecond(first: boolean): () => boolean {
  let answer = !first;
  return () => {
    answer = !answer;
    return answer;
  };
}

/** Bytes of which no block is like another. */
const CONTENT = Buffer.alloc(SIZE);
for (let at = 0; at < SIZE; at += 512) CONTENT.writeUInt32LE(at, at);

/** Hashes a large file, and does something to it after the first block. */
async function hashWhile(readsAhead: () => boolean, meddle: (path: string) => void): Promise<unknown> {
  const folder = makeFolder();
  try {
    const path = join(folder, "big");
    writeFileSync(path, CONTENT);
    const source = acceptRegularFile(openSync(path, OPEN_SOURCE), nodeFileSystem);
    if (source === undefined) throw new Error("it is a file");
    let turn = 0;
    const goOn = async (): Promise<boolean> => {
      if (turn++ === 0) meddle(path);
      return true;
    };
    const finding = await hashBigFile(source, { goOn, readsAhead });
    closeSync(source.fd);
    return finding;
  } finally {
    removeTree(folder);
  }
}

describe.each(PACES)("a large file that is read %s", (_pace, paceOf) => {
  it("has its digest", async () => {
    const digest = createHash("sha256").update(CONTENT).digest("hex");
    expect(await hashWhile(paceOf(), () => undefined)).toEqual({ kind: "file", digest, bytes: SIZE });
  });

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
  ])("has no digest where it %s meanwhile", async (_how, meddle) => {
    expect(await hashWhile(paceOf(), meddle)).toEqual({ kind: "unreadable", code: "CHANGED_WHILE_READ" });
  });
});
