/** The runs of a repository that have a file: by the names of their blobs and the indexes of their packs. @module */

import { type HexDigest, ok, type Result } from "../../../core/internal.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { isBrokenContent } from "../registry/malformed.ts";
import type { Repository } from "../registry/repository.ts";
import { inLanes } from "./in-lanes.ts";
import type { FoundRun } from "./open-carried.ts";
import { namesContent } from "./read-records.ts";

/** The runs that have a file, in the order in which they were given. */
export interface RunsWithFile {
  readonly runs: readonly FoundRun[];
  /** Runs whose indexes are broken or gone. */
  readonly broken: number;
}

/** Finds the runs that name a file of that digest. Nothing is checked. Fails as the repository does. Throws an Interruption. */
export async function runsWithFile(
  repository: Repository,
  runs: readonly FoundRun[],
  digest: HexDigest,
  signal: AbortSignal | undefined,
): Promise<Result<RunsWithFile, OperationFault>> {
  const naming = new Set<FoundRun>();
  let broken = 0;
  const fault = await inLanes(runs, async (run) => {
    const named = await namesContent(repository, run.layers, digest, signal);
    if (named.ok && named.value) naming.add(run);
    if (named.ok) return undefined;
    if (!isBrokenContent(named)) return named;
    broken++;
    return undefined;
  });
  return fault ?? ok({ runs: runs.filter((run) => naming.has(run)), broken });
}
