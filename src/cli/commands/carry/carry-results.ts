/** What `push` and `pull` print with `--json`. @module */

import type { PulledRunFacts, PushedRunFacts } from "../../results/carried.ts";
import type { VerdictFacts } from "../../results/run-verdicts.ts";
import type { SignerFacts, TrustFacts } from "../../results/signer-facts.ts";
import type { Count, RunId, Sha256 } from "../../results/words.ts";

/** A run in an archive. @closed */
export interface PackedRunFacts {
  /** The run. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** How many outputs it has. */
  readonly files: Count;
  /** Who signed it. */
  readonly signer: SignerFacts;
}

/**
 * The size of an archive.
 * @integer
 * @minimum 1536
 */
export type ArchiveSize = number;

/** @result push */
export interface PushResult {
  /**
   * Only of an archive: the file that was made, as the caller named it.
   * @requires bytes sha256
   */
  readonly archive?: string;
  /**
   * In the order of the command line, with `--all` the oldest first.
   * @minItems 1
   */
  readonly runs: readonly (PushedRunFacts | PackedRunFacts)[];
  /** Of the archive. */
  readonly bytes?: ArchiveSize;
  /** Of the archive. */
  readonly sha256?: Sha256;
  /** If a run was not accepted, or with `--attest` its signer is not trusted: the run. */
  readonly run_id?: RunId;
  /** Its root. */
  readonly bundle_root?: Sha256;
  /** Who signed it. */
  readonly signer?: SignerFacts;
  /** What the policy says of the signer. */
  readonly trust?: TrustFacts;
  /** The verdict on it. */
  readonly verdict?: VerdictFacts | null;
}

/**
 * With `--to`, the members are those of restore. If the signer is not trusted, nothing was pulled: there are `run_id`, `bundle_root`,
 * `reference`, `signer`, `trust` and `verdict`.
 * @result pull
 */
export interface PullResult extends PulledRunFacts {
  /** Who signed it. */
  readonly signer: SignerFacts;
  /** What the policy says of the signer. */
  readonly trust: TrustFacts;
  /** The verdict on it. */
  readonly verdict: VerdictFacts | null;
}
