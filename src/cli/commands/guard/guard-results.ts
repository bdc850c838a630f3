/** What `snapshot` prints with `--json`. @module */

import type { RecoveredSealFacts } from "../../results/recovery.ts";
import type { NotGuardedFacts, SealedTreeFacts } from "../../results/seal.ts";
import type { Count, Path, RunId, Sha256 } from "../../results/words.ts";

/** @result snapshot */
export interface SnapshotResult {
  /** The snapshot; the latest one if nothing has changed. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** When it was sealed. */
  readonly sealed_at: string;
  /** Whether a snapshot was made: `false` if the latest one is equal. */
  readonly sealed: boolean;
  /** The guard's folder, below a variable of the environment, or as `--store` names it. */
  readonly guard: string;
  /** How many files the folder holds. */
  readonly files: Count;
  /** Their bytes. */
  readonly bytes: Count;
  /** What else the folder holds. */
  readonly tree: SealedTreeFacts;
  /** How many files have other hard links. An undo gives such a path a file of its own. */
  readonly linked_files: Count;
  /** What no snapshot takes in. */
  readonly not_guarded: NotGuardedFacts;
  /** Paths that can't be read and were left out. */
  readonly unreadable: readonly Path[];
  /** Paths that changed each time they were looked at, three times in all; `"."` is the folder itself. */
  readonly unsettled: readonly Path[];
  /** How many files were read. */
  readonly hashed: Count;
  /** Of how many the digest was known. */
  readonly from_index: Count;
  /** How many objects were added to the store. */
  readonly objects: Count;
  /** Their bytes. */
  readonly object_bytes: Count;
  /** Whether the guard's own key signed, because the user has none. */
  readonly guards_own_key: boolean;
  /** As of seal. */
  readonly recovered: readonly RecoveredSealFacts[];
}
