/**
 * All files of a restore in the order in which they are put in place: the manifest of a chain, the outputs,
 * the result artifacts (PROTOCOL 13.5 to 13.8).
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import {
  encodeChainManifest,
  encodeRestoreManifestInPieces,
  encodeRestoreReport,
  itemAt,
  type Listing,
  makeListing,
  type PlannedRun,
  RESULT_ARTIFACTS,
  type RestorePlan,
  STAGING_PREFIX,
  targetPath,
  type VerifiedOutput,
} from "../../core/index.ts";

/** An output, and the run that it is of. */
export interface RunOutput extends VerifiedOutput {
  readonly runId: string;
}

const [MANIFEST, REPORT] = RESULT_ARTIFACTS;
const ARTIFACTS_A_RUN = RESULT_ARTIFACTS.length;

/** The files of a plan by their numbers. They are told from the plan whenever somebody asks, and held nowhere. */
export class Entries {
  readonly length: number;
  /** How many, from the first on, stand in the root only while the restore runs. */
  readonly passing: number;
  /** The index of the first result artifact. */
  readonly artifacts: number;
  /** The outputs among them, in their order. */
  readonly outputs: Listing<RunOutput>;
  readonly bytes: number;
  readonly #plan: RestorePlan;
  /** Of each run, the number of its first output among all outputs. */
  readonly #starts: readonly number[];
  /** A name that nobody can guess and nobody has: it is created exclusively all the same (H-08). */
  readonly #chainManifest = `${STAGING_PREFIX}chain_${randomUUID()}.json`;

  constructor(plan: RestorePlan) {
    const starts: number[] = [];
    let outputs = 0;
    for (const { files } of plan.runs) {
      starts.push(outputs);
      outputs += files.length;
    }
    this.#plan = plan;
    this.#starts = starts;
    this.outputs = makeListing(outputs, (index) => this.#output(index));
    this.bytes = plan.runs.reduce((sum, run) => sum + run.bytes, 0);
    this.passing = plan.chainRoot === undefined ? 0 : 1;
    this.artifacts = this.passing + outputs;
    this.length = this.artifacts + plan.runs.length * ARTIFACTS_A_RUN;
  }

  /** Where a file is to stand, relative to the restore root. */
  path(index: number): string {
    if (index < this.passing) return this.#chainManifest;
    if (index >= this.artifacts) return targetPath(this.#runOfArtifact(index), this.#artifact(index));
    const [run, place] = this.#locate(index - this.passing);
    return targetPath(run, itemAt(run.files, place).path);
  }

  /** The output that a file is a copy of; undefined where it has bytes of our own. */
  output(index: number): RunOutput | undefined {
    const isOutput = index >= this.passing && index < this.artifacts;
    return isOutput ? this.#output(index - this.passing) : undefined;
  }

  /** The bytes of a file that is no output, piece by piece. */
  content(index: number): Iterable<Uint8Array> {
    const { chainRoot, runs } = this.#plan;
    if (index < this.passing) return [encodeChainManifest(runs.map((run) => run.runId))];
    const run = this.#runOfArtifact(index);
    const isReport = this.#artifact(index) === REPORT;
    return isReport ? [encodeRestoreReport(run, chainRoot)] : encodeRestoreManifestInPieces(run.files);
  }

  #output(index: number): RunOutput {
    const [run, place] = this.#locate(index);
    // Field by field: V8 gives each object that is spread with a number in it a shape of its own, 240 bytes.
    const { bytes, digest, path } = itemAt(run.files, place);
    return { path, digest, bytes, runId: run.runId };
  }

  /** The run of an output, and the output's place in it. */
  #locate(index: number): readonly [PlannedRun, number] {
    let low = 0;
    for (let high = this.#starts.length; high - low > 1; ) {
      const middle = (low + high) >>> 1;
      if (itemAt(this.#starts, middle) <= index) low = middle;
      else high = middle;
    }
    return [itemAt(this.#plan.runs, low), index - itemAt(this.#starts, low)];
  }

  #runOfArtifact(index: number): PlannedRun {
    return itemAt(this.#plan.runs, Math.floor((index - this.artifacts) / ARTIFACTS_A_RUN));
  }

  #artifact(index: number): string {
    return (index - this.artifacts) % ARTIFACTS_A_RUN === 0 ? MANIFEST : REPORT;
  }
}

/** Those of a transaction that puts no files of a plan in place. */
export const NO_ENTRIES: Entries = new Entries({ runs: [], chainRoot: undefined });
