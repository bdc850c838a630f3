import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { OutputFinding } from "../../../../src/core/internal.ts";
import { Cloner } from "../../../../src/node/system/files/cloner.ts";
import {
  type FileSystem,
  nodeFileSystem,
  OPEN_NEW_TO_READ,
} from "../../../../src/node/system/files/file-system.ts";
import { fillFile } from "../../../../src/node/system/hashing/fill-file.ts";
import { makeReadBuffer } from "../../../../src/node/system/hashing/hash-file.ts";
import type { WaitingSteps } from "../../../../src/node/system/runtime/interruption.ts";
import { digestOf } from "../../../../src/node/system/runtime/node-crypto.ts";
import { CLONED_BYTES, cloningFileSystem } from "../../../support/files/cloning-file-system.ts";
import {
  type Call,
  type Errno,
  interceptFileSystem,
  systemError,
} from "../../../support/files/faulty-file-system.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

const BIG = Buffer.alloc(CLONED_BYTES, "big");
const SMALL = Buffer.alloc(CLONED_BYTES - 1, "small");

/** Files to fill others from. */
class Bench implements Disposable {
  readonly #folder = makeFolder();
  readonly #fds: number[] = [];
  #files = 0;
  counted = 0;

  /** The address of a new file. */
  file(bytes: Uint8Array, mode = 0o644): string {
    const address = join(this.#folder, `source-${this.#files++}`);
    writeFileSync(address, bytes);
    chmodSync(address, mode);
    return address;
  }

  /** Fills a new file from one; gives what was found, and what is in it. */
  fill(
    address: string,
    cloner: Cloner,
    fs: FileSystem,
    meddle: () => void = () => undefined,
  ): { readonly found: OutputFinding; readonly bytes: Buffer; readonly mode: number } {
    const fd = this.#open(openSync(address, constants.O_RDONLY));
    const source = { fd, before: fstatSync(fd, { bigint: true }) };
    const filled = join(this.#folder, `filled-${this.#files++}`);
    const target = this.#open(openSync(filled, OPEN_NEW_TO_READ, 0o600));
    meddle();
    const count = (bytes: number): void => {
      this.counted += bytes;
    };
    const filling = { buffer: makeReadBuffer(), cloner, fs, count, usesPool: false };
    const found = runAtOnce(fillFile(source, target, filling));
    return { found, bytes: readFileSync(filled), mode: fstatSync(target).mode & 0o7777 };
  }

  #open(fd: number): number {
    this.#fds.push(fd);
    return fd;
  }

  [Symbol.dispose](): void {
    for (const fd of this.#fds) closeSync(fd);
    removeTree(this.#folder);
  }
}

/** Drives steps that wait for nothing. */
function runAtOnce<Value>(steps: WaitingSteps<Value>): Value {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    expect(step.value).toBeUndefined();
  }
}

/** A port that notes its calls; clones are made, or refused with an errno after `leave` was done to the new file. */
function watched(
  refusal?: Errno,
  leave: (target: number) => void = () => undefined,
): { readonly fs: FileSystem; readonly calls: Call["name"][] } {
  const calls: Call["name"][] = [];
  const fs = interceptFileSystem((call, proceed) => {
    calls.push(call.name);
    if (call.name !== "copyFileSync" || refusal === undefined) return proceed();
    leave(Number(String(call.args[1]).split("/").at(-1)));
    throw systemError(refusal, call.name);
  }, cloningFileSystem());
  return { fs, calls };
}

/** A file's times move in ticks of some milliseconds. */
function waitForTick(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
}

const CHANGED = { kind: "unreadable", code: "CHANGED_WHILE_READ" };

function fileOf(bytes: Uint8Array): OutputFinding {
  return { kind: "file", digest: digestOf(bytes), bytes: bytes.length };
}

describe("filling a file by a clone", () => {
  it("hashes the clone, and writes nothing", () => {
    using bench = new Bench();
    const { fs, calls } = watched();
    const { bytes, found } = bench.fill(bench.file(BIG), new Cloner(fs), fs);
    expect(found).toEqual(fileOf(BIG));
    expect(bytes.equals(BIG)).toBe(true);
    expect(calls).toContain("copyFileSync");
    expect(calls).not.toContain("writeSync");
    expect(bench.counted).toBe(BIG.length);
  });

  it("names no path: it goes from descriptor to descriptor", () => {
    using bench = new Bench();
    const asked: unknown[] = [];
    const fs = interceptFileSystem(({ args, name }, proceed) => {
      if (name === "copyFileSync") asked.push(...args.slice(0, 2));
      return proceed();
    }, cloningFileSystem());
    bench.fill(bench.file(BIG), new Cloner(fs), fs);
    expect(asked).toEqual([
      expect.stringMatching(/^\/proc\/self\/fd\/\d+$/),
      expect.stringMatching(/^\/proc\/self\/fd\/\d+$/),
    ]);
  });

  it.for([
    ["other bytes", (address: string) => writeFileSync(address, Buffer.alloc(BIG.length, "gib"))],
    ["more bytes", (address: string) => appendFileSync(address, "!")],
    ["a hole behind it", (address: string) => truncateSync(address, 2 ** 26)],
    ["fewer bytes", (address: string) => truncateSync(address, BIG.length - 1)],
  ] as const)("notices a source with %s since it was opened", ([, change]) => {
    using bench = new Bench();
    const { fs } = watched();
    const address = bench.file(BIG);
    const meddle = (): void => {
      waitForTick();
      change(address);
    };
    const { found } = bench.fill(address, new Cloner(fs), fs, meddle);
    expect(found).toEqual(CHANGED);
  });

  it("notices a source that changes while its clone is hashed", () => {
    using bench = new Bench();
    const address = bench.file(BIG);
    const fs = interceptFileSystem(({ name }, proceed) => {
      if (name === "readSync") writeFileSync(address, Buffer.alloc(BIG.length, "gib"));
      return proceed();
    }, cloningFileSystem());
    expect(bench.fill(address, new Cloner(fs), fs, waitForTick).found).toEqual(CHANGED);
  });
});

describe("filling a file by a copy", () => {
  it.for(["EXDEV", "EPERM", "EACCES", "EMFILE"] as const)(
    "is the fallback if a clone is refused (%s), and clones are not tried again",
    (errno) => {
      using bench = new Bench();
      const { fs, calls } = watched(errno);
      const cloner = new Cloner(fs);
      for (const turn of [1, 2]) {
        const { bytes, found } = bench.fill(bench.file(BIG), cloner, fs);
        expect(found, `${turn}`).toEqual(fileOf(BIG));
        expect(bytes.equals(BIG)).toBe(true);
      }
      expect(calls.filter((name) => name === "copyFileSync")).toHaveLength(1);
    },
  );

  it("keeps nothing of a clone that was given up in the middle", () => {
    using bench = new Bench();
    const { fs } = watched("EXDEV", (target) => {
      writeSync(target, "of another", BIG.length + 5);
    });
    const { bytes, found } = bench.fill(bench.file(BIG), new Cloner(fs), fs);
    expect(found).toEqual(fileOf(BIG));
    expect(bytes.equals(BIG)).toBe(true);
  });

  it.for(["ENOSPC", "EIO"] as const)("is not tried on a disk that is full or broken (%s)", (errno) => {
    using bench = new Bench();
    const { fs, calls } = watched(errno);
    expect(() => bench.fill(bench.file(BIG), new Cloner(fs), fs)).toThrow(errno);
    expect(calls).not.toContain("writeSync");
  });

  it("is quicker for a small file: no clone is asked for", () => {
    using bench = new Bench();
    const { fs, calls } = watched();
    expect(bench.fill(bench.file(SMALL), new Cloner(fs), fs).found).toEqual(fileOf(SMALL));
    expect(calls).not.toContain("copyFileSync");
  });

  it.for([0o4755, 0o2755, 0o1755])(
    "is made of a file with mode %o, whose bits a clone would bear for a moment",
    (mode) => {
      using bench = new Bench();
      const { fs, calls } = watched();
      const filled = bench.fill(bench.file(BIG, mode), new Cloner(fs), fs);
      expect(filled).toMatchObject({ found: fileOf(BIG), mode: 0o600 });
      expect(calls).not.toContain("copyFileSync");
    },
  );

  it("rethrows exceptions that are not system errors", () => {
    using bench = new Bench();
    const fs = {
      ...nodeFileSystem,
      copyFileSync: () => {
        throw new TypeError("a bug");
      },
    };
    expect(() => bench.fill(bench.file(BIG), new Cloner(fs), fs)).toThrow("a bug");
  });
});
