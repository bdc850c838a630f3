/** What `log` prints with `--json`. @module */

import type {
  BundleKind,
  HeadFacts,
  RunFacts,
  RunStanding,
  UnlistedRunFacts,
  VerdictFacts,
} from "../../results/run-verdicts.ts";
import type { Count, PinnedReference, RunId, Sha256 } from "../../results/words.ts";

/** Where a run is in the history. */
export type RunPlace =
  | "line"
  | "beside"
  | "unfinished"
  | "following"
  | "branch"
  | "forgotten"
  | "beyond"
  | "foreign"
  | "unknown";

/** A run in a list. */
export interface LoggedRunFacts extends RunFacts {
  /** `"beside"`: a failed run. `"unfinished"`: sealed, but interrupted before HEAD named it. `"following"`: behind HEAD. `"forgotten"`: before the cut, and about to be removed. `"beyond"` a gap. `"unknown"`: no signature holds. */
  readonly place: RunPlace;
  /** Of a repository: the manifest by its digest. */
  readonly reference?: PinnedReference;
  /**
   * Of a repository: the tags that lead to it.
   * @minItems 1
   */
  readonly tags?: readonly string[];
}

/** Of a project, or of a repository. */
export interface LogResult {
  /** What was listed. */
  readonly of: "project" | "repository";
  /** What HEAD names, or `null`; of a repository `null`. */
  readonly head: HeadFacts | null;
  /** Whether `--verify` was given. */
  readonly outputs_hashed: boolean;
  /** Whether the runs that were read do not form one whole history, as `status` and `verify --history` judge it. */
  readonly suspicious: boolean;
  /** The newest first, 100,000 at most. */
  readonly runs: readonly LoggedRunFacts[];
  /** Runs without a bundle that no bundle lists yet, the newest first. */
  readonly unlisted_runs: readonly UnlistedRunFacts[];
  /** How many older runs are not listed. */
  readonly more: Count;
  /** Of a project: how many other bundles were not read: with `--limit`, so many up to HEAD are judged and at least 20, and all where these do not fit. */
  readonly unread_runs?: Count;
  /** Of a project: unsigned runs, which wait for a signer. */
  readonly waiting_runs?: readonly RunId[];
  /** Of a project: runs that were pulled, and are not of its history. */
  readonly pulled_runs?: readonly RunId[];
  /** If the history was rejected. */
  readonly verdict?: VerdictFacts | null;
  /** Of a repository: its reference. */
  readonly repository?: string;
  /** Of a repository: how many tags lead to something else than a run. */
  readonly other_tags?: Count;
  /** Of a repository: whether it has more tags than are read. */
  readonly more_tags?: boolean;
}

/** A bundle of a guard. */
export interface GuardBundleFacts {
  /** The run or snapshot. */
  readonly run_id: RunId;
  /** What made it; `null` if no signature holds. */
  readonly kind: BundleKind | null;
  /** Its root. */
  readonly bundle_root: Sha256 | null;
  /** The root of the bundle before it. */
  readonly previous_bundle_root: Sha256 | null;
  /** The sealer's own word. */
  readonly sealed_at: string | null;
  /** How it ended. */
  readonly standing: RunStanding;
  /** The verdict on its artifacts. */
  readonly code: string;
  /** Why a snapshot was made: `"before"` or `"after"` a run, by hand, or by an undo; `null` for a run. */
  readonly moment: "before" | "after" | "manual" | "revert" | null;
  /** The run that a snapshot was made for. */
  readonly of_run: RunId | null;
  /** The user's words. */
  readonly message: string | null;
  /** The words of the task spec. */
  readonly command: readonly string[] | null;
  /** How many files it has. */
  readonly files: Count | null;
  /** Their bytes. */
  readonly bytes: Count | null;
  /** Of a guarded run. The counts are absent if a snapshot is not there. */
  readonly guard: {
    /** The root of the snapshot before the command. */
    readonly before: Sha256;
    /** The root of the snapshot after it. */
    readonly after: Sha256 | null;
    /** How many paths were added. */
    readonly added?: Count;
    /** How many were removed. */
    readonly removed?: Count;
    /** How many changed. */
    readonly changed?: Count;
  } | null;
}

/** A turn of a coding agent. */
export interface GuardTurnFacts {
  /** Its name, which `undo` takes. */
  readonly turn_id: RunId;
  /** SHA-256 of the agent's id of the session. */
  readonly session: Sha256;
  /** Its number in the session. */
  readonly number: Count;
  /** When it began. */
  readonly started: string;
  /** The root of the snapshot before it; `null` if there is none. */
  readonly before: Sha256 | null;
  /** The root of the snapshot after it; `null` while it lasts, and if it was interrupted. */
  readonly after: Sha256 | null;
  /** Why a snapshot is missing: a code; else `null`. */
  readonly failure: string | null;
  /** How many paths were added; absent if it is not known, as with the next two. */
  readonly added?: Count;
  /** How many were removed. */
  readonly removed?: Count;
  /** How many changed. */
  readonly changed?: Count;
}

/** Of a guarded folder. */
export interface GuardLogResult {
  /** What was listed. */
  readonly of: "guard";
  /** The bundles of the guard, the newest first. */
  readonly runs: readonly GuardBundleFacts[];
  /** Runs without a bundle that no bundle lists yet, the newest first. */
  readonly unlisted_runs: readonly UnlistedRunFacts[];
  /** How many older runs and snapshots are not listed. The snapshots of a run count with it. */
  readonly more: Count;
  /** Turns of coding agents, the newest first. */
  readonly turns: readonly GuardTurnFacts[];
  /** How many turns have no snapshot before them. */
  readonly failed_turns: Count;
  /** Bytes of all files of the guard; `null` where they can't be read. */
  readonly bytes: Count | null;
  /** Bytes that the next `prune` frees; `null` where it would refuse, or where looking takes long. */
  readonly prunable_bytes: Count | null;
  /** Guarded runs without a bundle. */
  readonly begun_runs: readonly {
    /** The run. */
    readonly run_id: RunId;
    /** When it began. */
    readonly started: string;
    /** The id of the snapshot from before the command, or `null`. */
    readonly before: RunId | null;
    /** What became of it. */
    readonly state: "killed" | "running";
  }[];
}

/**
 * `ok` is `true` whatever the verdicts on the runs are.
 * @result log
 * @public
 */
export type AnyLogResult = LogResult | GuardLogResult;
