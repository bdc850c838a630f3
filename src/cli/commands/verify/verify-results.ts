/** What `verify` prints with `--json`. @module */

import type { ReferrersFacts } from "../../results/carried.ts";
import type { FailedRunFacts } from "../../results/details.ts";
import type { JudgedChainFacts, JudgedTreeFacts } from "../../results/judged.ts";
import type { NewestRunFacts } from "../../results/result-members.ts";
import type {
  CutPlaceFacts,
  FindingFacts,
  HeadFacts,
  JudgedFacts,
  OutputFailureFacts,
  RunFailureFacts,
  SignedElsewhereFacts,
} from "../../results/run-verdicts.ts";
import type { SignerFacts, TimeFacts } from "../../results/signer-facts.ts";
import type { Code, Count, OutputSource, Path, PinnedReference, RunId, Sha256 } from "../../results/words.ts";

/**
 * Members that are not known yet when a bundle is rejected are `null`: `signer`, `bundle_root` and `files` until phase 8 is passed,
 * `run_id`, `sealed_at`, `signed_elsewhere`, `bound` and `bytes` until all phases are. After `EXPECTATION_FAILED`, `verdict` and `phase`
 * are `null`: not all phases ran.
 * @result verify
 */
export interface VerifyResult extends NewestRunFacts, JudgedFacts {
  /** The run; `null` if the bundle is unbound, or not accepted. */
  readonly run_id: RunId | null;
  /** The sealer's own word; `null` if the bundle is unbound. */
  readonly sealed_at: string | null;
  /** What its timestamps say; `null` without a TIMESTAMPS.json. */
  readonly time: TimeFacts | null;
  /** Of a bundle that another process sealed without a key; `null` where the sealer signed. */
  readonly signed_elsewhere: SignedElsewhereFacts | null;
  /** Where the outputs were read; `null` if they were not. */
  readonly source: OutputSource | null;
  /** Files below the sealed folders that are not in the bundle. They change no verdict. `null` if they were not counted: the outputs came from the store or were not read, or the bundle has more than 100,000 outputs. */
  readonly unsealed: UnsealedFacts | null;
  /** What was found of modes, links and empty folders; `null` if phase 11 was not reached. */
  readonly tree: JudgedTreeFacts | null;
  /** Of an archive with several runs, without `--run`: the report on each, in the order of the archive. With `--parts`, of an accepted run: those on its parts in the order of its outputs, then its own. The members beside it are those of the first run that is not accepted, or of the last. */
  readonly runs?: readonly object[];
  /** Of a part: the folder of its bundle among the outputs. */
  readonly part?: Path;
  /** Of a rejected bundle: the later run of the same whole history, by a trusted signer, that explains every difference below the root; `null` if none does. */
  readonly moved_on: MovedOnFacts | null;
  /** What the store holds of this run, if its bytes were hashed in this call, which `--stored` and an explained difference do; else `null`. */
  readonly stored: "whole" | "damaged" | null;
  /** The history of the project: without RUN, and with `--report` or `--junit`; `null` if the verdict is about the run alone. An accepted run in a broken history ends with this `code`, and `phase` is `"chain"`. */
  readonly history: ProjectHistoryFacts | null;
  /** The run's own reason for its failure, of a rejected bundle whose signature holds; `null` if it states none. */
  readonly run_failure?: RunFailureFacts | null;
  /** With `--all`: each output that failed. */
  readonly failures?: readonly VerifyFailureFacts[];
  /** Of a run of a registry: the manifest by its digest. */
  readonly reference?: PinnedReference;
  /** Of a run of a registry: what came with it. */
  readonly referrers?: ReferrersFacts;
  /** With `--junit`: the file with the test cases. `null` if it could not be made: then `code` says why unless the bundle was rejected, and `verdict` and `trust` stand. */
  readonly junit?: string | null;
  /** With `--report`: the file with the page; `null` likewise. */
  readonly report?: string | null;
}

/** The later run that explains why files differ. */
export interface MovedOnFacts {
  /** The later run. */
  readonly run_id: RunId;
  /** How many files differ. */
  readonly differing: Count;
  /** Of how many. */
  readonly files: Count;
}

/** The history of the project that a run belongs to. */
export interface ProjectHistoryFacts {
  /** Whether it is whole. */
  readonly ok: boolean;
  /** The first finding, else `"OK"`. */
  readonly code: Code;
  /** The first finding, in a sentence. */
  readonly message?: string;
  /** The root of a bundle that is not there. */
  readonly missing?: Sha256;
  /**
   * The runs before and after it, either of them `null` if there is none.
   * @minItems 2
   * @maxItems 2
   */
  readonly between?: readonly (RunId | null)[];
}

/** Files below the sealed folders that are not in the bundle. */
export interface UnsealedFacts {
  /** How many. */
  readonly files: Count;
  /** Which folders hold some. */
  readonly below: readonly Path[];
  /** Whether everything was counted: 100,000 entries at most. */
  readonly complete: boolean;
}

/** An output that failed. */
export interface VerifyFailureFacts extends OutputFailureFacts {
  /** The size of the outputs up to and including this one, which was not read because they are larger than declared. */
  readonly found_bytes?: Count | undefined;
  /** What the bundle declares for all outputs. */
  readonly declared_bytes?: Count | undefined;
  /** What lies there. */
  readonly kind?: string | undefined;
  /** What of an entry differs. */
  readonly aspect?: "kind" | "target" | "mode";
}

/**
 * `files` and `bytes` are totals, and `bound` holds for all. `signer` and `trust` are those of the first bundle that is not trusted,
 * else of the last. If something does not fit, no output was read: `code` and `details` are the first finding's, and `run_ids` is the
 * history as far as it goes.
 * @result verify --history
 */
export interface VerifyHistoryResult extends JudgedChainFacts {
  /** Of a project: what HEAD names, or `null`. */
  readonly head?: HeadFacts | null;
  /** Of a project: what this machine remembers, or `null`. */
  readonly remembered?: HeadFacts | null;
  /** Of a project: failed runs, which are not in the history. */
  readonly failed_run_ids?: readonly RunId[];
  /** Of a project: runs that the history lists as killed before they had a bundle. */
  readonly killed_run_ids?: readonly RunId[];
  /** Of a project: runs that were sealed, but interrupted before HEAD named them. */
  readonly unfinished_run_ids?: readonly RunId[];
  /** Where the history begins after older runs were forgotten; `null` if none were. */
  readonly cut?: HistoryCutFacts | null;
  /** All that does not fit. */
  readonly findings?: readonly HistoryFindingFacts[];
  /** With `--junit`: the file with the test cases; `null` if it could not be made. */
  readonly junit?: string | null;
}

/** Where a history begins. */
export interface HistoryCutFacts extends CutPlaceFacts {
  /** Who signed the cut. */
  readonly signer: SignerFacts;
}

/** Something that does not fit. A code of a verdict is of a rejected bundle. */
export interface HistoryFindingFacts extends FindingFacts {
  /** Of `HEAD_MALFORMED`: the member that is not its bundle's, if HEAD can be read. */
  readonly field?: string;
  /** The run. Of `HISTORY_GAP`, the one that names what is missing; `null`: HEAD does. */
  readonly run_id?: RunId | null;
  /** Of `HISTORY_FORK`, the common predecessor; of `HISTORY_GAP`, what is missing; of `HISTORY_TRUNCATED`, what is remembered. */
  readonly bundle_root?: Sha256;
  /** Of `HISTORY_ROLLED_BACK`, the runs behind HEAD; of `HISTORY_FORK`, those of the branches. */
  readonly run_ids?: readonly RunId[];
  /** Of `HISTORY_FAILED_RUN_MISSING`: the runs. */
  readonly missing?: readonly FailedRunFacts[];
  /** Of `HISTORY_GUARD_MISSING`: the roots of the snapshots. */
  readonly missing_snapshots?: readonly Sha256[];
  /** Of `HISTORY_CUT_INVALID`, `"malformed"`, `"signature"` or `"not-in-line"`; of a rejected bundle, why. */
  readonly reason?: string;
}
