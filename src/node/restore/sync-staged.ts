/**
 * Making durable what was staged, before any name leads to it.
 *
 * @module
 */

import type { RestoreFault } from "../../core/index.ts";
import { syncFile } from "../files/durable-file.ts";
import { syncFileSystem } from "../files/sync-file-system.ts";
import { Tally } from "../files/tally.ts";
import type { Execution } from "./execute.ts";
import { makeFileBoard } from "./file-board.ts";
import { beginWork } from "./restore-progress.ts";
import { shareWork } from "./share-work.ts";

/** Syncs each staged file; nothing is done where nobody asked for that. Throws what the system says. */
export async function syncStaged(execution: Execution): Promise<RestoreFault | undefined> {
  const { crew, destination, durability, entries, fs, signal } = execution;
  if (durability === "none") return undefined;
  const { length } = entries;
  const files = destination.staged(0, length);
  const done = beginWork("sync", execution);
  await syncFileSystem(files.fd, length);
  if (crew !== undefined)
    return shareWork({ task: "sync", board: makeFileBoard(length, done), files }, crew, signal);
  const tally = new Tally(done);
  for (let index = 0; index < length; index++) {
    // [staged-file] The bytes are durable before any name leads to them.
    syncFile(destination.address(index), fs);
    tally.countFile();
    tally.tell();
  }
  return undefined;
}
