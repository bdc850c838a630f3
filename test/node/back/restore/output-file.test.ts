import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { digestToHex, type OutputPath } from "../../../../src/core/internal.ts";
import { checkOutput, stageOutput } from "../../../../src/node/back/transaction/work/output-file.ts";
import type { OutputSource } from "../../../../src/node/records/store/output-source.ts";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { Cloner } from "../../../../src/node/system/files/cloner.ts";
import { type FileSystem, nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import { makeReadBuffer } from "../../../../src/node/system/hashing/hash-file.ts";
import { driveSteps, type WaitingSteps } from "../../../../src/node/system/runtime/interruption.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

it("finds a restored file of another size wrong without reading it", async () => {
  const folder = makeFolder();
  onTestFinished(() => removeTree(folder));
  const file = join(folder, "a.txt");
  writeFileSync(file, "alpha\n");
  truncateSync(file, 3 * 2 ** 40);
  const fs: FileSystem = {
    ...nodeFileSystem,
    readSync: () => {
      throw new Error("nothing is to be read");
    },
  };
  const digest = digestToHex(createHash("sha256").update("alpha\n").digest());
  const checking = { buffer: makeReadBuffer(), fs, usesPool: false, count: () => undefined };
  const steps = checkOutput(
    { path: "a.txt", digest, bytes: 6, mode: undefined },
    () => openSync(file, "r"),
    checking,
  );
  expect(await driveSteps(steps, undefined)).toMatchObject({ code: "RESTORE_HASH_MISMATCH_AFTER_RESTORE" });
});

describe("a large file", () => {
  const MIB = 2 ** 20;
  /** What is copied or hashed between two pauses, at which Ctrl-C is heard: a slow disk takes a tenth of a second for it. */
  const MOST = 8 * MIB;
  const SIZE = 40 * MIB;
  const digest = digestToHex(createHash("sha256").update(Buffer.alloc(SIZE)).digest());
  const output = { path: "a.bin" as OutputPath, digest, bytes: SIZE, row: 0, runId: "run", mode: undefined };

  /** A file, and a port that counts the bytes that are read of it. */
  function scene(): {
    readonly folder: string;
    readonly file: string;
    readonly reads: { bytes: number };
    readonly fs: FileSystem;
  } {
    const folder = makeFolder();
    onTestFinished(() => removeTree(folder));
    const file = join(folder, "a.bin");
    writeFileSync(file, Buffer.alloc(SIZE));
    const reads = { bytes: 0 };
    const readSync = ((...args: Parameters<FileSystem["readSync"]>) => {
      const length = nodeFileSystem.readSync(...args);
      reads.bytes += length;
      return length;
    }) as FileSystem["readSync"];
    return { folder, file, reads, fs: { ...nodeFileSystem, readSync } };
  }

  /** Runs the work, and gives what it read before each pause and before its end. */
  function readsBetweenPauses(steps: WaitingSteps<unknown>, reads: { bytes: number }): readonly number[] {
    const pieces: number[] = [];
    for (let isDone = false; !isDone; reads.bytes = 0) {
      const step = steps.next();
      isDone = step.done === true;
      if (step.done === true) expect(step.value).toBeUndefined();
      pieces.push(reads.bytes);
    }
    return pieces;
  }

  it.each(["of its own", "in a pack"])("%s is staged with a pause after every 8 MiB", (where) => {
    const { file, folder, fs, reads } = scene();
    const fd = openSync(file, "r");
    const source: OutputSource = {
      kindOf: () => expect.unreachable("it is opened"),
      open: () =>
        where === "in a pack"
          ? { range: { fd, offset: 0, bytes: SIZE }, isProgram: false }
          : { fd, before: fstatSync(fd, { bigint: true }) },
    };
    if (where === "in a pack") onTestFinished(() => closeSync(fd));
    const cloner = new Cloner(fs);
    const filling = { buffer: makeReadBuffer(), cloner, fs, usesPool: false, count: () => undefined };
    const dir = AnchoredDir.open(folder, fs);
    onTestFinished(() => dir.close());
    const steps = stageOutput(output, source, (make) => make(dir, "staged"), filling);
    const pieces = readsBetweenPauses(steps, reads);
    expect(Math.max(...pieces)).toBeLessThanOrEqual(MOST);
    expect(pieces.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThanOrEqual(SIZE);
  });

  it("is checked in its place with such pauses", () => {
    const { file, fs, reads } = scene();
    const checking = { buffer: makeReadBuffer(), fs, usesPool: false, count: () => undefined };
    const pieces = readsBetweenPauses(
      checkOutput(output, () => openSync(file, "r"), checking),
      reads,
    );
    expect(Math.max(...pieces)).toBeLessThanOrEqual(MOST);
    expect(pieces.length).toBeGreaterThanOrEqual(SIZE / MOST);
  });
});
