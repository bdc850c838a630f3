/**
 * What was found of the paths on a hash board: written down in shared memory by the thread that looked, and read by the
 * one that asked.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import type { HexDigest, OutputFinding } from "../../core/index.ts";
import { DIGEST_BYTES, type ExpectedDigests, type HashBoard } from "./hash-board.ts";

const MARKS = { file: 1, missing: 2, READ_FAILED: 3, CHANGED_WHILE_READ: 4, asExpected: 5 } as const;

/** What became of a path. */
export type BoardMark = keyof typeof MARKS;

/** Paths whose findings are read at once. */
const PIECE = 1024;

/** The findings on a board, as one thread reads and writes them. */
export class BoardFindings {
  readonly #board: HashBoard;
  readonly #digests: Buffer;

  constructor(board: HashBoard) {
    this.#board = board;
    this.#digests = Buffer.from(board.digests.buffer);
  }

  /** Of the paths from `start` on, the first that is not, or not yet, as expected; and whether it is finished. */
  firstUnexpected(start: number): { readonly index: number; readonly isFinished: boolean } {
    const { length, marks } = this.#board;
    for (let index = start; index < length; index++) {
      // Looked at once: a moment later it may be as expected.
      const mark = Atomics.load(marks, index);
      if (mark !== MARKS.asExpected) return { index, isFinished: mark !== 0 };
    }
    return { index: length, isFinished: false };
  }

  /**
   * The findings of the first `count` paths, all of which are finished. A digest that is the one in `expected`, with which the
   * board was made, is given as that very text: a million of them need not be held twice.
   */
  read(count: number, expected: ExpectedDigests = []): readonly OutputFinding[] {
    const findings: OutputFinding[] = [];
    for (let start = 0; start < count; start += PIECE) {
      const end = Math.min(start + PIECE, count);
      const digestAt = this.#isPieceAsExpected(start, end) ? textsOf(expected) : this.#hexOf(start, end);
      for (let index = start; index < end; index++) findings.push(this.#readOne(index, digestAt));
    }
    return findings;
  }

  /** The digests of a piece as text, made at once: a call for each costs more than its 64 characters. */
  #hexOf(start: number, end: number): DigestAt {
    const text = this.#digests.toString("hex", start * DIGEST_BYTES, end * DIGEST_BYTES);
    return (index) => {
      const at = (index - start) * DIGEST_BYTES * 2;
      // 32 bytes in lowercase hex are a digest, and Node writes them faster than the core does.
      return text.slice(at, at + DIGEST_BYTES * 2) as HexDigest;
    };
  }

  #readOne(index: number, digestAt: DigestAt): OutputFinding {
    const mark = Atomics.load(this.#board.marks, index);
    switch (mark) {
      case MARKS.file:
      case MARKS.asExpected:
        return { kind: "file", digest: digestAt(index), bytes: this.#board.sizes[index] ?? 0 };
      case MARKS.missing:
        return { kind: "missing" };
      case MARKS.READ_FAILED:
        return { kind: "unreadable", code: "READ_FAILED" };
      case MARKS.CHANGED_WHILE_READ:
        return { kind: "unreadable", code: "CHANGED_WHILE_READ" };
      default:
        throw new TypeError(`path ${index} of the board is not finished: mark ${mark}`);
    }
  }

  /** Writes down the digest and the size of what was read at one path, and says whether that digest is the expected one. */
  note(index: number, digest: HexDigest, bytes: number): boolean {
    this.#digests.write(digest, index * DIGEST_BYTES, DIGEST_BYTES, "hex");
    this.#board.sizes[index] = bytes;
    return this.#isAsExpected(index);
  }

  /** Finishes a path, of whose file everything has been noted. The mark comes last: whoever sees it sees the rest. */
  finish(index: number, mark: BoardMark): void {
    Atomics.store(this.#board.marks, index, MARKS[mark]);
  }

  #isAsExpected(index: number): boolean {
    return this.#isPieceAsExpected(index, index + 1);
  }

  /** Whether the digests of paths that stand together are those expected. */
  #isPieceAsExpected(startIndex: number, endIndex: number): boolean {
    const { digests, expected } = this.#board;
    if (expected === undefined) return false;
    const start = startIndex * DIGEST_BYTES;
    const end = endIndex * DIGEST_BYTES;
    return timingSafeEqual(digests.subarray(start, end), expected.subarray(start, end));
  }
}

type DigestAt = (index: number) => HexDigest;

function textsOf(expected: ExpectedDigests): DigestAt {
  return (index) => {
    const digest = expected[index];
    if (digest === undefined)
      throw new TypeError(`no digest is expected of path ${index}, and none can be equal`);
    return digest;
  };
}
