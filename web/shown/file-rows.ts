/** The files of a bundle as rows that can be searched and sorted: columns of numbers, so that a hundred thousand cost little. @module */

import {
  declareDigest,
  type FindingKind,
  matchesDigest,
  type OutputClaim,
  quoteIfNeeded,
  type WebCrypto,
} from "../../src/core/internal.ts";
import type { BundleReport } from "../verify/verify-bundle.ts";
import type { Arrangement, FilePage, FileRow, FileState } from "./file-page.ts";

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

/** The rows of a report. */
export class FileRows {
  readonly #report: BundleReport;
  readonly #states: Uint8Array;
  /** Paths in lower case, made at the first search. */
  #lowered: readonly string[] | undefined;
  /** In the order of the document until a page is asked for. */
  #arrangement: Arrangement = { search: "", key: "path", isDescending: false };
  #shown: Uint32Array;

  constructor(report: BundleReport, { port }: WebCrypto) {
    this.#report = report;
    const length = report.judged?.claims.length ?? 0;
    this.#states = new Uint8Array(length);
    for (let row = 0; row < length; row++) this.#states[row] = STATES.indexOf(this.#stateOf(row, port));
    this.#shown = Uint32Array.from({ length }, (_, row) => row);
  }

  /** Some rows of an arrangement, at most as many as there are. Arranges only where the arrangement is another than before. */
  page(arrangement: Arrangement, first: number, count: number): FilePage {
    const { isDescending, key, search } = this.#arrangement;
    const isSame =
      arrangement.search === search && arrangement.key === key && arrangement.isDescending === isDescending;
    if (!isSame) this.#arrange(arrangement);
    const rows: FileRow[] = [];
    for (let place = first; place < first + count; place++) {
      const row = this.#at(place);
      if (row === undefined) break;
      rows.push(row);
    }
    return { all: this.#states.length, shown: this.#shown.length, first, rows };
  }

  #arrange(arrangement: Arrangement): void {
    const { isDescending, key, search } = arrangement;
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
    this.#arrangement = arrangement;
  }

  /** The row at a place of the arrangement. */
  #at(place: number): FileRow | undefined {
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

  #stateOf(row: number, port: WebCrypto["port"]): FileState {
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
