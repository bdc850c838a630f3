import { closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HexDigest, OutputPath, RestoreFault } from "../../../../src/core/internal.ts";
import { stageOutput } from "../../../../src/node/back/transaction/work/output-file.ts";
import {
  type HeldRanges,
  holdRange,
  makeHeldRanges,
  rangeSource,
} from "../../../../src/node/judge/source/held-ranges.ts";
import { Spool, SpoolFailure } from "../../../../src/node/judge/source/spool.ts";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { Cloner } from "../../../../src/node/system/files/cloner.ts";
import { type FileSystem, nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import { makeReadBuffer } from "../../../../src/node/system/hashing/hash-file.ts";
import { driveSteps } from "../../../../src/node/system/runtime/interruption.ts";
import { digestOf } from "../../../../src/node/system/runtime/node-crypto.ts";
import { systemError } from "../../../support/files/faulty-file-system.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

let folder = "";
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => removeTree(folder));

interface Staged {
  readonly fault: RestoreFault | undefined;
  readonly bytes: Buffer | undefined;
  readonly mode: number | undefined;
}

/** Stages the first row of held ranges, whose bundle declares this content. */
async function stage(
  ranges: HeldRanges,
  content: Uint8Array,
  usesPool = false,
  mode?: number,
): Promise<Staged> {
  const path = "a" as OutputPath;
  const output = {
    path,
    digest: digestOf(content) as HexDigest,
    bytes: content.length,
    row: 0,
    runId: "r",
    mode,
  };
  const staged = join(folder, "staged");
  const fs = nodeFileSystem;
  const filling = { buffer: makeReadBuffer(), cloner: new Cloner(fs), fs, usesPool, count: () => undefined };
  using dir = AnchoredDir.open(folder);
  const fault = await driveSteps(
    stageOutput(output, rangeSource(ranges), (make) => make(dir, "staged"), filling),
    undefined,
  );
  const isThere = readdirSync(folder).includes("staged");
  return {
    fault,
    bytes: isThere ? readFileSync(staged) : undefined,
    mode: isThere ? statSync(staged).mode & 0o777 : undefined,
  };
}

/** A file that holds a content behind other bytes, and its ranges. */
function hold(content: Uint8Array, bytes = content.length): HeldRanges & Disposable {
  const file = join(folder, "held");
  writeFileSync(file, Buffer.concat([Buffer.from("before"), content, Buffer.from("after")]));
  const fd = openSync(file, "r");
  const ranges = makeHeldRanges(fd, 1);
  holdRange(ranges, 0, 6, bytes);
  return { ...ranges, [Symbol.dispose]: () => closeSync(fd) };
}

describe("outputs as ranges of a held file", () => {
  const LARGE = Buffer.alloc(9 * 2 ** 20 + 1);
  for (let at = 0; at < LARGE.length - 4; at += 512) LARGE.writeUInt32LE(at, at);

  it.for([
    ["an empty one", Buffer.alloc(0), false],
    ["a small one", Buffer.from("some bytes"), false],
    ["one of several blocks", LARGE, false],
    ["a large one, with the thread pool's help", LARGE, true],
  ] as const)("stages %s", async ([, content, usesPool]) => {
    using ranges = hold(content);
    const { bytes, fault, mode } = await stage(ranges, content, usesPool);
    expect(fault).toBeUndefined();
    expect(bytes?.equals(content)).toBe(true);
    expect(mode).toBe(0o644);
  });

  it("takes the mode of a sealed tree before what the carrier says", async () => {
    const content = Buffer.from("x");
    using ranges = hold(content);
    ranges.programs[0] = 1;
    expect(await stage(ranges, content, false, 0o600)).toMatchObject({ fault: undefined, mode: 0o600 });
  });

  it("makes a program executable where no tree says its mode", async () => {
    const content = Buffer.from("x");
    using ranges = hold(content);
    ranges.programs[0] = 1;
    expect(await stage(ranges, content)).toMatchObject({ fault: undefined, mode: 0o755 });
  });

  it.for([
    ["small", 100, false],
    ["large", 9 * 2 ** 20, false],
    ["large, with the thread pool's help", 9 * 2 ** 20, true],
  ] as const)("refuses bytes that have changed since they were found: %s", async ([, size, usesPool]) => {
    using ranges = hold(Buffer.alloc(size, "x"));
    const { fault } = await stage(ranges, Buffer.alloc(size, "y"), usesPool);
    expect(fault).toMatchObject({ code: "RESTORE_STAGING_HASH_MISMATCH", details: { path: "a" } });
  });

  it("creates nothing for a range of another length than was verified", async () => {
    using ranges = hold(Buffer.from("some bytes"), 9);
    const { bytes, fault } = await stage(ranges, Buffer.from("some bytes"));
    expect(fault).toMatchObject({ code: "RESTORE_STAGING_HASH_MISMATCH" });
    expect(bytes).toBeUndefined();
  });

  it.for([false, true])("refuses a range that goes beyond the end of the file", async (usesPool) => {
    const content = Buffer.alloc(9 * 2 ** 20);
    using ranges = hold(content.subarray(0, 2 ** 20), content.length);
    const { fault } = await stage(ranges, content, usesPool);
    expect(fault).toMatchObject({ code: "RESTORE_STAGING_HASH_MISMATCH" });
  });
});

describe("a spool", () => {
  function spoolThrough(fs: FileSystem): Spool & { readonly end: () => void } {
    const dir = AnchoredDir.open(folder, fs);
    const spool = new Spool(dir, fs);
    return Object.assign(spool, {
      end: () => {
        spool[Symbol.dispose]();
        dir.close();
      },
    });
  }

  /** A port whose file system has no unnamed files. */
  const named: FileSystem = {
    ...nodeFileSystem,
    openSync: (path, flags, mode) => {
      if ((Number(flags) & 0o20_000_000) !== 0)
        throw Object.assign(systemError("EPERM", "openSync"), { code: "EOPNOTSUPP" });
      return nodeFileSystem.openSync(path, flags, mode);
    },
  };

  it.for([
    ["in a file without a name", nodeFileSystem],
    ["in a file that loses its name at once, where the file system has no others", named],
  ] as const)("keeps bytes %s", async ([, fs]) => {
    const spool = spoolThrough(fs);
    try {
      const [first, second] = [spool.reserve(3), spool.reserve(4)];
      await spool.writeBeside(Buffer.from("tail"), second);
      spool.write(Buffer.from("one"), first);
      const ranges = makeHeldRanges(spool.fd, 1);
      expect(readdirSync(folder)).toEqual([]);
      holdRange(ranges, 0, second, 4);
      expect(await stage(ranges, Buffer.from("tail"))).toMatchObject({ fault: undefined });
    } finally {
      spool.end();
    }
  });

  it("says what the system said when there is no room", () => {
    const spool = spoolThrough({
      ...nodeFileSystem,
      writeSync: () => {
        throw systemError("ENOSPC", "writeSync");
      },
    });
    try {
      expect(() => spool.write(Buffer.from("x"), spool.reserve(1))).toThrow(
        expect.objectContaining({
          name: new SpoolFailure("").name,
          cause: expect.objectContaining({ code: "ENOSPC" }),
        }),
      );
    } finally {
      spool.end();
    }
  });
});
