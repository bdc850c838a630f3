/**
 * VERIFY: each output is hashed again where it stands now, not where it was staged (PROTOCOL 13.6).
 *
 * @module
 */

import type { RestoreFault } from "../../core/internal.ts";
import { makeReadBuffer } from "../hashing/hash-file.ts";
import { Tally } from "../hashing/tally.ts";
import { breathe, driveSteps } from "../runtime/interruption.ts";
import type { Execution } from "./execution.ts";
import { beginWork } from "./restore-progress.ts";
import { makeFileBoard } from "./work/file-board.ts";
import { lookAt, placedOutput } from "./work/look-at.ts";
import { shareWork } from "./work/share-work.ts";

/** Looks at each output. Gives the first fault in their order. Throws what the system says. */
export async function lookAgain(execution: Execution): Promise<RestoreFault | undefined> {
  const { pool, destination, entries, fs, signal, usesPool } = execution;
  const { outputs, passing, shared } = entries;
  const done = beginWork("check", execution);
  if (pool !== undefined) {
    const files = destination.placed();
    const board = makeFileBoard(outputs.length, done);
    return shareWork({ task: "look", board, files, outputs: shared }, pool, signal);
  }
  const tally = new Tally(done);
  const count = (bytes: number): void => tally.countBytes(bytes);
  const looking = { buffer: makeReadBuffer(), fs, usesPool, count };
  for (let index = 0; index < outputs.length; index++) {
    const open = (): number => destination.open(passing + index);
    const fault = await driveSteps(lookAt(placedOutput(outputs, index), open, looking), signal);
    if (fault !== undefined) return fault;
    tally.countFile();
    tally.tell();
    await breathe(index, signal);
  }
  return undefined;
}
