import { closeSync, fstatSync, openSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { OutputFinding } from "../../../../src/core/internal.ts";
import { Cloner } from "../../../../src/node/system/files/cloner.ts";
import {
  nodeFileSystem,
  OPEN_NEW_TO_READ,
  OPEN_SOURCE,
} from "../../../../src/node/system/files/file-system.ts";
import { fillFile } from "../../../../src/node/system/hashing/fill-file.ts";
import { makeReadBuffer } from "../../../../src/node/system/hashing/hash-file.ts";
import { driveSteps, Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import { digestOf } from "../../../../src/node/system/runtime/node-crypto.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

const fs = nodeFileSystem;
const SIZE = 21 * 2 ** 20 + 1;

/** Bytes of which no block is like another. */
const CONTENT = Buffer.alloc(SIZE);
for (let at = 0; at < SIZE - 4; at += 512) CONTENT.writeUInt32LE(at, at);

interface Fill {
  /** Opens the new file; for reading and writing by default. */
  readonly flags?: number;
  /** What happens to the source when its first bytes were counted. */
  readonly meddle?: (source: string) => void;
  readonly signal?: AbortSignal;
}

/** Fills a new file from a large one with the thread pool's help. Gives what was found, and what is in the new file. */
async function fill({ flags = OPEN_NEW_TO_READ, meddle, signal }: Fill): Promise<{
  readonly found: OutputFinding;
  readonly bytes: Buffer;
  readonly counted: number;
}> {
  const folder = makeFolder();
  const [from, to] = [join(folder, "from"), join(folder, "to")];
  writeFileSync(from, CONTENT);
  if (flags !== OPEN_NEW_TO_READ) writeFileSync(to, "");
  const fd = openSync(from, OPEN_SOURCE);
  const target = openSync(to, flags, 0o600);
  let counted = 0;
  const count = (bytes: number): void => {
    if (counted === 0) meddle?.(from);
    counted += bytes;
  };
  try {
    // Where clones are unavailable, a new file that cannot be written is not truncated either.
    const cloner = new Cloner({ ...fs, ftruncateSync: () => undefined });
    const filling = { buffer: makeReadBuffer(), cloner, fs, usesPool: true, count };
    const source = { fd, before: fstatSync(fd, { bigint: true }) };
    const found = await driveSteps(fillFile(source, target, filling), signal);
    return { found, bytes: readFileSync(to), counted };
  } finally {
    closeSync(fd);
    closeSync(target);
    removeTree(folder);
  }
}

describe("filling a large file while the thread pool reads and writes", () => {
  it("gives the digest of the bytes that are in it", async () => {
    const { bytes, counted, found } = await fill({});
    expect(found).toEqual({ kind: "file", digest: digestOf(CONTENT), bytes: SIZE });
    expect(bytes.equals(CONTENT)).toBe(true);
    expect(counted).toBe(SIZE);
  });

  it.for([
    ["shrinks", (source: string) => truncateSync(source, SIZE - 1)],
    ["grows", (source: string) => truncateSync(source, SIZE + 1)],
    ["is another of its size", (source: string) => writeFileSync(source, Buffer.alloc(SIZE, "x"))],
  ] as const)("notices a source that %s meanwhile", async ([, meddle]) => {
    expect((await fill({ meddle })).found).toEqual({ kind: "unreadable", code: "CHANGED_WHILE_READ" });
  });

  it("throws what the system says of a write", async () => {
    // Open for reading only: each write fails.
    await expect(fill({ flags: OPEN_SOURCE })).rejects.toThrow("EBADF");
  });

  it("ends where it is interrupted", async () => {
    const controller = new AbortController();
    const filling = fill({ meddle: () => controller.abort(), signal: controller.signal });
    await expect(filling).rejects.toThrow(Interruption);
  });
});
