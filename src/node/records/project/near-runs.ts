/**
 * The run ids of a project that resemble one that it does not have.
 *
 * @module
 */

import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { attempt } from "../../system/runtime/machine-reason.ts";
import { pulledFolderOf, runsFolderOf } from "./project-names.ts";

/** Most names that are listed. */
const MOST_NAMES = 10;

/** Most entries that are read: a list in an error message is not worth more. */
const MOST_READ = 100_000;

/** Some run ids, and how many others there are. */
export interface NearRuns {
  readonly names: readonly string[];
  readonly more: number;
}

/** Lists the run ids that begin most like the wanted one. A folder that can't be read has none. */
export function nearRuns(root: string, wanted: string): NearRuns {
  return nearest([...readRunIds(runsFolderOf(root)), ...readRunIds(pulledFolderOf(root))], wanted);
}

/** The run ids that begin most like the wanted one. */
export function nearest(runIds: readonly string[], wanted: string): NearRuns {
  const near = runIds
    .map((runId) => ({ runId, shared: sharedBeginning(runId, wanted) }))
    .sort((left, right) => right.shared - left.shared || (left.runId < right.runId ? -1 : 1))
    .slice(0, MOST_NAMES);
  return { names: near.map(({ runId }) => runId), more: runIds.length - near.length };
}

function sharedBeginning(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

/** The names of the bundles in a folder of them, in no order. A folder that can't be read has none. */
export function readRunIds(folder: string): readonly string[] {
  const runIds: string[] = [];
  attempt(() => {
    using runs = AnchoredDir.open(folder);
    let read = 0;
    for (const entry of runs.entries()) {
      const mayBeRun = entry.isDirectory() || entry.isSymbolicLink();
      if (mayBeRun && !entry.name.startsWith(".")) runIds.push(entry.name);
      if (++read === MOST_READ) break;
    }
  });
  return runIds;
}
