/**
 * Staging all files of a restore: outputs by several threads where there are enough of them, the rest by this one.
 *
 * @module
 */

import type { RestoreFault } from "../../core/index.ts";
import { makeReadBuffer } from "../files/hash-file.ts";
import { breathe, driveSteps } from "../interruption.ts";
import { outputsOf } from "./entries.ts";
import type { Execution } from "./execute.ts";
import { makeFileBoard } from "./file-board.ts";
import { shareWork } from "./share-work.ts";
import { stageBytes, stageOutput } from "./stage-entry.ts";
import { faultOf } from "./step-fault.ts";

/** Stages each entry. Gives the first fault in their order. Throws what the system says. */
export async function stageAll(execution: Execution): Promise<RestoreFault | undefined> {
  const { crew, entries } = execution;
  const { all, artifacts, passing } = entries;
  if (crew === undefined) return stageRange(execution, 0, all.length);
  return (
    (await stageRange(execution, 0, passing)) ??
    (await stageShared(execution)) ??
    (await stageRange(execution, artifacts, all.length))
  );
}

async function stageShared(execution: Execution): Promise<RestoreFault | undefined> {
  const { crew, destination, entries, signal, sources } = execution;
  if (crew === undefined) throw new TypeError("work is shared with a crew");
  const { artifacts, passing } = entries;
  const board = makeFileBoard(artifacts - passing);
  destination.share(board);
  const { fd, paths } = destination.staged();
  const files = { fd, paths: paths.slice(passing, artifacts) };
  const order = { task: "stage", board, files, outputs: outputsOf(entries), sources: sources.held } as const;
  return shareWork(order, crew, signal);
}

async function stageRange(
  execution: Execution,
  from: number,
  end: number,
): Promise<RestoreFault | undefined> {
  const buffer = makeReadBuffer();
  for (let index = from; index < end; index++) {
    const fault = await stage(execution, index, buffer);
    if (fault !== undefined) return fault;
    await breathe(index, execution.signal);
  }
  return undefined;
}

async function stage(
  { destination, entries, fs, signal, sources }: Execution,
  index: number,
  buffer: Uint8Array,
): Promise<RestoreFault | undefined> {
  const entry = entries.all[index];
  if (entry === undefined) throw new RangeError("there is no such entry");
  const { origin, path } = entry;
  const create = <Value>(make: (address: string) => Value): Value => destination.create(index, make);
  if (!(origin instanceof Uint8Array)) {
    return driveSteps(stageOutput(origin, sources.sourceOf(origin.runId), create, buffer, fs), signal);
  }
  try {
    stageBytes(origin, create, fs);
    return undefined;
  } catch (thrown) {
    if (index < entries.artifacts) throw thrown;
    return faultOf(thrown, "VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", path);
  }
}
