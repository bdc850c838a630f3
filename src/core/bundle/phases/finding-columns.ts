/**
 * What was found at the paths of many claims, in columns that threads may have shared: a million findings as objects would
 * take a hundred megabytes.
 *
 * @module
 */

import { DIGEST_BYTES } from "../../bytes/hex.ts";
import { HexDigests } from "../../bytes/hex-digests.ts";
import { itemsOf, type Listing } from "../../bytes/listing.ts";
import type { OutputFinding } from "./outputs.ts";

/** What stands for each kind of finding in the column of kinds. */
export const FINDING_KINDS = {
  none: 0,
  file: 1,
  missing: 2,
  READ_FAILED: 3,
  CHANGED_WHILE_READ: 4,
  oversized: 5,
} as const;

const KIND_NAMES = ["none", "file", "missing", "READ_FAILED", "CHANGED_WHILE_READ", "oversized"] as const;

/** The columns, in the order of the paths. */
export interface FindingColumns {
  /** One of `FINDING_KINDS` for each path. */
  readonly kinds: Uint8Array;
  /** 32 raw bytes for each path; of a file, its digest. */
  readonly digests: Uint8Array;
  /** The bytes of a file. For an oversized output, `foundBytes` of its finding. */
  readonly sizes: Float64Array;
}

/** Findings, each of which is made when it is asked for. */
export class ManyFindings implements Listing<OutputFinding | undefined> {
  readonly length: number;
  readonly #columns: FindingColumns;
  readonly #hex: HexDigests;

  constructor(columns: FindingColumns) {
    this.#hex = new HexDigests(columns.digests);
    this.length = columns.kinds.length;
    this.#columns = columns;
  }

  /** What was found at a path, in a word; undefined where nothing was. */
  kindAt(index: number): keyof typeof FINDING_KINDS | undefined {
    return KIND_NAMES[this.#columns.kinds[index] ?? 0];
  }

  at(index: number): OutputFinding | undefined {
    const { kinds, sizes } = this.#columns;
    switch (kinds[index]) {
      case FINDING_KINDS.file:
        return { kind: "file", digest: this.#hex.at(index), bytes: sizes[index] ?? 0 };
      case FINDING_KINDS.missing:
        return { kind: "missing" };
      case FINDING_KINDS.READ_FAILED:
        return { kind: "unreadable", code: "READ_FAILED" };
      case FINDING_KINDS.CHANGED_WHILE_READ:
        return { kind: "unreadable", code: "CHANGED_WHILE_READ" };
      case FINDING_KINDS.oversized:
        return { kind: "oversized", foundBytes: sizes[index] ?? 0 };
      default:
        return undefined;
    }
  }

  [Symbol.iterator](): Generator<OutputFinding | undefined, undefined> {
    return itemsOf(this.length, (index) => this.at(index));
  }

  /** The findings from `start` up to `end`, in the same columns. */
  slice(start: number, end: number): ManyFindings {
    const { digests, kinds, sizes } = this.#columns;
    return new ManyFindings({
      kinds: kinds.subarray(start, end),
      digests: digests.subarray(start * DIGEST_BYTES, end * DIGEST_BYTES),
      sizes: sizes.subarray(start, end),
    });
  }

  /** The digests of the paths from `start` up to `end`, 32 raw bytes each, where a file was found at each of them. */
  digestsOfFiles(start: number, end: number): Uint8Array | undefined {
    const { digests, kinds } = this.#columns;
    for (let index = start; index < end; index++) if (kinds[index] !== FINDING_KINDS.file) return undefined;
    return digests.subarray(start * DIGEST_BYTES, end * DIGEST_BYTES);
  }

  /** The bytes of each file, 0 for what is none: a copy, which nobody else can change. */
  copySizes(): Float64Array {
    const { kinds, sizes } = this.#columns;
    const copy = sizes.slice(0, kinds.length);
    for (let index = 0; index < kinds.length; index++)
      if (kinds[index] !== FINDING_KINDS.file) copy[index] = 0;
    return copy;
  }

  /** Bytes of all files together. */
  get bytes(): number {
    const { kinds, sizes } = this.#columns;
    let sum = 0;
    for (let index = 0; index < kinds.length; index++) {
      if (kinds[index] === FINDING_KINDS.file) sum += sizes[index] ?? 0;
    }
    return sum;
  }
}
