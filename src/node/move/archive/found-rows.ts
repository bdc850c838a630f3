/**
 * What is found of the outputs of one run while they pass, row by row of its claims.
 *
 * @module
 */

import { createHash, type Hash, hash } from "node:crypto";
import {
  DIGEST_BYTES,
  FINDING_KINDS,
  type FindingColumns,
  FindingTable,
  makeFindings,
} from "../../../core/internal.ts";
import type { WantedOutputs } from "../../judge/source/bundle-source.ts";
import { type HeldRanges, holdRange } from "../../judge/source/held-ranges.ts";
import type { Spool } from "../../judge/source/spool.ts";

/** The bits of a mode by which its owner may execute a file. */
const OWNER_MAY_EXECUTE = 0o100;

/** The findings of a run, which begin as missing. */
export class FoundRows {
  readonly #columns: FindingColumns;
  readonly #ranges: HeldRanges | undefined;
  readonly #isWanted: Uint8Array;

  /** Rows that are not wanted, or not lawful, have no finding. */
  constructor({ bundle, rows }: Pick<WantedOutputs, "bundle" | "rows">, ranges: HeldRanges | undefined) {
    const { claims } = bundle;
    const columns = makeFindings(claims.length);
    const { kinds } = columns;
    if (rows === undefined)
      for (const [from, to] of claims.lawfulRanges()) kinds.fill(FINDING_KINDS.missing, from, to);
    else for (const row of rows) if (claims.isLawful(row)) kinds[row] = FINDING_KINDS.missing;
    this.#isWanted = kinds.slice();
    this.#ranges = ranges;
    this.#columns = columns;
  }

  /** Whether a row is to be looked for. */
  isWanted(row: number): boolean {
    return this.#isWanted[row] !== FINDING_KINDS.none;
  }

  /** Notes a file: its digest in raw bytes, and where it is held. */
  found(row: number, digest: Uint8Array, { mode, offset, size }: FoundFile): void {
    const { digests, kinds, sizes } = this.#columns;
    kinds[row] = FINDING_KINDS.file;
    digests.set(digest, row * DIGEST_BYTES);
    sizes[row] = size;
    if (this.#ranges === undefined) return;
    holdRange(this.#ranges, row, offset, size);
    this.#ranges.programs[row] = (mode & OWNER_MAY_EXECUTE) === 0 ? 0 : 1;
  }

  /** Notes that the outputs are larger than declared, of each row from `first` on that was not found before. */
  oversized(foundBytes: number, first: number): void {
    const { kinds, sizes } = this.#columns;
    for (let row = first; row < kinds.length; row++) {
      if (kinds[row] !== FINDING_KINDS.missing) continue;
      kinds[row] = FINDING_KINDS.oversized;
      sizes[row] = foundBytes;
    }
  }

  /** All findings. */
  table(): FindingTable {
    return new FindingTable(this.#columns);
  }
}

/** A file as its carrier has it. */
export interface FoundFile {
  /** 0 where the carrier keeps no modes. */
  readonly mode: number;
  readonly size: number;
  /** Where its bytes begin in the held file. */
  readonly offset: number;
}

/** Takes one content after the other: hashes it, and keeps its bytes, or notes where they are. */
export class ContentTaker {
  readonly #spool: Spool | undefined;
  #start = 0;
  #size = 0;
  #hash: Hash | undefined;
  #bytes = 0;
  #digest: Uint8Array = EMPTY;

  /** @param spool keeps the bytes; without one, they stay in the archive's own file. */
  constructor(spool: Spool | undefined) {
    this.#spool = spool;
  }

  /** Begins a content of so many bytes, which are at this offset of the archive. Throws a SpoolFailure. */
  begin(size: number, offset: number): void {
    this.#size = size;
    this.#bytes = 0;
    this.#hash = undefined;
    this.#digest = EMPTY;
    this.#start = this.#spool?.reserve(size) ?? offset;
  }

  /** Takes a piece. Throws a SpoolFailure. */
  add(piece: Uint8Array): void {
    this.#spool?.write(piece, this.#start + this.#bytes);
    this.#bytes += piece.length;
    // Of small files, making a hash takes longer than hashing.
    if (piece.length === this.#size) this.#digest = hash("sha256", piece, "buffer");
    else {
      this.#hash ??= createHash("sha256");
      this.#hash.update(piece);
    }
  }

  /** Where the content begins in the held file. */
  get start(): number {
    return this.#start;
  }

  /** The digest of all bytes, raw. */
  end(): Uint8Array {
    return this.#hash?.digest() ?? this.#digest;
  }
}

const EMPTY: Uint8Array = hash("sha256", new Uint8Array(0), "buffer");
