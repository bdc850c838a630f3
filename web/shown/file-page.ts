/** Rows of the table of files, and which of them are asked for. @module */

/** What is said about a file. */
export type FileState =
  | "as sealed"
  | "changed"
  | "missing"
  | "too large"
  | "unreadable"
  | "unlawful path"
  | "not looked at";

/** By what rows are sorted. */
export type SortKey = "state" | "path" | "size";

/** Which rows are shown, and in what order. */
export interface Arrangement {
  /** Rows whose path contains this text, in any case; all if it is empty. */
  readonly search: string;
  readonly key: SortKey;
  readonly isDescending: boolean;
}

/** What is shown at first: what is not as sealed is above. */
export const FIRST_ARRANGEMENT: Arrangement = { search: "", key: "state", isDescending: false };

/** Rows in sight. */
export interface FilePage {
  /** How many rows there are, and how many the arrangement has. */
  readonly all: number;
  readonly shown: number;
  /** The place of the first row. */
  readonly first: number;
  readonly rows: readonly FileRow[];
}

/** One row as it is shown. */
export interface FileRow {
  readonly path: string;
  readonly state: FileState;
  /** Bytes; undefined if the file was not found. */
  readonly size: number | undefined;
  /** The sealed digest, `sha256:` and 64 hex; empty if the bundle declares none. */
  readonly digest: string;
}
