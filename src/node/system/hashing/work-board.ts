/**
 * Working a hash board off, in any thread: small files by synchronous calls, which in Node are several times
 * faster than promises, large ones with the next block read ahead.
 *
 * @module
 */

import { AnchoredDir } from "../files/anchored-dir.ts";
import { AnchoredRoot } from "../files/anchored-root.ts";
import { nodeFileSystem } from "../files/file-system.ts";
import { pathOfComponents } from "../files/path-components.ts";
import { Tally } from "../runtime/progress.ts";
import { hasRefused } from "./byte-budget.ts";
import { countThread, type HashBoard, hasSpareCore, isCleared, takePaths } from "./hash-board.ts";
import { hashWithheld } from "./hash-withheld.ts";
import { PathHasher } from "./path-hasher.ts";

/** What is done between batches and blocks. `bytes` is the size of all files that this thread has begun. */
export type Breath = (bytes: number) => Promise<void>;

const fs = nodeFileSystem;

/** Takes paths off a board until none is left or it is cleared, breathing now and then. Throws only bugs, and what `breathe` throws. */
export async function workOffBoard(board: HashBoard, breathe: Breath): Promise<void> {
  const goesOn = (): boolean => !isCleared(board);
  await withHasher(board, breathe, goesOn, async (hasher, tally) => {
    for (const index of takePaths(board)) {
      if (index === undefined) {
        tally.tell();
        await breathe(hasher.bytes);
      } else if (!hasher.hashSmall(index)) await hasher.hashBig(index);
    }
    hasher.finishPacking();
  });
}

/**
 * Judges what the byte budgets left unread, when all threads have left the board. `untilUnexpected`: up to the first path
 * that is not as expected. Throws only bugs, and what `breathe` throws.
 */
export async function finishBudgets(
  board: HashBoard,
  breathe: Breath,
  untilUnexpected: boolean,
): Promise<void> {
  const { budgets } = board;
  if (budgets === undefined || !hasRefused(budgets)) return;
  await withHasher(
    board,
    breathe,
    () => true,
    async (hasher) => await hashWithheld(board, budgets, hasher, untilUnexpected),
  );
}

async function withHasher(
  board: HashBoard,
  breathe: Breath,
  goesOn: () => boolean,
  work: (hasher: PathHasher, tally: Tally) => Promise<void>,
): Promise<void> {
  const dir = new AnchoredDir(board.rootFd, pathOfComponents(board.rootReal), fs);
  const root = new AnchoredRoot(dir, board.rootReal);
  const tally = new Tally(board.done);
  const hasher = new PathHasher(root, board, tally, {
    goOn: async () => {
      await breathe(hasher.bytes);
      return goesOn();
    },
    readsAhead: () => hasSpareCore(board),
  });
  countThread(board, 1);
  try {
    await work(hasher, tally);
  } finally {
    countThread(board, -1);
    tally.tell();
    hasher.close();
    root.closeFolders();
  }
}
