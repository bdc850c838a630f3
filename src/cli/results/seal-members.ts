/** What a seal says of what it sealed, and what it left out. @module */

import type { FailedRunFacts } from "./details.ts";
import type { RecoveredSealFacts } from "./recovery.ts";
import type { SignerFacts, StampFacts } from "./signer-facts.ts";
import type { Code, Count, Path, RunId, Sha256 } from "./words.ts";

/** What OUTPUT_TREE.json says beside the files. */
export interface SealedTreeFacts {
  /** Files that their owner may execute. */
  readonly programs: Count;
  /** Links. */
  readonly links: Count;
  /** Links that lead outside. */
  readonly links_outside: Count;
  /** Empty folders. */
  readonly empty_folders: Count;
}

/** Of every seal. */
export interface AnySealFacts {
  /** The run. */
  readonly run_id: RunId;
  /** How many outputs were sealed. */
  readonly files: Count;
  /** Their bytes. */
  readonly bytes: Count;
  /** What killed lock holders of the project left. A seal that failed after it had waited for the project has it too. */
  readonly recovered: readonly RecoveredSealFacts[];
  /** `null`, unless the project's lock could not be removed afterwards: the seal is complete, and `code` is `"PROJECT_LOCK_NOT_RELEASED"`. */
  readonly unreleased: {
    /** The lock. */
    readonly path: string;
    /** Why, in a word. */
    readonly reason?: string | undefined;
  } | null;
}

/** Of a signed bundle. */
export interface SignedSealFacts extends AnySealFacts {
  /** Its path. */
  readonly bundle: string;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** SHA-256 of PROOF.json. */
  readonly proof_hash: Sha256;
  /** Of the run before it in the project; `null` on the first and with `--out`. */
  readonly previous_bundle_root: Sha256 | null;
  /** The failed runs that it lists. */
  readonly failed_runs: readonly FailedRunFacts[];
  /** Who signed it. */
  readonly signer: SignerFacts;
  /** How many objects were added to the store; `null` if nothing was to be kept. */
  readonly kept: Count | null;
  /** Their bytes; `null` likewise. */
  readonly kept_bytes: Count | null;
  /** Why the outputs of a failed run are not kept, else `null`. */
  readonly unkept: Code | null;
  /** How many objects had wrong bytes and were replaced; `null` if nothing was to be kept. */
  readonly replaced: Count | null;
  /** Whether the new head is remembered outside of the project. `"gap"`: it is, but the run before it is missing. `"diverged"`: another head is remembered that is not in this history, and stays. `null` with `--out`. */
  readonly remembered: "remembered" | "gap" | "diverged" | "failed" | null;
  /** Of `--tsa`; `null` without one. If the authority gave none, `code` says why, and the seal is complete. */
  readonly timestamp: StampFacts | null;
}

/** Of a seal that listed files. */
export interface ListedSealFacts {
  /** What OUTPUT_TREE.json says beside the files. */
  readonly tree: SealedTreeFacts;
  /** What was left out: a special file, version control, or a link with `--links none`. */
  readonly left_out: readonly LeftOutFacts[];
  /** What patterns left out. */
  readonly ignored: {
    /** How many entries. */
    readonly entries: Count;
    /** Which patterns. */
    readonly patterns: readonly string[];
  };
}

/** An entry that was left out. */
export interface LeftOutFacts {
  /** The entry. */
  readonly path: Path;
  /** `"socket"`, `"fifo"`, `"device"`, `"unknown"`, `"version-control"` or `"link"`; of a snapshot also `"other-file-system"` (a mount), `"not-utf8"`, or the rule of paths that the name breaks. */
  readonly reason: string;
}

/** With `--unsigned`, when there is no signer. */
export interface UnsignedSealFacts extends AnySealFacts, ListedSealFacts {
  /** The folder of the unsigned bundle. */
  readonly unsigned: string;
  /** The sealer's own word. */
  readonly sealed_at: string;
}

/** What the looks at a guarded folder found; of a run, those before and after its command. */
export interface GuardLookFacts {
  /** How many files have other hard links. An undo gives such a path a file of its own. */
  readonly linked_files: Count;
  /** What no snapshot takes in. */
  readonly not_guarded: NotGuardedFacts;
  /** Paths that can't be read and were left out. */
  readonly unreadable: readonly Path[];
  /** Paths that changed each time they were looked at, three times in all; `"."` is the folder itself. */
  readonly unsettled: readonly Path[];
  /** How many files were read, of a run for its last snapshot. */
  readonly hashed: Count;
  /** Of how many the digest was known. */
  readonly from_index: Count;
  /** How many objects were added to the store. */
  readonly objects: Count;
}

/** What no snapshot takes in. Of a guarded run, before or after the command. */
export interface NotGuardedFacts {
  /** Special files, mounts, and names that can't be sealed. */
  readonly entries: readonly LeftOutFacts[];
  /** What is runseal's own: `.runseal` at any depth, and `.spectrum06_*` at the top. */
  readonly own_folders: readonly Path[];
  /** What patterns left out. */
  readonly by_pattern: readonly {
    /** The pattern. */
    readonly pattern: string;
    /** How many entries. */
    readonly entries: Count;
  }[];
  /** What was left out before the command and is missing or replaced after it: no undo brings it back. */
  readonly gone: readonly Path[];
}
