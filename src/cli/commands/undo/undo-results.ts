/** What `undo` and `redo` print with `--json`. @module */

import type { RecoveredSealFacts } from "../../results/recovery.ts";
import type { VerdictFacts } from "../../results/run-verdicts.ts";
import type { SignerFacts, TrustFacts } from "../../results/signer-facts.ts";
import type { Count, Path, RunId, Sha256 } from "../../results/words.ts";
import type { RecoveriesFacts } from "../restore/restore-results.ts";

/**
 * If files or links were changed since they were restored, `details.changed` lists them.
 * @result undo --restored
 */
export interface UndoRestoredResult extends RecoveriesFacts {
  /** Of what was removed. */
  readonly bundle_roots: readonly Sha256[];
  /** How many files were removed. */
  readonly files: Count;
  /** Their bytes. */
  readonly bytes: Count;
  /** How many restored links there were. */
  readonly links: Count;
  /** How many restored empty folders there were; a folder that is not empty any more stays. */
  readonly empty_folders: Count;
  /** As of restore. */
  readonly clean: boolean;
  /** With a run beside `--restored`, if its signer was refused. */
  readonly trust?: TrustFacts;
}

/**
 * After a dry run, `details.paths` says what happens to each path.
 * @result undo
 * @result redo
 */
export interface UndoResult extends RecoveriesFacts {
  /** The run, snapshot or undo that was taken back; of `redo`, the last undo. */
  readonly run_id: RunId;
  /** The name of the undo; `null` after a dry run, and if nothing was to be done. */
  readonly undo_id: RunId | null;
  /** The root of the snapshot before the undo; `null` likewise. */
  readonly before: Sha256 | null;
  /** The root of the snapshot after the undo; `null` likewise. */
  readonly after: Sha256 | null;
  /** How many files and links were replaced. */
  readonly replaced: Count;
  /** How many were put back. */
  readonly put_back: Count;
  /** How many were removed. */
  readonly removed: Count;
  /** How many modes of files and folders changed, of what stays. */
  readonly modes: Count;
  /** How many folders were made. */
  readonly folders_made: Count;
  /** How many folders were removed. */
  readonly folders_removed: Count;
  /** How many paths were as they are to be. */
  readonly already: Count;
  /** Bytes of the files that were put in place. */
  readonly bytes: Count;
  /** Folders that the run made and that stay, because something else is in them. */
  readonly folders_left: readonly Path[];
  /** Paths that `--skip-changed` left, with those that can only be undone with them. */
  readonly skipped: readonly Path[];
  /** As of restore. */
  readonly clean: boolean;
  /** Killed seals of the guard that were finished first. */
  readonly recovered_seals: readonly RecoveredSealFacts[];
  /** If it failed: what the policy says of the signer. */
  readonly trust?: TrustFacts;
  /** If it failed: who signed the snapshot. */
  readonly signer?: SignerFacts;
  /** If it failed: the verdict on the snapshot. */
  readonly verdict?: VerdictFacts | null;
}
