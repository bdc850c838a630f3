/** The files of a bundle as rows that can be searched and sorted: columns of numbers, so that a hundred thousand cost little. @module */

import {
  declareDigest,
  type FindingKind,
  matchesDigest,
  type OutputClaim,
  quoteIfNeeded,
} from "../../src/core/internal.ts";
import type { PageCrypto } from "../crypto/page-crypto.ts";
import type { BundleReport } from "../verify/verify-bundle.ts";

/** What is said about a file. */
export type FileState =
  | "as sealed"
  | "changed"
  | "missing"
  | "too large"
  | "unreadable"
  | "unlawful path"
  | "not looked at";

/** The states in the order in which a reader wants them: what is not as sealed comes first. */
const STATES: readonly FileState[] = [
  "changed",
  "missing",
  "too large",
  "unreadable",
  "unlawful path",
  "not looked at",
  "as sealed",
];

/** By what rows are sorted. */
export type SortKey = "state" | "path" | "size";

/** One row as it is shown. */
export interface FileRow {
  readonly path: string;
  readonly state: FileState;
  /** Bytes; undefined if the file was not found. */
  readonly size: number | undefined;
  /** The sealed digest, `sha256:` and 64 hex; empty if the bundle declares none. */
  readonly digest: string;
}

/** The rows of a report. */
export class FileRows {
  readonly #report: BundleReport;
  readonly #states: Uint8Array;
  /** Paths in lower case, made at the first search. */
  #lowered: readonly string[] | undefined;
  #shown: Uint32Array;

  constructor(report: BundleReport, { port }: PageCrypto) {
    this.#report = report;
    const length = report.judged?.claims.length ?? 0;
    this.#states = new Uint8Array(length);
    for (let row = 0; row < length; row++) this.#states[row] = STATES.indexOf(this.#stateOf(row, port));
    this.#shown = Uint32Array.from({ length }, (_, row) => row);
  }

  /** How many rows are there, and how many are shown. */
  get counts(): { readonly all: number; readonly shown: number } {
    return { all: this.#states.length, shown: this.#shown.length };
  }

  /** Shows rows whose path contains a text, in an order. */
  arrange(search: string, key: SortKey, isDescending: boolean): void {
    const wanted = search.toLowerCase();
    const rows = Uint32Array.from({ length: this.#states.length }, (_, row) => row);
    const found = wanted === "" ? rows : rows.filter((row) => this.#lower(row).includes(wanted));
    // The document has its paths in byte order already, as runseal seals them.
    const isInOrder = key === "path";
    if (!isInOrder) {
      const values = key === "state" ? this.#states : this.#report.findings?.columns.sizes;
      if (values !== undefined)
        found.sort((left, right) => (values[left] ?? 0) - (values[right] ?? 0) || left - right);
    }
    this.#shown = isDescending ? found.reverse() : found;
  }

  /** The row at a place among those that are shown. */
  at(place: number): FileRow | undefined {
    const row = this.#shown[place];
    const claim = row === undefined ? undefined : this.#claim(row);
    if (row === undefined || claim === undefined) return undefined;
    const digest = claim.lawful && claim.digest !== undefined ? declareDigest(claim.digest) : "";
    const kind = this.#kind(row);
    const isFound = kind === "file" || kind === "CHANGED_WHILE_READ" || kind === "READ_FAILED";
    return {
      path: quoteIfNeeded(claim.path),
      state: STATES[this.#states[row] ?? 0] ?? "not looked at",
      size: isFound ? this.#report.findings?.columns.sizes[row] : undefined,
      digest,
    };
  }

  #claim(row: number): OutputClaim | undefined {
    return this.#report.judged?.claims.at(row);
  }

  #kind(row: number): FindingKind {
    return this.#report.findings?.kindAt(row) ?? "none";
  }

  #lower(row: number): string {
    const { claims } = this.#report.judged ?? {};
    this.#lowered ??= claims === undefined ? [] : [...claims].map(({ path }) => path.toLowerCase());
    return this.#lowered[row] ?? "";
  }

  #stateOf(row: number, port: PageCrypto["port"]): FileState {
    const claim = this.#claim(row);
    if (claim?.lawful === false) return "unlawful path";
    switch (this.#kind(row)) {
      case "none":
        return "not looked at";
      case "missing":
        return "missing";
      case "oversized":
        return "too large";
      case "READ_FAILED":
      case "CHANGED_WHILE_READ":
        return "unreadable";
      case "file": {
        const finding = this.#report.findings?.at(row);
        const isSame =
          claim?.digest !== undefined &&
          finding?.kind === "file" &&
          matchesDigest(claim.digest, finding.digest, port);
        return isSame ? "as sealed" : "changed";
      }
    }
  }
}
