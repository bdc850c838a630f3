/**
 * The end of a board whose byte budgets refused a file. Which files are read must not depend on threads, so this judges
 * all files again, one after the other in the order of the paths:
 *
 *     A file is oversized if it, with the files before it that are as expected, is larger than its bundle declares,
 *     or if all files read so far and this one are together larger than twice that.
 *
 * Only a bundle that is rejected comes here: its outputs are larger than it declares. All threads together read at most
 * what it declares, and this reads at most twice as much. The second limit is twice as large, so that files which
 * changed don't hide that the files after them did not.
 *
 * @module
 */

import { BoardFindings } from "./board-findings.ts";
import type { BudgetShare, ByteBudgets } from "./byte-budget.ts";
import type { HashBoard } from "./hash-board.ts";
import type { PathHasher } from "./path-hasher.ts";

/** What was found in one share so far. */
class ShareSum {
  /** Bytes of all files, read or not. */
  found = 0;
  readonly #declared: number;
  #read = 0;
  #asExpected = 0;

  constructor(declared: number) {
    this.#declared = declared;
  }

  allows(size: number): boolean {
    return this.#asExpected + size <= this.#declared && this.#read + size <= 2 * this.#declared;
  }

  count(size: number, isAsExpected: boolean): void {
    this.#read += size;
    if (isAsExpected) this.#asExpected += size;
  }
}

/**
 * Judges the files of a board that all threads have left. `untilUnexpected`: up to the first that is not as expected.
 * Throws what the hasher's pace throws.
 */
export async function hashWithheld(
  board: HashBoard,
  budgets: ByteBudgets,
  hasher: PathHasher,
  untilUnexpected: boolean,
): Promise<void> {
  const findings = new BoardFindings(board);
  let start = 0;
  for (const share of budgets.shares) {
    const end = Math.min(start + share.paths, board.length);
    const isAsExpected = await judgeShare(start, end, share, { findings, hasher, untilUnexpected });
    if (untilUnexpected && !isAsExpected) return;
    start = end;
  }
}

interface Judging {
  readonly findings: BoardFindings;
  readonly hasher: PathHasher;
  readonly untilUnexpected: boolean;
}

/** Gives whether all files of a share are as expected. */
async function judgeShare(
  start: number,
  end: number,
  { declared }: BudgetShare,
  { findings, hasher, untilUnexpected }: Judging,
): Promise<boolean> {
  const sum = new ShareSum(declared ?? Number.POSITIVE_INFINITY);
  let areAsExpected = true;
  for (let index = start; index < end; index++) {
    if (findings.markAt(index) === "withheld") await hasher.hashAgain(index, (size) => sum.allows(size));
    const size = findings.sizeAt(index);
    const mark = findings.markAt(index);
    if (mark !== "missing") sum.found += size;
    if (mark === "asExpected" || mark === "file" || mark === "CHANGED_WHILE_READ") {
      if (sum.allows(size)) sum.count(size, mark === "asExpected");
      else findings.finish(index, "oversized");
    }
    if (findings.markAt(index) === "oversized") findings.noteSize(index, sum.found);
    areAsExpected &&= findings.markAt(index) === "asExpected";
    if (untilUnexpected && !areAsExpected) return false;
  }
  return areAsExpected;
}
