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
  type HexDigest,
  itemAt,
  type Listing,
  makeListing,
  RESULT_ARTIFACTS,
  type RestorePlan,
  STAGING_PREFIX,
  targetPath,
} from "../../../core/internal.ts";
import { OutputReader, type RunOutput, type SharedOutputs, shareOutputs } from "../work/shared-outputs.ts";

const [MANIFEST, REPORT] = RESULT_ARTIFACTS;

/** A run of a restore. */
export interface RunEntries {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  /** The folder below the restore root that its files come into; empty for the root itself. */
  readonly folder: string;
  readonly files: Listing<RunOutput>;
  readonly bytes: number;
}

/** The files of a plan by their numbers. Each is made when a caller asks; only shared memory is kept. */
export class Entries {
  readonly length: number;
  /** How many, from the first on, stand in the root only while the restore runs. */
  readonly passing: number;
  /** The index of the first result artifact. */
  readonly artifacts: number;
  /** The outputs among them, in their order. */
  readonly outputs: OutputReader;
  readonly shared: SharedOutputs;
  readonly runs: readonly RunEntries[];
  /** Undefined outside a chain. */
  readonly chainRoot: HexDigest | undefined;
  readonly bytes: number;
  /** A name that can't be guessed. It is created exclusively all the same (H-08). */
  readonly #chainManifest = `${STAGING_PREFIX}chain_${randomUUID()}.json`;

  readonly #artifactsARun: number;

  /** Nothing of the plan is held, which holds the bundles' documents. Without `reports` there are no result artifacts. */
  constructor(plan: RestorePlan, reports = true) {
    this.#artifactsARun = reports ? RESULT_ARTIFACTS.length : 0;
    const { chainRoot } = plan;
    const shared = shareOutputs(plan.runs);
    const outputs = new OutputReader(shared);
    this.outputs = outputs;
    this.shared = shared;
    this.chainRoot = chainRoot;
    this.runs = plan.runs.map(({ bundleRoot, bytes, files: { length }, folder, runId }, index) => {
      const files = outputs.slice(itemAt(shared.runs, index).start, length);
      return { runId, bundleRoot, folder, files, bytes };
    });
    this.bytes = plan.runs.reduce((sum, run) => sum + run.bytes, 0);
    this.passing = chainRoot === undefined ? 0 : 1;
    this.artifacts = this.passing + outputs.length;
    this.length = this.artifacts + plan.runs.length * this.#artifactsARun;
  }

  /** Where a file is to stand, relative to the restore root. */
  path(index: number): string {
    if (index < this.passing) return this.#chainManifest;
    if (index >= this.artifacts) return targetPath(this.#runOfArtifact(index), this.#artifact(index));
    return this.outputs.target(index - this.passing);
  }

  /** Where the outputs are to stand, in their order. */
  get targets(): Listing<string> {
    const { outputs } = this;
    return makeListing(outputs.length, (index) => outputs.target(index));
  }

  /** The output that a file is a copy of; undefined where it has bytes of our own. */
  output(index: number): RunOutput | undefined {
    const isOutput = index >= this.passing && index < this.artifacts;
    return isOutput ? this.outputs.at(index - this.passing) : undefined;
  }

  /** The bytes of a file that is no output, piece by piece. */
  content(index: number): Iterable<Uint8Array> {
    if (index < this.passing) return [encodeChainManifest(this.runs.map((run) => run.runId))];
    const run = this.#runOfArtifact(index);
    const isReport = this.#artifact(index) === REPORT;
    return isReport ? [encodeRestoreReport(run, this.chainRoot)] : encodeRestoreManifestInPieces(run.files);
  }

  #runOfArtifact(index: number): RunEntries {
    return itemAt(this.runs, Math.floor((index - this.artifacts) / this.#artifactsARun));
  }

  #artifact(index: number): string {
    return (index - this.artifacts) % this.#artifactsARun === 0 ? MANIFEST : REPORT;
  }
}

/** Those of a transaction that puts no files of a plan in place. */
export const NO_ENTRIES: Entries = new Entries({ runs: [], chainRoot: undefined });
