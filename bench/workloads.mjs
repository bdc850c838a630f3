/**
 * The workloads: deterministic and incompressible bytes, the same on every machine, and one real tree.
 * Bytes are AES-128-CTR over zeros, keyed by the workload's name.
 */
import { createCipheriv, createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const BLOCK = 4 * MIB;

/** What a full run measures, and what `--quick` does: the same shapes, small. */
export const SIZES = {
  full: {
    W1: { files: 1, bytes: 2 * GIB },
    TWO: { files: 2, bytes: GIB },
    W2: { files: 10_000, bytes: 16 * KIB, inFolder: 100 },
    W3: { files: 100_000, bytes: KIB, inFolder: 100 },
    W4: { files: 50_000 },
    GUARD: { mixed: 7_332, small: { files: 40_000, bytes: 4_700, inFolder: 100 } },
    CARRY: {
      small: { files: 100_000, bytes: KIB, inFolder: 100 },
      big: { files: 8, bytes: 256 * MIB },
    },
    CH: { bundles: [1_000, 10_000] },
    G: {
      files: [1_000, 10_000, 100_000, 1_000_000],
      fileBytes: KIB,
      inFolder: 100,
      bytes: [32 * MIB, 256 * MIB, 2 * GIB],
      bundles: [1_000, 10_000, 100_000],
    },
  },
  quick: {
    W1: { files: 1, bytes: 256 * MIB },
    TWO: { files: 2, bytes: 128 * MIB },
    W2: { files: 1_000, bytes: 16 * KIB, inFolder: 100 },
    W3: { files: 5_000, bytes: KIB, inFolder: 100 },
    W4: { files: 1_000 },
    GUARD: { mixed: 1_500, small: { files: 3_000, bytes: 4_700, inFolder: 100 } },
    CARRY: { small: { files: 2_000, bytes: KIB, inFolder: 100 }, big: { files: 4, bytes: 16 * MIB } },
    CH: { bundles: [100, 300] },
    G: {
      files: [300, 1_000, 3_000],
      fileBytes: KIB,
      inFolder: 100,
      bytes: [8 * MIB, 32 * MIB, 128 * MIB],
      bundles: [30, 100, 300],
    },
  },
};

/** Bytes that no tool can make smaller: take() gives the next so many. */
class Stream {
  #cipher;
  #zeros = Buffer.alloc(BLOCK);

  constructor(name) {
    const key = createHash("sha256").update(name).digest().subarray(0, 16);
    this.#cipher = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
  }

  take(bytes) {
    return this.#cipher.update(this.#zeros.subarray(0, bytes));
  }
}

/** Writes `files` files of `bytes` bytes below `folder`, `inFolder` in each of its folders, or all in itself. */
export function writeFiles(folder, name, { files, bytes, inFolder }) {
  const stream = new Stream(name);
  const width = String(files - 1).length;
  let below = folder;
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < files; index++) {
    if (inFolder !== undefined && index % inFolder === 0) {
      below = join(folder, `d${String(index / inFolder).padStart(width, "0")}`);
      mkdirSync(below);
    }
    writeOne(join(below, `f${String(index).padStart(width, "0")}`), stream, bytes);
  }
}

function writeOne(path, stream, bytes) {
  if (bytes <= BLOCK) {
    writeFileSync(path, stream.take(bytes));
    return;
  }
  const fd = openSync(path, "wx");
  try {
    for (let left = bytes; left > 0; left -= BLOCK) writeSync(fd, stream.take(Math.min(left, BLOCK)));
  } finally {
    closeSync(fd);
  }
}
