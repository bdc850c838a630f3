/**
 * What was found of the paths on a hash board: written down in shared memory by the thread that looked, and read by the
 * one that asked.
 *
 * @module
 */

import { hash, timingSafeEqual } from "node:crypto";
import {
  DIGEST_BYTES,
  FINDING_KINDS,
  type FindingKind,
  FindingTable,
  leafPreimage,
  type ManifestEntry,
  PERMISSIONS,
  THROUGH_LINK,
} from "../../../core/internal.ts";
import type { FollowedSource } from "../files/read-source.ts";
import type { HashBoard } from "./hash-board.ts";

/** Beside the kinds of findings: a file whose digest is the expected one, and one that the byte budget left unread. */
const AS_EXPECTED = 6;
const WITHHELD = 7;

/** What became of a path. */
export type BoardMark = Exclude<FindingKind, "none"> | "asExpected" | "withheld";

const MARKS: Readonly<Record<BoardMark, number>> = {
  file: FINDING_KINDS.file,
  missing: FINDING_KINDS.missing,
  READ_FAILED: FINDING_KINDS.READ_FAILED,
  CHANGED_WHILE_READ: FINDING_KINDS.CHANGED_WHILE_READ,
  oversized: FINDING_KINDS.oversized,
  asExpected: AS_EXPECTED,
  withheld: WITHHELD,
};

const MARK_NAMES: readonly (BoardMark | undefined)[] = [
  undefined,
  "file",
  "missing",
  "READ_FAILED",
  "CHANGED_WHILE_READ",
  "oversized",
  "asExpected",
  "withheld",
];

/** The findings on a board, as one thread reads and writes them. */
export class BoardFindings {
  readonly #board: HashBoard;
  readonly #digests: Buffer;
  readonly #leaves: Buffer | undefined;

  constructor(board: HashBoard) {
    this.#board = board;
    this.#digests = Buffer.from(board.digests.buffer);
    this.#leaves = board.leaves && Buffer.from(board.leaves.buffer);
  }

  /** Of the paths from `start` on, the first that is not, or not yet, as expected; and whether it is finished. */
  firstUnexpected(start: number): { readonly index: number; readonly isFinished: boolean } {
    const { length, marks } = this.#board;
    for (let index = start; index < length; index++) {
      // Looked at once: a moment later it may be as expected.
      const mark = Atomics.load(marks, index);
      // A withheld file is judged only after all others.
      if (mark !== AS_EXPECTED) return { index, isFinished: mark !== 0 && mark !== WITHHELD };
    }
    return { index: length, isFinished: false };
  }

  /** The findings of the first `count` paths, all of which are finished. They stay on the board. */
  read(count: number): FindingTable {
    const { digests, marks, modes, sizes } = this.#board;
    const kinds = marks.slice(0, count);
    for (let index = 0; index < count; index++) {
      const mark = kinds[index];
      if (mark === 0 || mark === WITHHELD) throw new TypeError(`path ${index} of the board is not finished`);
      if (mark === AS_EXPECTED) kinds[index] = FINDING_KINDS.file;
    }
    return new FindingTable({ kinds, digests, sizes, modes: modes.subarray(0, count) });
  }

  /** Writes down the digest and the size of what was read at one path, and says whether that digest is the expected one. */
  note(index: number, entry: ManifestEntry, bytes: number): boolean {
    const place = index * DIGEST_BYTES;
    this.#digests.write(entry.digest, place, DIGEST_BYTES, "hex");
    this.#leaves?.write(hash("sha256", leafPreimage(entry), "hex"), place, DIGEST_BYTES, "hex");
    this.#board.sizes[index] = bytes;
    return this.#isAsExpected(index);
  }

  /** Finishes a path, of whose file everything has been noted. The mark comes last: a thread that sees it sees the rest. */
  finish(index: number, mark: BoardMark): void {
    Atomics.store(this.#board.marks, index, MARKS[mark]);
  }

  /** Writes down the size of a file that was opened, or for an oversized one the bytes found up to it. */
  noteSize(index: number, bytes: number): void {
    this.#board.sizes[index] = bytes;
  }

  /** Writes down the permissions of a file that was opened, and whether a link led to it. */
  noteMode(index: number, { before, isThroughLink }: FollowedSource): void {
    this.#board.modes[index] = (Number(before.mode) & PERMISSIONS) | (isThroughLink ? THROUGH_LINK : 0);
  }

  /** What became of a path; undefined while it is not finished. */
  markAt(index: number): BoardMark | undefined {
    return MARK_NAMES[Atomics.load(this.#board.marks, index)];
  }

  /** The size that was noted, 0 where none was. */
  sizeAt(index: number): number {
    return this.#board.sizes[index] ?? 0;
  }

  #isAsExpected(index: number): boolean {
    const { digests, expected } = this.#board;
    if (expected === undefined) return false;
    const start = index * DIGEST_BYTES;
    const end = start + DIGEST_BYTES;
    return timingSafeEqual(digests.subarray(start, end), expected.subarray(start, end));
  }
}
