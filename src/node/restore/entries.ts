/**
 * All files of a restore in the order in which they are put in place: the manifest of a chain, the outputs,
 * the result artifacts (PROTOCOL 13.5 to 13.8).
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import {
  encodeChainManifest,
  encodeRestoreManifest,
  encodeRestoreReport,
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

/** One file of a restore. */
export interface Entry {
  /** Relative to the restore root. */
  readonly path: string;
  /** An output to copy, or bytes of our own. */
  readonly origin: RunOutput | Uint8Array;
}

/** All files, and where one part of them ends. */
export interface Entries {
  readonly all: readonly Entry[];
  /** How many, from the first on, stand in the root only while the restore runs. */
  readonly passing: number;
  /** The index of the first result artifact. */
  readonly artifacts: number;
}

/** The outputs among them, in their order. */
export function outputsOf({ all, artifacts, passing }: Entries): readonly RunOutput[] {
  return all
    .slice(passing, artifacts)
    .flatMap(({ origin }) => (origin instanceof Uint8Array ? [] : [origin]));
}

/** Lists the files of a plan. */
export function listEntries({ chainRoot, runs }: RestorePlan): Entries {
  const manifest = chainRoot === undefined ? [] : [chainManifest(runs)];
  const outputs = runs.flatMap((run) =>
    run.files.map((output): Entry => {
      // Field by field: V8 gives each object that is spread with a number in it a shape of its own, 240 bytes.
      const { bytes, digest, path } = output;
      return { path: targetPath(run, path), origin: { path, digest, bytes, runId: run.runId } };
    }),
  );
  const artifacts = runs.flatMap((run): readonly Entry[] => {
    const contents = [encodeRestoreManifest(run.files), encodeRestoreReport(run, chainRoot)];
    return RESULT_ARTIFACTS.map((name, index) => ({
      path: targetPath(run, name),
      origin: contents[index] ?? new Uint8Array(),
    }));
  });
  return {
    all: [...manifest, ...outputs, ...artifacts],
    passing: manifest.length,
    artifacts: manifest.length + outputs.length,
  };
}

/** A name that nobody can guess and nobody has: it is created exclusively all the same (H-08). */
function chainManifest(runs: readonly PlannedRun[]): Entry {
  const path = `${STAGING_PREFIX}chain_${randomUUID()}.json`;
  return { path, origin: encodeChainManifest(runs.map((run) => run.runId)) };
}
