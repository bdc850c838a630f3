/**
 * How far a restore is: each phase counts on counters of its own, which every thread can reach.
 *
 * @module
 */

import { type Done, makeDone, readDone } from "../hashing/tally.ts";
import type { Progress, ProgressTotal } from "../runtime/progress.ts";
import type { Entries } from "./target/entries.ts";

/** The phases of EXECUTE and VERIFY that take long. */
export type RestoreWork = "stage" | "report" | "sync" | "place" | "check";

/** A restore of which somebody may want to know how far it is. */
export interface Watched {
  readonly entries: Entries;
  readonly progress: Progress | undefined;
}

/** Says that a phase begins, and gives where to count what is done in it. */
export function beginWork(work: RestoreWork, { entries, progress }: Watched): Done {
  const done = makeDone();
  progress?.begin(work, totalOf(work, entries), () => readDone(done));
  return done;
}

/** Outputs are staged and checked, reports are written, all files are synced, and those that are no report are put in place. */
function totalOf(work: RestoreWork, entries: Entries): ProgressTotal {
  // How long a report will be nobody has said yet.
  if (work === "report") return {};
  if (work === "sync") return { files: entries.length };
  if (work === "place") return { files: entries.artifacts };
  return { files: entries.outputs.length, bytes: entries.bytes };
}
