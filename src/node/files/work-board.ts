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
import { nodeFileSystem } from "./file-system.ts";
import { BIG_FILE_BYTES, hashBigFile } from "./hash-big-file.ts";
import { BoardFindings, boardPaths, type HashBoard, isCleared, takePaths } from "./hash-board.ts";
import { hashOpenFile, makeReadBuffer } from "./hash-file.ts";
import { machineReason } from "./machine-reason.ts";
import { NeighbourWalk } from "./neighbour-walk.ts";
import { type OpenSource, openSource } from "./read-source.ts";
import { Tally } from "./tally.ts";

/** What is done between batches and blocks. `bytes` is the size of all files that this thread has begun. */
export type Breath = (bytes: number) => Promise<void>;

const fs = nodeFileSystem;

/** Takes paths off a board until none is left or it is cleared, breathing now and then; `paths` are the board's. Throws only bugs, and what `breathe` throws. */
export async function workOffBoard(
  board: HashBoard,
  breathe: Breath,
  paths: readonly string[] = boardPaths(board),
): Promise<void> {
  const dir = new AnchoredDir(board.rootFd, `/${board.rootReal.join("/")}`, fs);
  const root = new AnchoredRoot(dir, board.rootReal);
  const tally = new Tally(board.done);
  const hasher = new PathHasher(root, async (bytes) => {
    tally.countBytes(bytes);
    await breathe(hasher.bytes);
    return !isCleared(board);
  });
  const findings = new BoardFindings(board);
  try {
    for (const index of takePaths(board)) {
      if (index === undefined) {
        tally.tell();
        await breathe(hasher.bytes);
        continue;
      }
      const path = paths[index] ?? "";
      const small = hasher.hashSmall(path);
      if (small?.kind === "file") tally.countBytes(small.bytes);
      const finding = small ?? (await hasher.hashBig());
      if (finding === undefined) continue;
      findings.post(index, finding);
      tally.countFile();
    }
  } finally {
    tally.tell();
    root.closeFolders();
  }
}

/** Hashes the files at lawful paths below a root, one after the other. */
class PathHasher {
  /** Bytes of the files begun so far. */
  bytes = 0;
  readonly #walk: NeighbourWalk;
  readonly #goOn: (bytes: number) => Promise<boolean>;
  readonly #buffer: Uint8Array = makeReadBuffer();
  #big: OpenSource | undefined;

  constructor(root: AnchoredRoot, goOn: (bytes: number) => Promise<boolean>) {
    this.#walk = new NeighbourWalk(root);
    this.#goOn = goOn;
  }

  /** Hashes a file; where it is large, leaves it open for `hashBig`, which must come next, and gives nothing. */
  hashSmall(path: string): OutputFinding | undefined {
    try {
      const source = openSource(this.#walk, path, fs);
      if (source === undefined) return { kind: "missing" };
      this.bytes += Number(source.before.size);
      if (source.before.size >= BIG_FILE_BYTES) {
        this.#big = source;
        return undefined;
      }
      try {
        return runSteps(hashOpenFile(source, this.#buffer, fs));
      } finally {
        fs.closeSync(source.fd);
      }
    } catch (thrown) {
      return unreadable(thrown);
    }
  }

  /** Hashes the large file that was left open. Gives nothing where nobody waits for it any more. */
  async hashBig(): Promise<OutputFinding | undefined> {
    const source = this.#big;
    if (source === undefined) throw new TypeError("no large file was left open");
    this.#big = undefined;
    try {
      try {
        return await hashBigFile(source, this.#goOn);
      } finally {
        fs.closeSync(source.fd);
      }
    } catch (thrown) {
      return unreadable(thrown);
    }
  }
}

function unreadable(thrown: unknown): OutputFinding {
  if (machineReason(thrown) === undefined) throw thrown;
  return { kind: "unreadable", code: "READ_FAILED" };
}
