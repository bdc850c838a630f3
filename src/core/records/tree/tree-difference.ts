/**
 * How a disk differs from a tree: facts that are kept small, and turned into failures when they are asked for.
 *
 * @module
 */

import { compareUtf8 } from "../../system/bytes/utf8.ts";
import type { ReadingCode } from "../../system/codes/codes.ts";
import type { EntryAspect, EntryKind } from "../../system/codes/tree-reasons.ts";
import { type Rejection, reject, type Undecided } from "../../system/codes/verdict.ts";
import { quote } from "../../system/paths/quote.ts";

/** One difference. */
export type TreeDifference =
  | { readonly code: "TREE_ENTRY_MISSING" | "TREE_EXTRA"; readonly path: string; readonly kind: EntryKind }
  | {
      readonly code: "TREE_ENTRY_DIFFERS";
      readonly path: string;
      readonly aspect: EntryAspect;
      readonly expected: string;
      readonly actual: string;
    }
  /** The entry can't be looked at, or changed while the caller looked: no verdict. */
  | { readonly code: ReadingCode; readonly path: string };

/** Differences by path, each path once. */
export class TreeDifferences {
  readonly #byPath = new Map<string, TreeDifference>();
  readonly #keepsAll: boolean;
  #first: TreeDifference | undefined;

  /** @param keepsAll whether more than the first difference is asked for. */
  constructor(keepsAll: boolean) {
    this.#keepsAll = keepsAll;
  }

  /** The difference whose path is the first in byte order: it decides. */
  get first(): TreeDifference | undefined {
    return this.#first;
  }

  add(difference: TreeDifference): void {
    if (this.#keepsAll && !this.#byPath.has(difference.path)) this.#byPath.set(difference.path, difference);
    const first = this.#first;
    if (first === undefined || compareUtf8(difference.path, first.path) < 0) this.#first = difference;
  }

  /** The differences in byte order of path: all of them if they were kept, else the first. */
  inOrder(): readonly TreeDifference[] {
    if (!this.#keepsAll) return this.#first === undefined ? [] : [this.#first];
    return [...this.#byPath.values()].sort((left, right) => compareUtf8(left.path, right.path));
  }
}

/** The failure of phase 11 that a difference is. */
export function treeFailure(difference: TreeDifference): Rejection | Undecided {
  const { code, path } = difference;
  switch (code) {
    case "READ_FAILED":
    case "CHANGED_WHILE_READ": {
      const what = code === "READ_FAILED" ? "can't be looked at" : "changed while it was looked at";
      const message = `the entry ${quote(path)} ${what}`;
      return { ok: false, code, phase: "tree", message, details: { path } };
    }
    case "TREE_ENTRY_DIFFERS": {
      const { actual, aspect, expected } = difference;
      return reject("tree", code, { path, aspect, expected, actual });
    }
    case "TREE_ENTRY_MISSING":
    case "TREE_EXTRA":
      return reject("tree", code, { path, kind: difference.kind });
  }
}
