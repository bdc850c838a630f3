/**
 * Stages all files of a restore, and makes them durable before any name leads to them: outputs by several threads if there are
 * enough of them, the rest by this one.
 *
 * @module
 */

import type { RestoreFault } from "../../../core/internal.ts";
import { Cloner } from "../../system/files/cloner.ts";
import { syncFile, syncFileSystem, syncWholeFileSystem } from "../../system/files/durable-file.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import type { Filling } from "../../system/hashing/fill-file.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe, breatheAlong, driveSteps, Interruption } from "../../system/runtime/interruption.ts";
import { type Done, Tally } from "../../system/runtime/progress.ts";
import { faultOf } from "../transaction/fault-of.ts";
import { type Create, stageBytes, stageOutput } from "../transaction/output-file.ts";
import { beginWork, type Execution } from "./execution.ts";
import { makeFileQueue } from "./work/file-queue.ts";
import { shareWork } from "./work/share-work.ts";

/** Stages each file. Gives the first fault in their order. Throws what the system says. */
export async function stageAll(execution: Execution): Promise<RestoreFault | undefined> {
  const { pool, entries } = execution;
  const { artifacts, links, passing } = entries;
  const done = beginWork("stage", execution);
  const tally = new Tally(done);
  const fault =
    pool === undefined
      ? await stageRange(execution, 0, artifacts, tally)
      : ((await stageRange(execution, 0, passing, tally)) ?? (await stageShared(execution, done)));
  if (fault !== undefined) return fault;
  const reports = new Tally(beginWork("report", execution));
  return (await stageRange(execution, artifacts, links, reports)) ?? (await stageLinks(execution));
}

/** Stages the links after all files: in a new root, a link stands in its place at once. */
async function stageLinks({ destination, entries, signal }: Execution): Promise<RestoreFault | undefined> {
  const fault = destination.makeReadyForLinks();
  if (fault !== undefined) return fault;
  for (let index = entries.links; index < entries.length; index++) {
    const { target } = entries.link(index);
    destination.create(index, (dir, name) => dir.symlink(target, name));
    await breathe(index, signal);
  }
  return undefined;
}

async function stageShared(execution: Execution, done: Done): Promise<RestoreFault | undefined> {
  const { pool, destination, entries, signal, sources } = execution;
  if (pool === undefined) throw new TypeError("work is shared with a pool");
  const outputs = entries.shared;
  const queue = makeFileQueue(entries.outputs.length, done);
  destination.share(queue);
  const files = destination.staged();
  return shareWork({ task: "stage", queue, files, outputs, sources: sources.held }, pool, signal);
}

async function stageRange(
  execution: Execution,
  from: number,
  end: number,
  tally: Tally,
): Promise<RestoreFault | undefined> {
  const count = (bytes: number): void => tally.countBytes(bytes);
  const { fs, usesPool } = execution;
  const filling = { buffer: makeReadBuffer(), cloner: new Cloner(fs), fs, usesPool, count };
  for (let index = from; index < end; index++) {
    const fault = await stage(execution, index, filling, tally);
    if (fault !== undefined) return fault;
    await breathe(index, execution.signal);
  }
  return undefined;
}

async function stage(
  { destination, entries, fs, signal, sources }: Execution,
  index: number,
  filling: Filling,
  tally: Tally,
): Promise<RestoreFault | undefined> {
  const output = entries.output(index);
  const create: Create = (make) => destination.create(index, make);
  if (output !== undefined) {
    const source = sources.sourceOf(output.runId);
    const fault = await driveSteps(stageOutput(output, source, create, filling), signal);
    tally.countFile();
    tally.tell();
    return fault;
  }
  // The manifest of a chain does not count as progress: it is not an output, and short.
  const isReport = index >= entries.artifacts;
  const count = isReport ? filling.count : () => undefined;
  try {
    await breatheAlong(stageBytes(entries.content(index), create, { count, fs }), signal);
    if (isReport) tally.countFile();
    tally.tell();
    return undefined;
  } catch (thrown) {
    if (!isReport || thrown instanceof Interruption) throw thrown;
    return faultOf(thrown, "VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", entries.path(index));
  }
}

async function syncLinks({ syncWhole = syncWholeFileSystem }: FileSystem, folder: number): Promise<void> {
  await syncWhole(folder);
}

/** Syncs each staged file. Throws what the system says. */
export async function syncStaged(execution: Execution): Promise<RestoreFault | undefined> {
  const { pool, destination, entries, fs, signal } = execution;
  const { artifacts, length, links, outputs, passing, shared } = entries;
  const files = destination.staged();
  const done = beginWork("sync", execution);
  const tally = new Tally(done);
  if (length > links) {
    // [link-texts] No fsync of a folder keeps the text of a link on every file system, and a link can't be opened.
    await syncLinks(fs, files.fd);
  } else await syncFileSystem(files.fd, length);
  const syncRange = (from: number, end: number): void => {
    for (let index = from; index < end; index++) {
      // [staged-file] The bytes are durable before any name leads to them.
      syncFile(destination.address(index), fs);
      tally.countFile();
      tally.tell();
    }
  };
  if (pool === undefined) {
    syncRange(0, links);
    return undefined;
  }
  syncRange(0, passing);
  const queue = makeFileQueue(outputs.length, done);
  const fault = await shareWork({ task: "sync", queue, files, outputs: shared }, pool, signal);
  if (fault === undefined) syncRange(artifacts, links);
  return fault;
}
