/**
 * Packs runs into an archive, with the bytes of their outputs: `runseal push` (PROTOCOL 20).
 *
 * @module
 */

import {
  type HexDigest,
  ok,
  type Rejection,
  type Result,
  type SignerIdentity,
} from "../../../core/internal.ts";
import type { SourceName } from "../../records/store/output-source.ts";
import { throwIfInterrupted } from "../../system/runtime/interruption.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { WorkerPool } from "../../system/work/worker-pool.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import { type ChosenRun, chooseBytes } from "./choose-bytes.ts";
import { type PackPlace, readPackedRun } from "./packed-run.ts";
import { refuseTaken, writeFile } from "./place-archive.ts";
import type { TakePiece } from "./sealed-bytes.ts";
import { writeArchive } from "./write-archive.ts";

/** What to pack, and where to. */
export interface PackRequest extends WorkOptions {
  /** At least one, in the order of the archive; no run id twice. */
  readonly places: readonly PackPlace[];
  /** The file to make, or what takes the bytes of the archive instead. */
  readonly out: string | TakePiece;
  readonly jobs?: number | undefined;
}

/** A run of an archive. */
export interface PackedRunFacts {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  readonly files: number;
}

/** An archive that was made. */
export interface PackedArchive {
  readonly runs: readonly PackedRunFacts[];
  /** Bytes and SHA-256 of the archive. */
  readonly bytes: number;
  readonly sha256: HexDigest;
}

/**
 * Packs runs. Their signatures must hold; whether their signers are trusted is the reader's question. Fails as `readPackedRun` and
 * `chooseBytes` do, and with FILE_EXISTS, before anything is written; then with CHANGED_WHILE_READ, READ_FAILED or WRITE_FAILED. A
 * file is whole or not there. Throws an Interruption, and what a taker throws.
 */
export async function packRuns(
  request: PackRequest,
): Promise<Result<PackedArchive, OperationFault | Rejection>> {
  const { out } = request;
  const taken = typeof out === "string" ? refuseTaken(out) : undefined;
  if (taken !== undefined) return taken;
  const chosen = await chooseRuns(request);
  if (!chosen.ok) return chosen;
  if (typeof out !== "string") return await write(chosen.value, out, request);
  return await writeFile(out, (take) => write(chosen.value, take, request));
}

async function chooseRuns(
  request: PackRequest,
): Promise<Result<readonly ChosenRun[], OperationFault | Rejection>> {
  const { jobs, places, progress, signal } = request;
  // Only the newest of several runs has its outputs below the root.
  const order: readonly SourceName[] = places.length === 1 ? ["root", "store"] : ["store", "root"];
  const pool = new WorkerPool(jobs);
  try {
    const runs: ChosenRun[] = [];
    for (const place of places) {
      throwIfInterrupted(signal);
      const run = readPackedRun(place);
      if (!run.ok) return run;
      const chosen = await chooseBytes(run.value, { jobs, order, pool, progress, signal });
      if (!chosen.ok) return chosen;
      runs.push({ run: run.value, chosen: chosen.value });
    }
    return ok(runs);
  } finally {
    pool.dismiss();
  }
}

async function write(
  runs: readonly ChosenRun[],
  take: TakePiece,
  { progress, signal }: PackRequest,
): Promise<Result<PackedArchive, OperationFault>> {
  const writer = new ArchiveWriter(take);
  const done = await writeArchive(runs, writer, { progress, signal });
  if (!done.ok) return done;
  const sha256 = await writer.end();
  return ok({ runs: runs.map(factsOf), bytes: writer.bytes, sha256 });
}

function factsOf({ run }: ChosenRun): PackedRunFacts {
  const { bundleRoot, claims, opened, signer } = run.candidate;
  return { runId: opened.runId, bundleRoot, signer, files: claims.length };
}
