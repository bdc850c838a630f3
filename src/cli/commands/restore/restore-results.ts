/** What `restore` and `recover` print with `--json`. @module */

import type { RecoveryFacts } from "../../results/recovery.ts";
import type { NewestRunFacts } from "../../results/result-members.ts";
import type { SignerFacts, TrustFacts } from "../../results/signer-facts.ts";
import type { Count, OutputSource, Path, RunId, Sha256 } from "../../results/words.ts";

/** Of a command that places or removes files. */
export interface RecoveriesFacts {
  /** Killed restores and undos in the same folder, in the order in which they were found. Empty if the command ended before it searched. */
  readonly recovered: readonly RecoveryFacts[];
  /** Where folders can't be held by descriptor: `"permissions"` if those of the folders above kept other users out, `"unchecked"` on Windows, which does not show them. */
  readonly protection?: "permissions" | "unchecked";
}

/** `ok` is `true` if every `end` is `"nothing"`, `"everything"` or `"unknown-clean"`, and if something was found or the folder at least exists. @result recover */
export interface RecoverResult extends RecoveriesFacts {}

/** Of every restore. */
export interface AnyRestoreFacts extends NewestRunFacts, RecoveriesFacts {
  /** The phase that was reached, or that failed. */
  readonly phase: string | null;
  /** How many outputs were restored, without the result files. */
  readonly files: Count;
  /** Their bytes. */
  readonly bytes: Count;
  /** How many links of trees were restored. */
  readonly links: Count;
  /** How many empty folders of trees were restored. */
  readonly empty_folders: Count;
  /** Paths of links that `--links none` left out. */
  readonly links_left_out: readonly Path[];
  /** `false` if a folder of working files could not be removed; `runseal recover` removes it. */
  readonly clean: boolean;
  /** `false` with `--no-report`. */
  readonly report: boolean;
  /** Folders of working files without a journal beside a folder that was made. Their restores may live, so they were left alone. */
  readonly left?: readonly string[];
  /** If the signer was refused. */
  readonly trust?: TrustFacts;
}

/** Of one bundle. */
export interface SingleRestoreFacts {
  /** The run. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** Where the outputs were read. If a restore failed, present if an output differed from what was sealed. */
  readonly source: OutputSource;
  /** `"selection"` if the source can choose, `--only` was given, and no other output was read. */
  readonly verified: "all" | "selection";
  /** Why the run failed, as its bundle states it; `null` if it succeeded. */
  readonly failed_run: {
    /** The code that it states, if any. */
    readonly code: string | null;
    /** Its words, if any. */
    readonly message: string | null;
  } | null;
  /** Who signed it. */
  readonly signer: SignerFacts;
}

/** Of a history: several runs, or `--history`. */
export interface ChainRestoreFacts {
  /** Its root. */
  readonly chain_root: Sha256;
  /** Its runs in their order, without those that `--only` excludes. */
  readonly runs: readonly RestoredRunFacts[];
}

/** Of one bundle. */
export interface SingleRestoreResult extends AnyRestoreFacts, SingleRestoreFacts {}

/** Of a history: several runs, or `--history`. */
export interface ChainRestoreResult extends AnyRestoreFacts, ChainRestoreFacts {}

/** `phase` is `PREFLIGHT`, `PLAN`, `EXECUTE` or `VERIFY`. `pull --to` prints the same. @result restore */
export type RestoreResult = SingleRestoreResult | ChainRestoreResult;

/** One restored run of a chain. */
export interface RestoredRunFacts {
  /** The run. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** How many outputs were restored. */
  readonly files: Count;
  /** Their bytes. */
  readonly bytes: Count;
  /** Where they were read. */
  readonly source: OutputSource;
  /** Who signed it. */
  readonly signer: SignerFacts;
}
