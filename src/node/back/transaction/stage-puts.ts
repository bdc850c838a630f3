/**
 * Stages what is put in place. All of it is durable before the journal is.
 *
 * @module
 */

import { itemAt, type OutputPath, type PlannedPut, type RestoreFault } from "../../../core/internal.ts";
import type { OutputSource } from "../../records/store/output-source.ts";
import type { StoredObjects } from "../../records/store/stored-objects.ts";
import { Cloner } from "../../system/files/cloner.ts";
import { syncFile, syncFileSystem, syncWholeFileSystem } from "../../system/files/durable-file.ts";
import type { Filling } from "../../system/hashing/fill-file.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../system/runtime/interruption.ts";
import { beginFiles } from "./begin-files.ts";
import { stagedName } from "./journal/staging.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import { type Create, stageOutput } from "./output-file.ts";

/** Where the bytes of files come from, by their digests: a project's store. They are hashed as they are staged. */
export type ObjectSource = Pick<StoredObjects, "kindOf" | "open">;

/** Without a store: nothing has to be put in place. */
export const NO_OBJECTS: ObjectSource = { kindOf: () => "missing", open: () => "missing" };

/** A put whose state is that of a file. */
type FilePut = PlannedPut & { readonly state: { readonly kind: "file" } };

/**
 * Stages each file and each link. Fails with RESTORE_SOURCE_MISSING, RESTORE_SOURCE_NOT_REGULAR_FILE or
 * RESTORE_STAGING_HASH_MISMATCH. Throws an Interruption when the signal fired, and what the system says.
 */
export async function stagePuts({
  fs,
  plan: { puts },
  request: { objects, progress, signal },
  staging,
}: OpenTransaction): Promise<RestoreFault | undefined> {
  if (puts.length === 0) return undefined;
  const files = puts.filter(isFile);
  const bytes = files.reduce((sum, { state }) => sum + state.bytes, 0);
  const tally = beginFiles(progress, "stage", { files: files.length, bytes });
  const count = (read: number): void => tally.countBytes(read);
  const filling = { buffer: makeReadBuffer(), cloner: new Cloner(fs), fs, usesPool: false, count };
  for (let index = 0; index < puts.length; index++) {
    const { path, state } = itemAt(puts, index);
    const name = stagedName(index);
    if (state.kind === "link") staging.dir.symlink(state.target, name);
    else {
      const create: Create = (make) => make(staging.dir, name);
      const fault = await stageFile({ path, state }, create, objects, filling, signal);
      if (fault !== undefined) return fault;
      tally.countFile();
      tally.tell();
    }
    await breathe(index, signal);
  }
  return undefined;
}

function stageFile(
  { path, state }: FilePut,
  create: Create,
  objects: ObjectSource,
  filling: Filling,
  signal: AbortSignal | undefined,
): Promise<RestoreFault | undefined> {
  const source: OutputSource = {
    kindOf: ({ digest }) => objects.kindOf(digest),
    open: ({ digest }) => objects.open(digest),
  };
  const { bytes, digest, mode } = state;
  // A path of a plan obeys the law of paths; only its words are used here.
  const output = { path: path as OutputPath, digest, bytes, mode, row: 0 };
  return driveSteps(stageOutput(output, source, create, filling), signal);
}

function isFile(put: PlannedPut): put is FilePut {
  return put.state.kind === "file";
}

/** Makes what was staged durable. Throws what the system says. */
export async function syncPuts({
  fs,
  plan: { puts },
  request,
  staging,
}: OpenTransaction): Promise<undefined> {
  if (puts.length === 0) return undefined;
  const files = puts.filter(isFile).length;
  const tally = beginFiles(request.progress, "sync", { files });
  const { syncWhole = syncWholeFileSystem } = fs;
  if (puts.length > files) {
    // [link-texts] No fsync of a folder keeps the text of a link on every file system, and a link can't be opened.
    await syncWhole(staging.dir.fd);
  } else await syncFileSystem(staging.dir.fd, files);
  for (let index = 0; index < files; index++) {
    // [staged-file] The bytes are durable before any name leads to them.
    syncFile(staging.address(stagedName(index)), fs);
    tally.countFile();
    tally.tell();
  }
  return undefined;
}
