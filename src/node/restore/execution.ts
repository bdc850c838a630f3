/** What the steps of a restore work with. @module */

import type { FileSystem } from "../files/file-system.ts";
import type { Progress } from "../runtime/progress.ts";
import type { WorkerPool } from "../work/worker-pool.ts";
import type { Durability } from "./journal/durability.ts";
import type { Destination } from "./target/destination.ts";
import type { Entries } from "./target/entries.ts";
import type { RunSources } from "./work/run-sources.ts";

/** What to do, from where to where. */
export interface Execution {
  readonly entries: Entries;
  /** Where the outputs of each run come from. */
  readonly sources: RunSources;
  readonly destination: Destination;
  readonly durability: Durability;
  /** Threads to share the work with; undefined where one thread does it all. */
  readonly pool: WorkerPool | undefined;
  /** Whether Node's thread pool may help one thread that does it all. */
  readonly usesPool: boolean;
  /** Who is told how far it is. */
  readonly progress: Progress | undefined;
  readonly signal: AbortSignal | undefined;
  readonly fs: FileSystem;
}
