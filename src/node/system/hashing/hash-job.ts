/** The job of a worker that hashes: works a shared board off. @module */

import type { HashBoard } from "./hash-board.ts";
import { workOffBoard } from "./work-board.ts";

/** Hashes files of the board until none is left or the board is cleared. */
export async function run(board: HashBoard): Promise<void> {
  await workOffBoard(board, async () => undefined);
}
