/**
 * The board on which threads share the hashing of many files: one counter hands out batches of paths,
 * and each finding is written in its path's place. Plain shared memory: nothing is sent per file.
 *
 * @module
 */

import { digestToHex, type OutputFinding } from "../../core/index.ts";
import type { Steps } from "../interruption.ts";
import { AnchoredDir } from "./anchored-dir.ts";
import { AnchoredRoot } from "./anchored-root.ts";
import { nodeFileSystem } from "./file-system.ts";
import { hashFile, makeReadBuffer } from "./hash-file.ts";

/** Paths taken at once: neighbours share folders, and the counter is touched seldom. */
const BATCH = 64;

/** What a thread needs to take part. Descriptors belong to the process: every thread uses the same root. */
export interface HashBoard {
  readonly rootFd: number;
  readonly rootReal: readonly string[];
  readonly paths: readonly string[];
  /** Next index at [0]; 1 at [1] once the board is cleared. */
  readonly next: Int32Array<SharedArrayBuffer>;
  /** One of the marks below for each path; 0 while nobody has looked. */
  readonly marks: Uint8Array<SharedArrayBuffer>;
  /** 32 bytes for each path. */
  readonly digests: Uint8Array<SharedArrayBuffer>;
  readonly sizes: Float64Array<SharedArrayBuffer>;
}

const MARKS = { file: 1, missing: 2, READ_FAILED: 3, CHANGED_WHILE_READ: 4 } as const;

/** Lays out a board for paths below a root. */
export function makeHashBoard(root: AnchoredRoot, paths: readonly string[]): HashBoard {
  return {
    rootFd: root.dir.fd,
    rootReal: root.real,
    paths,
    next: new Int32Array(new SharedArrayBuffer(8)),
    marks: new Uint8Array(new SharedArrayBuffer(paths.length)),
    digests: new Uint8Array(new SharedArrayBuffer(paths.length * 32)),
    sizes: new Float64Array(new SharedArrayBuffer(paths.length * 8)),
  };
}

/** Takes batches off a board until none is left or it is cleared, with a pause now and then. */
export function* workOffBoard(board: HashBoard): Steps<void> {
  const dir = new AnchoredDir(board.rootFd, `/${board.rootReal.join("/")}`, nodeFileSystem);
  const root = new AnchoredRoot(dir, board.rootReal);
  const buffer = makeReadBuffer();
  try {
    for (;;) {
      const start = Atomics.add(board.next, 0, BATCH);
      if (start >= board.paths.length) return;
      for (const [offset, path] of board.paths.slice(start, start + BATCH).entries()) {
        post(board, start + offset, yield* hashFile(root, path, buffer));
      }
      yield;
    }
  } finally {
    root.closeFolders();
  }
}

/** Hands out nothing more: whoever works on the board stops at his next pause. */
export function clearBoard(board: HashBoard): void {
  Atomics.store(board.next, 0, board.paths.length);
  Atomics.store(board.next, 1, 1);
}

/** Whether nobody waits for what is still being worked on. */
export function isCleared(board: HashBoard): boolean {
  return Atomics.load(board.next, 1) === 1;
}

/** Reads the finding of one path, or `undefined` where nobody has looked. */
export function readBoard(board: HashBoard, index: number): OutputFinding | undefined {
  switch (board.marks[index]) {
    case MARKS.file: {
      const digest = digestToHex(board.digests.subarray(index * 32, index * 32 + 32));
      return { kind: "file", digest, bytes: board.sizes[index] ?? 0 };
    }
    case MARKS.missing:
      return { kind: "missing" };
    case MARKS.READ_FAILED:
      return { kind: "unreadable", code: "READ_FAILED" };
    case MARKS.CHANGED_WHILE_READ:
      return { kind: "unreadable", code: "CHANGED_WHILE_READ" };
    default:
      return undefined;
  }
}

function post(board: HashBoard, index: number, finding: OutputFinding): void {
  if (finding.kind === "file") {
    board.digests.set(Buffer.from(finding.digest, "hex"), index * 32);
    board.sizes[index] = finding.bytes;
  }
  board.marks[index] = finding.kind === "unreadable" ? MARKS[finding.code] : MARKS[finding.kind];
}
