/**
 * What was found at the paths of a bundle's claims.
 *
 * @module
 */

import { DIGEST_BYTES, type HexDigest, isHexDigest, parseHexAt } from "../../../system/bytes/hex.ts";
import { HexDigests } from "../../../system/bytes/hex-digests.ts";
import { itemsOf, type Listing } from "../../../system/bytes/listing.ts";
import type { ReadingCode } from "../../../system/codes/codes.ts";

/** What a caller found at the path of one lawful claim. */
export type OutputFinding =
  | { readonly kind: "file"; readonly digest: HexDigest; readonly bytes: number }
  /** No regular file there, or not without leaving the root. */
  | { readonly kind: "missing" }
  /**
   * Not read, because the outputs are larger than the binding declares (PROTOCOL 8, phase 9). `foundBytes` counts the
   * bytes of all regular files up to and including this one, in the order of the document.
   */
  | { readonly kind: "oversized"; readonly foundBytes: number }
  /** The file exists, but its bytes could not be read in one state: no verdict. */
  | { readonly kind: "unreadable"; readonly code: ReadingCode };

/** Findings by the claims' index in the document; nothing for a claim that is not lawful. An array is one, and so is a table. */
export interface OutputFindings extends Listing<OutputFinding | undefined> {
  /** The same in columns, where a caller has them: they are not copied. */
  readonly columns?: FindingColumns;
}

/** What stands for each kind of finding in the column of kinds. */
export const FINDING_KINDS = {
  none: 0,
  file: 1,
  missing: 2,
  READ_FAILED: 3,
  CHANGED_WHILE_READ: 4,
  oversized: 5,
} as const;

/** A kind of finding in a word. */
export type FindingKind = keyof typeof FINDING_KINDS;

/** The kinds of findings by what stands for them. */
export const KIND_NAMES = [
  "none",
  "file",
  "missing",
  "READ_FAILED",
  "CHANGED_WHILE_READ",
  "oversized",
] as const;

/** The columns, in the order of the paths. Threads may share them. */
export interface FindingColumns {
  /** One of `FINDING_KINDS` for each path. */
  readonly kinds: Uint8Array;
  /** 32 raw bytes for each path; of a file, its digest. */
  readonly digests: Uint8Array;
  /** The bytes of a file. For an oversized output, `foundBytes` of its finding. */
  readonly sizes: Float64Array;
  /** The `PERMISSIONS` of a file, and `THROUGH_LINK`; absent where they were not looked at. */
  readonly modes?: Uint16Array | undefined;
}

/** Findings in columns. A finding is made when it is asked for: a million as objects would take a hundred megabytes. */
export class FindingTable implements OutputFindings {
  readonly length: number;
  readonly columns: FindingColumns;
  readonly #hex: HexDigests;

  constructor(columns: FindingColumns) {
    this.length = columns.kinds.length;
    this.columns = columns;
    this.#hex = new HexDigests(columns.digests);
  }

  /** The findings of a caller in columns. */
  static of(findings: OutputFindings): FindingTable {
    return new FindingTable(findings.columns ?? columnsOf(findings));
  }

  /** Findings for `length` claims, of which only those in `ranges` were looked at: they stand one behind the other in this table. */
  spread(ranges: Iterable<readonly [number, number]>, length: number): FindingTable {
    const modes = this.columns.modes && new Uint16Array(length);
    const spread: FindingColumns = { ...makeFindings(length), modes };
    let start = 0;
    for (const [from, to] of ranges) {
      const { digests, kinds, modes, sizes } = this.slice(start, start + to - from).columns;
      spread.kinds.set(kinds, from);
      spread.digests.set(digests, from * DIGEST_BYTES);
      spread.sizes.set(sizes, from);
      if (modes !== undefined) spread.modes?.set(modes, from);
      start += to - from;
    }
    return new FindingTable(spread);
  }

  /** The kind of a finding. */
  kindAt(index: number): FindingKind {
    return KIND_NAMES[this.columns.kinds[index] ?? 0] ?? "none";
  }

  at(index: number): OutputFinding | undefined {
    const kind = this.kindAt(index);
    switch (kind) {
      case "none":
        return undefined;
      case "file":
        return { kind, digest: this.#hex.at(index), bytes: this.columns.sizes[index] ?? 0 };
      case "missing":
        return { kind };
      case "oversized":
        return { kind, foundBytes: this.columns.sizes[index] ?? 0 };
      case "READ_FAILED":
      case "CHANGED_WHILE_READ":
        return { kind: "unreadable", code: kind };
    }
  }

  [Symbol.iterator](): Generator<OutputFinding | undefined, undefined> {
    return itemsOf(this.length, (index) => this.at(index));
  }

  /** The findings from `start` up to `end`, in the same columns. */
  slice(start: number, end: number): FindingTable {
    const { digests, kinds, modes, sizes } = this.columns;
    return new FindingTable({
      kinds: kinds.subarray(start, end),
      digests: digests.subarray(start * DIGEST_BYTES, end * DIGEST_BYTES),
      sizes: sizes.subarray(start, end),
      modes: modes?.subarray(start, end),
    });
  }

  /** The digests of the paths from `start` up to `end`, 32 raw bytes each, where a file was found at each of them. */
  digestsOfFiles(start: number, end: number): Uint8Array | undefined {
    const { digests, kinds } = this.columns;
    for (let index = start; index < end; index++) if (kinds[index] !== FINDING_KINDS.file) return undefined;
    return digests.subarray(start * DIGEST_BYTES, end * DIGEST_BYTES);
  }

  /** Bytes of all files together. */
  get bytes(): number {
    const { kinds, sizes } = this.columns;
    let sum = 0;
    for (let index = 0; index < kinds.length; index++) {
      if (kinds[index] === FINDING_KINDS.file) sum += sizes[index] ?? 0;
    }
    return sum;
  }
}

/** Columns for so many paths, at none of which anything was looked at. Without modes. */
export function makeFindings(length: number): FindingColumns {
  return {
    kinds: new Uint8Array(length),
    digests: new Uint8Array(length * DIGEST_BYTES),
    sizes: new Float64Array(length),
  };
}

function columnsOf(findings: OutputFindings): FindingColumns {
  const columns = makeFindings(findings.length);
  const { digests, kinds, sizes } = columns;
  for (let index = 0; index < findings.length; index++) {
    const finding = findings.at(index);
    if (finding === undefined) continue;
    if (finding.kind === "oversized") sizes[index] = finding.foundBytes;
    if (finding.kind === "file") {
      sizes[index] = finding.bytes;
      const place = index * DIGEST_BYTES;
      // A file without a digest counts as missing: in the columns it would look like a digest of zeros.
      if (!isHexDigest(finding.digest) || !parseHexAt(finding.digest, 0, digests, place, DIGEST_BYTES))
        continue;
    }
    kinds[index] = FINDING_KINDS[finding.kind === "unreadable" ? finding.code : finding.kind];
  }
  return columns;
}
