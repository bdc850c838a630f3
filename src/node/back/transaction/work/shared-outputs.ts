/**
 * The outputs of a restore in memory that all its threads share: laid out once, when it was decided what is restored, so that
 * neither a thread nor a step of the restore copies anything. Nothing of the bundles is needed any more.
 *
 * @module
 */

import {
  DIGEST_BYTES,
  type HexDigest,
  itemAt,
  type Listing,
  lowerBound,
  makeListing,
  type OutputPath,
  type PlannedRun,
  TextViews,
  targetPath,
} from "../../../../core/internal.ts";
import { layOutTexts, type SharedTexts } from "../../../system/hashing/shared-texts.ts";
import type { PlacedOutput, StagedOutput } from "./output-file.ts";

/** An output, and the run that it is of. */
export interface RunOutput extends StagedOutput {
  readonly runId: string;
}

/** In place of such a mode in a column of numbers: permission bits are never so many. */
const MODE_OF_SOURCE = 0xffff;

/** What there is to know of a run beside its outputs. */
export interface SharedRun {
  readonly runId: string;
  readonly folder: string;
  /** The number of its first output among all. */
  readonly start: number;
}

/** Outputs in the order of a restore, those of a run in a row. Plain data, which can be sent to a thread. */
export interface SharedOutputs {
  /** As their bundles name them. */
  readonly paths: SharedTexts;
  /** 32 raw bytes each. */
  readonly digests: Uint8Array<SharedArrayBuffer>;
  readonly sizes: Float64Array<SharedArrayBuffer>;
  readonly modes: Uint16Array<SharedArrayBuffer>;
  /** Their numbers among the claims of their bundles. */
  readonly rows: Uint32Array<SharedArrayBuffer>;
  /** Whether the files must have these modes in their places. */
  readonly checksModes: boolean;
  readonly runs: readonly SharedRun[];
}

/** Lays out the outputs of runs. Throws TextsTooLong where their paths are more than 4 GiB. */
export function shareOutputs(planned: readonly PlannedRun[], checksModes: boolean): SharedOutputs {
  let length = 0;
  const runs = planned.map(({ files, folder, runId }): SharedRun => {
    const start = length;
    length += files.length;
    return { runId, folder, start };
  });
  const digests = new Uint8Array(new SharedArrayBuffer(length * DIGEST_BYTES));
  const sizes = new Float64Array(new SharedArrayBuffer(length * 8));
  const modes = new Uint16Array(new SharedArrayBuffer(length * 2)).fill(MODE_OF_SOURCE);
  const rows = new Uint32Array(new SharedArrayBuffer(length * 4));
  const target = Buffer.from(digests.buffer);
  let index = 0;
  for (const { files, tree } of planned) {
    if (tree !== undefined) modes.set(tree.modes, index);
    for (let place = 0; place < files.length; place++) {
      const { bytes, digest, row } = itemAt(files, place);
      target.write(digest, index * DIGEST_BYTES, DIGEST_BYTES, "hex");
      rows[index] = row;
      sizes[index++] = bytes;
    }
  }
  const paths = makeListing(length, (number) => {
    const run = runOf(runs, number);
    return itemAt(itemAt(planned, run).files, number - itemAt(runs, run).start).path;
  });
  return { paths: layOutTexts(paths), digests, sizes, modes, rows, checksModes, runs };
}

/** Which run an output is of. */
function runOf(runs: readonly SharedRun[], index: number): number {
  // As many runs as begin after the first and not behind the output: none is looked at where there is one run.
  return lowerBound(runs.length - 1, (run) => itemAt(runs, run + 1).start <= index);
}

/** What the owner of a file or folder needs to read it. */
export const OWNER_READ = 0o400;

function sealedMode(modes: Uint16Array, index: number): number | undefined {
  const mode = itemAt(modes, index);
  return mode === MODE_OF_SOURCE ? undefined : mode;
}

/** Shared outputs as one thread reads them. */
export class OutputReader {
  readonly length: number;
  readonly #shared: SharedOutputs;
  readonly #paths: TextViews;
  readonly #digests: Buffer;

  constructor(shared: SharedOutputs) {
    this.length = shared.sizes.length;
    this.#shared = shared;
    this.#paths = TextViews.in(shared.paths);
    this.#digests = Buffer.from(shared.digests.buffer);
  }

  /** An output by its number, as it was planned. Throws a RangeError beyond the last. */
  at(index: number): RunOutput {
    const { checksModes, modes, rows, runs, sizes } = this.#shared;
    const mode = sealedMode(modes, index);
    const { runId } = itemAt(runs, runOf(runs, index));
    // It was one when it was put there.
    const path = itemAt(this.#paths, index) as OutputPath;
    // Field by field: V8 gives each object that is spread with a number in it a shape of its own, 240 bytes.
    return {
      path,
      digest: this.digest(index),
      bytes: itemAt(sizes, index),
      row: itemAt(rows, index),
      runId,
      mode: mode === undefined || checksModes ? mode : mode | OWNER_READ,
    };
  }

  /** The first that its owner may not read; undefined where none has to be so. */
  get unreadable(): string | undefined {
    const { checksModes, modes } = this.#shared;
    const index = checksModes ? modes.findIndex((mode) => (mode & OWNER_READ) === 0) : -1;
    return index < 0 ? undefined : this.target(index);
  }

  /** Where it is to stand, relative to the restore root. */
  target(index: number): string {
    const { runs } = this.#shared;
    return targetPath(itemAt(runs, runOf(runs, index)), itemAt(this.#paths, index));
  }

  /** What it is known by. */
  digest(index: number): HexDigest {
    if (index < 0 || index >= this.length) throw new RangeError("there is no such output");
    const start = index * DIGEST_BYTES;
    // Cut out by one call: a view of each of a million digests would be made for nothing.
    return this.#digests.toString("hex", start, start + DIGEST_BYTES) as HexDigest;
  }

  /** What must be in its place. The path is relative to the restore root. */
  placed(index: number): PlacedOutput {
    const { checksModes, modes, sizes } = this.#shared;
    const mode = checksModes ? sealedMode(modes, index) : undefined;
    return { path: this.target(index), digest: this.digest(index), bytes: itemAt(sizes, index), mode };
  }

  /** So many outputs from a number on. */
  slice(start: number, length: number): Listing<RunOutput> {
    return makeListing(length, (index) => this.at(start + index));
  }
}
