/** What `run` prints with `--json`. @module */

import type { KilledRunFacts } from "../../results/recovery.ts";
import type { HeadFacts } from "../../results/run-verdicts.ts";
import type {
  GuardLookFacts,
  ListedSealFacts,
  SignedSealFacts,
  UnsignedSealFacts,
} from "../../results/seal-members.ts";
import type { Count, Path, Sha256 } from "../../results/words.ts";

/** What the command of a run did. */
export interface RanCommandFacts {
  /** How the command ended; `null` if nothing was run. */
  readonly command: {
    /** As a shell has it. */
    readonly exit_code: Count;
    /** The signal that ended it, or `null`. */
    readonly signal: string | null;
    /** The first signal that runseal received meanwhile, or `null`. */
    readonly interrupted_by: string | null;
  } | null;
  /** What became of the scratch folders. Absent if nothing was run. */
  readonly scratch: {
    /** Whether they are as they were. */
    readonly verified: boolean;
    /** As in PROOF.json. */
    readonly condition: string;
    /** What differs. */
    readonly differences: readonly ScratchDifferenceFacts[];
    /** Paths that could not be looked at. */
    readonly unreachable: readonly Path[];
  };
  /** Requested outputs that were not made. Absent if nothing was run. */
  readonly missing_outputs: readonly Path[];
  /** `"plain-file"`: the key file has no passphrase, so the command could read it and sign; `null`: runseal knows of no way. Absent if nothing was run. */
  readonly command_could_sign: "plain-file" | null;
  /** Runs of the project that were killed, each reported once. */
  readonly killed_runs: readonly KilledRunFacts[];
  /** With `--guard`, once the command has ended. */
  readonly guard?: RunGuardFacts;
}

/** A difference in a scratch folder. */
export interface ScratchDifferenceFacts {
  /** The path. */
  readonly path: Path;
  /** What differs. */
  readonly type: "missing" | "extra" | "hash_mismatch";
  /** The digest before. */
  readonly expected_hash?: string | undefined;
  /** The digest after. */
  readonly actual_hash?: string | undefined;
  /** Why an entry has no digest. */
  readonly reason?: string | undefined;
}

/** What the guard of a run kept. */
export interface RunGuardFacts extends GuardLookFacts {
  /** SHA-256 of the folder's real path. */
  readonly folder: Sha256;
  /** The snapshot before the command; an equal earlier one has its own id. */
  readonly before: HeadFacts;
  /** The snapshot after it. `null` if the folder could not be looked at then: `code` is `"GUARD_INCOMPLETE"`, unless the command failed. */
  readonly after: HeadFacts | null;
  /** Paths that the command added; `null` likewise. */
  readonly added: Count | null;
  /** Paths that it removed. */
  readonly removed: Count | null;
  /** Paths that it changed. */
  readonly changed: Count | null;
  /** Processes that the command started and that still run: what they write is not in this run. `null` where the system can't say. */
  readonly left_running: Count | null;
  /** Which ones. */
  readonly left_processes: readonly {
    /** Its number. */
    readonly pid: Count;
    /** Its program, at most 15 bytes of the name. */
    readonly name: string;
  }[];
  /** The bytes of the objects that were added. */
  readonly bytes: Count;
}

/** With a signature. */
export interface SignedRunResult extends SignedSealFacts, ListedSealFacts, RanCommandFacts {}

/** With `--unsigned`, when there is no signer. */
export interface UnsignedRunResult extends UnsignedSealFacts, RanCommandFacts {}

/**
 * The object is the last line of stderr, because stdout is the command's. `--report` also writes it to a file, whole or not at all.
 * Nothing is written there if runseal was killed, interrupted outside of the command, or used wrongly. `ok` is `false` for a failed
 * run although it is sealed: then `bundle` is present. `exit_code` is the command's if that failed. A lock that could not be removed
 * is then in `unreleased` only; `code` says why the run failed. All paths but `bundle` are relative to the root.
 * @result run
 * @public
 */
export type RunResult = SignedRunResult | UnsignedRunResult;
