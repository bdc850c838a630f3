/** What `snapshot` prints with `--json`. @module */

import type { RecoveredSealFacts } from "../../results/recovery.ts";
import type { GuardLookFacts, SealedTreeFacts } from "../../results/seal-members.ts";
import type { Count, RunId, Sha256 } from "../../results/words.ts";

/** @result snapshot */
export interface SnapshotResult extends GuardLookFacts {
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
  /** The bytes of the objects that were added. */
  readonly object_bytes: Count;
  /** With `--turn`: the turn that began; else `null`. */
  readonly turn: {
    /** The name of the turn. */
    readonly turn_id: RunId;
    /** Its number in the session. */
    readonly number: Count;
  } | null;
  /** Whether the guard's own key signed, because the user has none. */
  readonly guards_own_key: boolean;
  /** As of seal. */
  readonly recovered: readonly RecoveredSealFacts[];
}
