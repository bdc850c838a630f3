/**
 * Making durable what was staged, before any name leads to it.
 *
 * @module
 */

import type { RestoreFault } from "../../core/internal.ts";
import { syncFile } from "../files/durable-file.ts";
import { syncFileSystem } from "../files/sync-file-system.ts";
import { Tally } from "../hashing/tally.ts";
import type { Execution } from "./execution.ts";
import { beginWork } from "./restore-progress.ts";
import { makeFileBoard } from "./work/file-board.ts";
import { shareWork } from "./work/share-work.ts";

/** Syncs each staged file; nothing is done where nobody asked for that. Throws what the system says. */
export async function syncStaged(execution: Execution): Promise<RestoreFault | undefined> {
  const { pool, destination, durability, entries, fs, signal } = execution;
  if (durability === "none") return undefined;
  const { artifacts, length, outputs, passing, shared } = entries;
  const files = destination.staged();
  const done = beginWork("sync", execution);
  const tally = new Tally(done);
  await syncFileSystem(files.fd, length);
  const syncRange = (from: number, end: number): void => {
    for (let index = from; index < end; index++) {
      // [staged-file] The bytes are durable before any name leads to them.
      syncFile(destination.address(index), fs);
      tally.countFile();
      tally.tell();
    }
  };
  if (pool === undefined) {
    syncRange(0, length);
    return undefined;
  }
  syncRange(0, passing);
  const board = makeFileBoard(outputs.length, done);
  const fault = await shareWork({ task: "sync", board, files, outputs: shared }, pool, signal);
  if (fault === undefined) syncRange(artifacts, length);
  return fault;
}
