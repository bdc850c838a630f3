/** What `status` prints with `--json`. @module */

import type { ChangeCountsFacts, ChangesFacts } from "../../results/changes.ts";
import type { FindingFacts, HeadFacts, RunFacts, UnlistedRunFacts } from "../../results/run-verdicts.ts";
import type { Count, RunId } from "../../results/words.ts";

/** `ok` is `true` if the project could be looked at, whatever is in it. @result status */
export interface StatusResult extends Omit<ChangesFacts, "counts"> {
  /** What HEAD names; `null` if nothing was sealed, or if HEAD is missing or malformed. */
  readonly head: HeadFacts | null;
  /** The bundle that HEAD names; of a guard, the snapshot that it names or that its run left; `null` if it is not here. */
  readonly last_run: RunFacts | null;
  /** `"unknown"` if there is no last run, or if its artifacts do not hold. */
  readonly state: "as-sealed" | "changed" | "unknown";
  /** How many changes there are of each kind; `null` if `state` is `"unknown"`. */
  readonly counts: ChangeCountsFacts | null;
  /** Of a guarded folder: how it is since its newest snapshot; `null` elsewhere. */
  readonly guard: {
    /** Its newest snapshot; `null` if there is none. */
    readonly snapshot: RunId | null;
    /** How the folder is since. */
    readonly state: "as-sealed" | "changed" | "unknown";
    /** The last three runs and snapshots. */
    readonly runs: readonly RunId[];
    /** How many older ones there are. */
    readonly more: Count;
    /** How many turns of coding agents have no snapshot before them. */
    readonly failed_turns: Count;
  } | null;
  /** Of a run without OUTPUT_TREE.json: how many files of sealed folders were not sealed, not listed in `changes`. `null` otherwise. */
  readonly unsealed_files: Count | null;
  /** Whether every bundle of the project holds, all fit into one history up to HEAD, and the signer of a cut is trusted; `null` if that is so of the last ones up to HEAD, and others were not read. Outputs of older runs are not looked at. */
  readonly whole: boolean | null;
  /** How many runs of the history were judged. */
  readonly line_runs: Count;
  /** How many other bundles were not read: of a longer history the last 20 runs up to HEAD are judged, and all where these do not fit. */
  readonly unread_runs: Count;
  /** What does not fit, 1,000 at most, as `verify --history` finds it. */
  readonly findings: readonly FindingFacts[];
  /** Runs without a bundle that no bundle lists yet. */
  readonly unlisted_runs: readonly UnlistedRunFacts[];
  /** Unsigned runs, which wait for a signer. */
  readonly waiting_runs: readonly RunId[];
  /** The key that signs if none is named; `null` if there is none, if there are several without a default, or if a seal would refuse it. */
  readonly key: {
    /** Its name. */
    readonly name: string;
    /** The beginning of the validator id. */
    readonly key_id: string;
    /** The public key, in hex. */
    readonly public_key: string;
  } | null;
  /** The signers that the trust policy lists, revoked ones left out; `null` without a policy that can be read, and with `--any-signer`. */
  readonly trusted:
    | readonly {
        /** What the line calls the signer. */
        readonly names: readonly string[];
        /** The beginning of the validator id. */
        readonly key_id: string;
      }[]
    | null;
}
