/**
 * Restoring one bundle, or a chain of them (PROTOCOL 13.1): the two ways in.
 *
 * @module
 */

import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { type RestoreDemand, restoreRuns } from "./restore-runs.ts";
import type { RestoreOutcome } from "./target/restore-outcome.ts";

/** What to restore, from where, and where to. */
export interface RestoreRequest extends RestoreDemand {
  /** The run directory. */
  readonly bundle: string;
}

/** Which chain to restore, from where, and where to: each run comes into a folder of its id. */
export interface RestoreChainRequest extends RestoreDemand {
  /** Run directories in the order in which the runs happened. */
  readonly bundles: readonly string[];
  /** The chain root that the caller expects, 64 lowercase hex. */
  readonly expectedRoot?: string | undefined;
}

/** Restores a bundle, all or nothing. Throws an Interruption when the signal fired and all was undone. */
export async function restoreBundle(
  request: RestoreRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RestoreOutcome> {
  return restoreRuns({ ...request, bundles: [request.bundle], isChain: false }, fs);
}

/** Restores a chain, all of it or nothing. Throws an Interruption when the signal fired and all was undone. */
export async function restoreChain(
  request: RestoreChainRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RestoreOutcome> {
  return restoreRuns({ ...request, isChain: true }, fs);
}
