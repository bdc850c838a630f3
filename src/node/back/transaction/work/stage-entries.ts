/**
 * Stages everything that is put in place, and makes it durable before any name leads to it: outputs by several threads if there are
 * enough of them, the rest by this one.
 *
 * @module
 */

import type { RestoreFault } from "../../../../core/internal.ts";
import { syncFileSystem, syncWholeFileSystem } from "../../../system/files/durable-file.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { breathe, breatheAlong, Interruption } from "../../../system/runtime/interruption.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { Tally } from "../../../system/runtime/progress.ts";
import { nameOf } from "../journal/places.ts";
import { beginWork, type EntryFolder, type EntryWork, pathIn } from "./entry-work.ts";
import { faultOf } from "./fault-of.ts";
import { type Create, type MakeEntry, stageBytes, syncEntry } from "./output-file.ts";
import { workOnOutputs } from "./share-work.ts";

/**
 * Stages each file, and then each link: nothing is ever written through one. Gives the first fault in their order: with
 * RESTORE_SOURCE_MISSING, RESTORE_SOURCE_NOT_REGULAR_FILE or RESTORE_STAGING_HASH_MISMATCH. Throws an Interruption when the signal
 * fired, and what the system says.
 */
export async function stageEntries(
  work: EntryWork,
  folder: EntryFolder,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const { entries, signal } = work;
  if (entries.length === 0) return undefined;
  const done = beginWork("stage", work);
  // The manifest of a chain does not count as progress: it is not an output, and short.
  for (let index = 0; index < entries.passing; index++) await stageOwn(work, folder, index, undefined, fs);
  const fault = await workOnOutputs("stage", work, folder, done, fs);
  if (fault !== undefined) return fault;
  const failed = await stageReports(work, folder, fs);
  if (failed !== undefined) return failed;
  for (let index = entries.links; index < entries.length; index++) {
    const path = pathIn(folder, entries, index);
    createIn(folder, path, (dir, name) => dir.symlink(entries.link(index).target, name));
    await breathe(index, signal);
  }
  return undefined;
}

async function stageReports(
  work: EntryWork,
  folder: EntryFolder,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const { entries, signal } = work;
  if (entries.artifacts === entries.links) return undefined;
  const tally = new Tally(beginWork("report", work));
  for (let index = entries.artifacts; index < entries.links; index++) {
    try {
      await stageOwn(work, folder, index, tally, fs);
    } catch (thrown) {
      if (thrown instanceof Interruption) throw thrown;
      return faultOf(thrown, "VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", entries.path(index));
    }
    tally.countFile();
    tally.tell();
    await breathe(index, signal);
  }
  return undefined;
}

/** Stages a file that runseal makes. */
async function stageOwn(
  { entries, signal }: EntryWork,
  folder: EntryFolder,
  index: number,
  tally: Tally | undefined,
  fs: FileSystem,
): Promise<void> {
  const path = pathIn(folder, entries, index);
  const create: Create = (make) => createIn(folder, path, make);
  const count = (bytes: number): void => tally?.countBytes(bytes);
  await breatheAlong(stageBytes(entries.content(index), create, { count, fs }), signal);
}

function createIn<Value>({ root, taken }: EntryFolder, path: string, make: MakeEntry<Value>): Value {
  try {
    return make(root.holder(path), nameOf(path));
  } catch (thrown) {
    if (errnoOf(thrown) === "EEXIST") taken?.add(path);
    throw thrown;
  }
}

/** Makes everything durable that was staged. Throws what the system says. */
export async function syncEntries(
  work: EntryWork,
  folder: EntryFolder,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const { entries } = work;
  const { artifacts, length, links, passing } = entries;
  if (length === 0) return undefined;
  const { fd } = folder.root.dir;
  const done = beginWork("sync", work);
  const { syncWhole = syncWholeFileSystem } = fs;
  if (length > links) {
    // [link-texts] No fsync of a folder keeps the text of a link on every file system, and a link can't be opened.
    await syncWhole(fd);
  } else await syncFileSystem(fd, length);
  const tally = new Tally(done);
  const syncRange = (from: number, end: number): void => {
    for (let index = from; index < end; index++) {
      syncEntry(folder.root.addressOf(pathIn(folder, entries, index)), fs);
      tally.countFile();
      tally.tell();
    }
  };
  syncRange(0, passing);
  const fault = await workOnOutputs("sync", work, folder, done, fs);
  if (fault === undefined) syncRange(artifacts, links);
  return fault;
}
