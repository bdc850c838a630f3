/** A transaction that is to end, in its own process or in a recovery. @module */

import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import type { OwnFolder } from "../../system/files/made-entry.ts";
import type { Journal } from "./journal/journal.ts";
import type { Staging } from "./journal/staging.ts";

/** A transaction that is to end. */
export interface EndingTransaction {
  readonly root: AnchoredRoot;
  readonly staging: Staging;
  /** Undefined before it was written. */
  readonly journal: Journal | undefined;
  /** The folders of the journal, if this process made them; undefined in a recovery. */
  readonly made: readonly OwnFolder[] | undefined;
  /** Whether this process made the marker of the commit: then nothing is taken back, whatever fails. */
  readonly isCommitted: boolean;
  /** What is in staging, if a recovery has listed it. */
  readonly names: ReadonlySet<string> | undefined;
  readonly fs: FileSystem;
}
