/**
 * Staging all files of a restore: outputs by several threads where there are enough of them, the rest by this one.
 *
 * @module
 */

import type { RestoreFault } from "../../core/internal.ts";
import { Cloner } from "../files/cloner.ts";
import type { Filling } from "../hashing/fill-file.ts";
import { makeReadBuffer } from "../hashing/hash-file.ts";
import { type Done, Tally } from "../hashing/tally.ts";
import { breathe, breatheAlong, driveSteps, Interruption } from "../runtime/interruption.ts";
import type { Execution } from "./execution.ts";
import { beginWork } from "./restore-progress.ts";
import { makeFileBoard } from "./work/file-board.ts";
import { shareWork } from "./work/share-work.ts";
import { stageBytes, stageOutput } from "./work/stage-entry.ts";
import { faultOf } from "./work/step-fault.ts";

/** Stages each entry. Gives the first fault in their order. Throws what the system says. */
export async function stageAll(execution: Execution): Promise<RestoreFault | undefined> {
  const { pool, entries } = execution;
  const { artifacts, length, passing } = entries;
  const done = beginWork("stage", execution);
  const tally = new Tally(done);
  const fault =
    pool === undefined
      ? await stageRange(execution, 0, artifacts, tally)
      : ((await stageRange(execution, 0, passing, tally)) ?? (await stageShared(execution, done)));
  if (fault !== undefined) return fault;
  return await stageRange(execution, artifacts, length, new Tally(beginWork("report", execution)));
}

async function stageShared(execution: Execution, done: Done): Promise<RestoreFault | undefined> {
  const { pool, destination, entries, signal, sources } = execution;
  if (pool === undefined) throw new TypeError("work is shared with a pool");
  const outputs = entries.shared;
  const board = makeFileBoard(entries.outputs.length, done);
  destination.share(board);
  const files = destination.staged();
  return shareWork({ task: "stage", board, files, outputs, sources: sources.held }, pool, signal);
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
  const create = <Value>(make: (address: string) => Value): Value => destination.create(index, make);
  if (output !== undefined) {
    const source = sources.sourceOf(output.runId);
    const fault = await driveSteps(stageOutput(output, source, create, filling), signal);
    tally.countFile();
    tally.tell();
    return fault;
  }
  // Of the manifest of a chain nobody needs to know: it is no output, and short.
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
