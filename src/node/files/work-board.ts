/**
 * Working a hash board off, in any thread: small files by synchronous calls, which in Node are several times
 * faster than promises, large ones with the next block read ahead.
 *
 * @module
 */

import type { OutputFinding } from "../../core/index.ts";
import { runSteps } from "../interruption.ts";
import { AnchoredDir } from "./anchored-dir.ts";
import { AnchoredRoot } from "./anchored-root.ts";
import { BoardFindings, type BoardMark } from "./board-findings.ts";
import { nodeFileSystem } from "./file-system.ts";
import { BIG_FILE_BYTES, type BigFilePace, hashBigFile } from "./hash-big-file.ts";
import { countThread, type HashBoard, hasSpareCore, isCleared, readPaths, takePaths } from "./hash-board.ts";
import { digestOfBlock, hashOpenFile, makeReadBuffer, readSmallFile } from "./hash-file.ts";
import { machineReason } from "./machine-reason.ts";
import { NeighbourWalk } from "./neighbour-walk.ts";
import { isUnchanged, type OpenSource, openSource } from "./read-source.ts";
import { Tally } from "./tally.ts";

/** What is done between batches and blocks. `bytes` is the size of all files that this thread has begun. */
export type Breath = (bytes: number) => Promise<void>;

const fs = nodeFileSystem;

/** Takes paths off a board until none is left or it is cleared, breathing now and then. Throws only bugs, and what `breathe` throws. */
export async function workOffBoard(board: HashBoard, breathe: Breath): Promise<void> {
  const dir = new AnchoredDir(board.rootFd, `/${board.rootReal.join("/")}`, fs);
  const root = new AnchoredRoot(dir, board.rootReal);
  const paths = readPaths(board);
  const tally = new Tally(board.done);
  const hasher = new PathHasher(root, new BoardFindings(board), tally, {
    goOn: async () => {
      await breathe(hasher.bytes);
      return !isCleared(board);
    },
    readsAhead: () => hasSpareCore(board),
  });
  countThread(board, 1);
  try {
    for (const index of takePaths(board)) {
      if (index === undefined) {
        tally.tell();
        await breathe(hasher.bytes);
      } else if (!hasher.hashSmall(paths.at(index), index)) await hasher.hashBig(index);
    }
  } finally {
    countThread(board, -1);
    tally.tell();
    root.closeFolders();
  }
}

let buffer: Uint8Array | undefined;

/** One for all boards of this thread, of which a long chain has hundreds: nothing is awaited while it holds a file. */
function readBuffer(): Uint8Array {
  buffer ??= makeReadBuffer();
  return buffer;
}

/** Hashes the files at lawful paths below a root, one after the other, and writes down what it finds. */
class PathHasher {
  /** Bytes of the files begun so far. */
  bytes = 0;
  readonly #walk: NeighbourWalk;
  readonly #findings: BoardFindings;
  readonly #tally: Tally;
  readonly #pace: BigFilePace;
  readonly #buffer: Uint8Array = readBuffer();
  #big: { readonly source: OpenSource; readonly path: string } | undefined;

  constructor(root: AnchoredRoot, findings: BoardFindings, tally: Tally, pace: BigFilePace) {
    this.#walk = new NeighbourWalk(root);
    this.#findings = findings;
    this.#tally = tally;
    this.#pace = pace;
  }

  /** Hashes a file and gives true; where it is large, leaves it open for `hashBig`, which must come next. */
  hashSmall(path: string, index: number): boolean {
    try {
      const source = openSource(this.#walk, path, fs);
      if (source === undefined) this.#findings.finish(index, "missing");
      else {
        const size = Number(source.before.size);
        this.bytes += size;
        if (size >= BIG_FILE_BYTES) {
          this.#big = { source, path };
          return false;
        }
        this.#findings.finish(index, this.#hashOpen(source, path, size, index));
        this.#tally.countBytes(size);
      }
    } catch (thrown) {
      this.#finishUnreadable(thrown, index);
    }
    this.#tally.countFile();
    return true;
  }

  #hashOpen(source: OpenSource, path: string, size: number, index: number): BoardMark {
    try {
      if (size >= this.#buffer.length) {
        return this.#note(index, path, runSteps(hashOpenFile(source, this.#buffer, fs)));
      }
      const block = readSmallFile(source, this.#buffer, fs);
      const isAsSealed = this.#findings.note(index, { path, digest: digestOfBlock(block) }, block.length);
      // Whoever has read what was sealed, and all of it that was there, need not ask whether it changed. But a file that grew
      // to be what was sealed only while it was read was never that file.
      if (isAsSealed && block.length === size) return "asExpected";
      return isUnchanged(source, block.length, fs) ? "file" : "CHANGED_WHILE_READ";
    } finally {
      fs.closeSync(source.fd);
    }
  }

  /** Hashes the large file that was left open. Writes nothing down where nobody waits for it any more. */
  async hashBig(index: number): Promise<void> {
    if (this.#big === undefined) throw new TypeError("no large file was left open");
    const { path, source } = this.#big;
    this.#big = undefined;
    try {
      const finding = await this.#readBig(source);
      if (finding === undefined) return;
      this.#findings.finish(index, this.#note(index, path, finding));
    } catch (thrown) {
      this.#finishUnreadable(thrown, index);
    }
    this.#tally.countFile();
  }

  async #readBig(source: OpenSource): Promise<OutputFinding | undefined> {
    try {
      const { goOn, readsAhead } = this.#pace;
      return await hashBigFile(source, {
        goOn: (bytes) => {
          this.#tally.countBytes(bytes);
          return goOn(bytes);
        },
        readsAhead,
      });
    } finally {
      fs.closeSync(source.fd);
    }
  }

  #note(index: number, path: string, finding: OutputFinding): BoardMark {
    if (finding.kind === "unreadable") return finding.code;
    if (finding.kind === "missing") return "missing";
    return this.#findings.note(index, { path, digest: finding.digest }, finding.bytes)
      ? "asExpected"
      : "file";
  }

  #finishUnreadable(thrown: unknown, index: number): void {
    if (machineReason(thrown) === undefined) throw thrown;
    this.#findings.finish(index, "READ_FAILED");
  }
}
