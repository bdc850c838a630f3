/**
 * What a bundle claims of each output, row by row of its output table (PROTOCOL 2, and phase 9 of 8).
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { DIGEST_BYTES, type HexDigest } from "../../system/bytes/hex.ts";
import { byPath, isIndex, itemsOf, type Listing, makeListing } from "../../system/bytes/listing.ts";
import { TextViews } from "../../system/json/text-views.ts";
import {
  findPathsBelowOthers,
  type OutputPath,
  type PathBreach,
  type PathRules,
  parseOutputPath,
} from "../../system/paths/output-path.ts";
import { type FileColumns, OutputTable } from "./output-table.ts";

/** One entry of `hashes`: a path and the digest that its file must have. */
export type OutputClaim = LawfulClaim | UnlawfulClaim;

/** A claim whose path may be looked for. */
export interface LawfulClaim {
  readonly lawful: true;
  readonly path: OutputPath;
  /** Undefined where the declared value isn't `sha256:` and 64 lowercase hex: it equals nothing. */
  readonly digest: HexDigest | undefined;
}

/** A claim whose path breaks the law of paths: nothing is opened for it. */
export interface UnlawfulClaim {
  readonly lawful: false;
  readonly path: string;
  readonly breach: PathBreach;
}

/** Lawful paths in byte order. */
export interface LawfulPaths {
  readonly files: TextViews;
  /** The row of each path in the document; undefined where all rows are lawful and in byte order. */
  readonly rows: readonly number[] | undefined;
}

/** The claims of a bundle by their index in the document. A claim is made when it is asked for. */
export class OutputClaims implements Listing<OutputClaim> {
  readonly length: number;
  readonly #table: OutputTable;
  readonly #breaches = new Map<number, PathBreach>();

  /** Reads the claims of a table (PROTOCOL 9.1). */
  constructor(table: OutputTable, rules: PathRules) {
    this.length = table.size;
    this.#table = table;
    for (let index = 0; index < this.length; index++) {
      const parsed = parseOutputPath(table.pathAt(index), rules);
      if (!parsed.ok) this.#breaches.set(index, parsed.code);
    }
    this.#findBelowOthers();
  }

  /** The paths, lawful or not, and the digests that are expected of their files. */
  get columns(): FileColumns {
    return this.#table.columns;
  }

  /** Whether no path breaks the law. */
  get areAllLawful(): boolean {
    return this.#breaches.size === 0;
  }

  /** Whether the path of a claim keeps the law. */
  isLawful(index: number): boolean {
    return !this.#breaches.has(index);
  }

  /** Whether the paths are in byte order, as runseal seals them. */
  get areInOrder(): boolean {
    return this.#table.isSorted;
  }

  /** The lawful paths in byte order, with their rows; without rows where all paths are lawful, and in that order. */
  lawfulPaths(): LawfulPaths {
    if (this.areAllLawful && this.areInOrder) return { files: this.#table.paths, rows: undefined };
    const lawful: { readonly path: string; readonly row: number }[] = [];
    let row = 0;
    for (const path of this.#table.keys()) {
      if (this.isLawful(row)) lawful.push({ path, row });
      row++;
    }
    lawful.sort(byPath);
    return { files: TextViews.of(lawful.map(({ path }) => path)), rows: lawful.map(({ row }) => row) };
  }

  /** Where lawful claims stand in a row: from an index up to another. */
  *lawfulRanges(): Generator<readonly [number, number], void, undefined> {
    let from = 0;
    for (const unlawful of [...this.#breaches.keys()].sort((left, right) => left - right)) {
      if (unlawful > from) yield [from, unlawful];
      from = unlawful + 1;
    }
    if (this.length > from) yield [from, this.length];
  }

  at(index: number): OutputClaim | undefined {
    return isIndex(index, this.length) ? this.#claimAt(index) : undefined;
  }

  [Symbol.iterator](): Generator<OutputClaim, undefined> {
    return itemsOf(this.length, (index) => this.#claimAt(index));
  }

  /** Whether the claims from `start` up to `end` are lawful and declare just these digests, 32 raw bytes each. */
  declare(start: number, end: number, digests: Uint8Array, crypto: Crypto): boolean {
    if (!this.areAllLawful) {
      for (let index = start; index < end; index++) if (!this.isLawful(index)) return false;
    }
    if (!this.#table.declares(start, end)) return false;
    const declared = this.columns.digests.subarray(start * DIGEST_BYTES, end * DIGEST_BYTES);
    return crypto.equalDigestLists(declared, digests);
  }

  #claimAt(index: number): OutputClaim {
    const path = this.#table.pathAt(index);
    const breach = this.#breaches.get(index);
    if (breach !== undefined) return { lawful: false, path, breach };
    return { lawful: true, path: path as OutputPath, digest: this.#table.digestAt(index) };
  }

  /** Only among lawful paths: what lies below an unlawful one has the same breach, and no other path is bounded. */
  #findBelowOthers(): void {
    const table = this.#table;
    if (table.isSorted && !doesOneContinue(table.columns)) return;
    const paths = makeListing(this.length, (index) => table.pathAt(index));
    const isLawful = (_path: string, index: number): boolean => this.isLawful(index);
    const below = findPathsBelowOthers(this.areAllLawful ? paths : [...paths].filter(isLawful));
    if (below.size === 0) return;
    for (let index = 0; index < this.length; index++) {
      if (below.has(table.pathAt(index)) && this.isLawful(index))
        this.#breaches.set(index, "below-another-output");
    }
  }
}

/**
 * Whether a path begins with the whole path before it. In byte order, all paths between `a` and `a/b` begin with `a`, too: where
 * none does so, no path is below another.
 */
function doesOneContinue({ length, pathBytes, pathStarts }: FileColumns): boolean {
  for (let row = 1; row < length; row++) {
    const before = pathStarts[row - 1] ?? 0;
    const start = pathStarts[row] ?? 0;
    const size = start - before;
    if ((pathStarts[row + 1] ?? 0) - start <= size) continue;
    // From the end: there neighbours differ.
    let at = start - 1;
    while (at >= before && pathBytes[at] === pathBytes[at + size]) at--;
    if (at < before) return true;
  }
  return false;
}

/** The claims of a bundle without outputs. */
export const NO_CLAIMS: OutputClaims = new OutputClaims(new OutputTable(), { refuseColon: false });
