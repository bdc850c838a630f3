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
  KIND_NAMES,
  leafPreimage,
  type ManifestEntry,
  PERMISSIONS,
  THROUGH_LINK,
} from "../../../core/internal.ts";
import type { FollowedSource } from "../files/read-source.ts";
import type { HashBoard } from "./hash-board.ts";

/**
 * What became of a path, each by its mark on the board: the kinds of findings, a file whose digest is the expected one, and one that the
 * byte budget left unread.
 */
const MARKS: readonly (BoardMark | "none")[] = [...KIND_NAMES, "asExpected", "withheld"];
const AS_EXPECTED = MARKS.indexOf("asExpected");
const WITHHELD = MARKS.indexOf("withheld");

/** What became of a path. */
export type BoardMark = Exclude<FindingKind, "none"> | "asExpected" | "withheld";

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
    Atomics.store(this.#board.marks, index, MARKS.indexOf(mark));
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
    const mark = MARKS[Atomics.load(this.#board.marks, index)];
    return mark === "none" ? undefined : mark;
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
