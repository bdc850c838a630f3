/** What the steps of a transaction use for all that it puts in place, and how they report progress. @module */

import type { HeldSources } from "../../../judge/source/run-sources.ts";
import type { SourceOf } from "../../../records/store/output-source.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import {
  type Done,
  makeDone,
  type ProgressTotal,
  readDone,
  type WorkOptions,
} from "../../../system/runtime/progress.ts";
import type { WorkerPool } from "../../../system/work/worker-pool.ts";
import { type MovedFolders, placeOf } from "../journal/places.ts";
import { stagedName } from "../journal/staging.ts";
import { Entries } from "./entries.ts";

/** What is put in place, from where. */
export interface EntryWork extends WorkOptions {
  readonly entries: Entries;
  /** Where the outputs of each run come from. */
  readonly sourceOf: SourceOf;
  /** Threads to share the work with, and the sources as they reach them; undefined if one thread does all of it. */
  readonly threads: { readonly pool: WorkerPool; readonly sources: HeldSources } | undefined;
  /** Whether a thread that does all of it may use Node's thread pool. */
  readonly usesPool: boolean;
}

/** Nothing is put in place. */
export const NO_WORK: Omit<EntryWork, keyof WorkOptions> = {
  entries: new Entries({ runs: [], chainRoot: undefined }),
  sourceOf: () => ({ kindOf: () => "missing", open: () => "missing" }),
  threads: undefined,
  usesPool: false,
};

/** A folder that holds entries: under their numbers while they are staged, or at their places. */
export interface EntryFolder {
  readonly root: AnchoredRoot;
  /** Undefined where they are staged; else the real paths of folders that are behind a link. */
  readonly moved: MovedFolders | undefined;
  /** Names of new files that another process had taken: not this transaction's to remove. Undefined where all are removed. */
  readonly taken?: Set<string>;
}

/** The path of an entry below such a folder. */
export function pathIn({ moved }: EntryFolder, entries: Entries, index: number): string {
  return moved === undefined ? stagedName(index) : placeOf(entries.path(index), moved);
}

/** Begins a phase, each on counters of its own, which every thread can reach; and gives these. */
export function beginWork(
  work: "stage" | "report" | "sync" | "place" | "check",
  { entries, progress }: Pick<EntryWork, "entries" | "progress">,
): Done {
  const done = makeDone();
  progress?.begin(work, totalOf(work, entries), () => readDone(done));
  return done;
}

/**
 * Outputs are staged and checked, reports are written, all files are synced, and all but the reports are put in place. Links take
 * so little time that they don't count.
 */
function totalOf(work: Parameters<typeof beginWork>[0], entries: Entries): ProgressTotal {
  // The length of a report is not known yet.
  if (work === "report") return {};
  if (work === "sync") return { files: entries.links };
  if (work === "place") return { files: entries.artifacts };
  return { files: entries.outputs.length, bytes: entries.bytes };
}
