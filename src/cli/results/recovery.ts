/** What a command found of killed ones, and brought to an end. @module */

import type { MovedFileFacts } from "./details.ts";
import type { Count, Path, RunId, Sha256 } from "./words.ts";

/** A killed lock holder of the project. */
export interface RecoveredSealFacts {
  /** `"completed"`: its bundle was in its place, and is in the history. `"dropped"`: nothing of it is left. `"left"`: something else has its name, and was left alone. */
  readonly end: "completed" | "dropped" | "left";
  /** Its run; `null` if it had not recorded yet what it was about to seal. */
  readonly run_id: RunId | null;
  /** Its root; `null` likewise. */
  readonly bundle_root: Sha256 | null;
}

/** A killed restore or undo in the same folder. */
export interface RecoveryFacts {
  /** The name of its folder of working files: in the root, or for `"new-root"` beside it. */
  readonly staging: string;
  /** `"new-root"`: a restore that was to make the folder. `null` if there is no journal, or if the journal is foreign; then the next four are `null` or empty. */
  readonly act: "restore" | "new-root" | "undo" | "revert" | null;
  /** When it began, by that machine's clock. */
  readonly started: string | null;
  /** The runs of the files; empty for an undo. */
  readonly run_ids: readonly RunId[];
  /** The roots of the files. */
  readonly bundle_roots: readonly Sha256[];
  /** Validator ids of the signers; empty for an undo. */
  readonly signers: readonly Sha256[];
  /** How many files were in their places; 0 for `"new-root"`. */
  readonly placed: Count;
  /** Of how many, the result files included. */
  readonly files: Count;
  /** `"nothing"`: none of it is left. `"everything"`: all of it is in place. `"in-doubt"`: the same, but it may not survive a power cut. `"unknown-clean"`: it had either changed nothing yet or was already complete; nothing of it is left over. `"unresolved"`: neither could be reached. `"changed"`: the same, for nothing but files that were edited in their places since. `"foreign"`: its journal has no valid MAC or an unknown version, and nothing of it was touched. `"alive"`: it is still at work, and was left alone. After a dry run, what the end would be. */
  readonly end:
    | "nothing"
    | "everything"
    | "in-doubt"
    | "unknown-clean"
    | "unresolved"
    | "changed"
    | "foreign"
    | "alive";
  /** Paths that were not taken back. Those that are in none of the next three have no folder any more. */
  readonly astray: readonly Path[];
  /** Those of `astray` whose files were edited in their places, and stay there. */
  readonly edited: readonly Path[];
  /** Those of `astray` whose files were moved or linked elsewhere. */
  readonly moved: readonly MovedFileFacts[];
  /** Those of `astray` that something else has by now. */
  readonly occupied: readonly Path[];
}

/** A run that was killed before it was sealed. */
export interface KilledRunFacts {
  /** The run. */
  readonly run_id: RunId;
  /** When it began. */
  readonly started: string;
}
