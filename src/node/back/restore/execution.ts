/** What the steps of a restore use, and how they report progress. @module */

import type { RunSources } from "../../judge/source/run-sources.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import {
  type Done,
  makeDone,
  type Progress,
  type ProgressTotal,
  readDone,
} from "../../system/runtime/progress.ts";
import type { WorkerPool } from "../../system/work/worker-pool.ts";
import type { Destination } from "./target/destination.ts";
import type { Entries } from "./target/entries.ts";

/** What to do, from where to where. */
export interface Execution {
  readonly entries: Entries;
  /** Where the outputs of each run come from. */
  readonly sources: RunSources;
  readonly destination: Destination;
  /** Threads to share the work with; undefined if one thread does all of it. */
  readonly pool: WorkerPool | undefined;
  /** Whether a thread that does all of it may use Node's thread pool. */
  readonly usesPool: boolean;
  readonly progress: Progress | undefined;
  readonly signal: AbortSignal | undefined;
  readonly fs: FileSystem;
}

/** The phases of EXECUTE and VERIFY that take long. Each counts on counters of its own, which every thread can reach. */
type RestoreWork = "stage" | "report" | "sync" | "place" | "check";

/** Begins a phase, and gives the counters for its progress. */
export function beginWork(
  work: RestoreWork,
  { entries, progress }: Pick<Execution, "entries" | "progress">,
): Done {
  const done = makeDone();
  progress?.begin(work, totalOf(work, entries), () => readDone(done));
  return done;
}

/**
 * Outputs are staged and checked, reports are written, all files are synced, and all but the reports are put in place. Links take
 * so little time that they don't count.
 */
function totalOf(work: RestoreWork, entries: Entries): ProgressTotal {
  // The length of a report is not known yet.
  if (work === "report") return {};
  if (work === "sync") return { files: entries.links };
  if (work === "place") return { files: entries.artifacts };
  return { files: entries.outputs.length, bytes: entries.bytes };
}
