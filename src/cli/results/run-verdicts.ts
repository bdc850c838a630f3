/** Runs, and the verdicts on them. @module */

import type { DetailsFacts, FailedRunFacts } from "./details.ts";
import type { SignerFacts, TrustFacts } from "./signer-facts.ts";
import type { Code, Count, Ordinal, Path, RunId, Sha256 } from "./words.ts";

/** A run by its id and root. */
export interface HeadFacts {
  /** The run. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
}

/** The run's own reason for its failure. */
export interface RunFailureFacts {
  /** The code that it states, if any. */
  readonly code: string | null;
  /** Its words. */
  readonly message: string;
}

/** The protocol's own answer. */
export interface VerdictFacts {
  /** Whether the bundle is accepted. */
  readonly ok: boolean;
  /** The first failure, else `"OK"`. */
  readonly code: Code;
  /** The phase that failed, else `null`. */
  readonly phase: string | null;
  /** A sentence, of a rejected run in a list. */
  readonly message?: string;
  /** The facts of the failure, of a rejected run in a list. */
  readonly details?: DetailsFacts;
}

/** That another process sealed the bundle without a key, and the signer did not witness it. */
export interface SignedElsewhereFacts {
  /** The signer's own word. */
  readonly signed_at: string;
  /** What the signer knows of the command. */
  readonly command: "not witnessed by the signer";
}

/** What is judged of a bundle, or of a chain of them. Members that are not known are `null`. */
export interface JudgedFacts {
  /** The protocol's own answer: of the artifacts alone, unless the outputs were hashed too. `null` if there was none because something could not be read. */
  readonly verdict: VerdictFacts | null;
  /** The root; of a chain the last bundle's. `null` before the bundle is known to be signed as it is. */
  readonly bundle_root: Sha256 | null;
  /** Whether the bundle is bound; of a chain, whether all are. */
  readonly bound: boolean | null;
  /** How many outputs there are; `null` as `bundle_root` is. */
  readonly files: Count | null;
  /** Their bytes; `null` if the bundle states none, or was not accepted. */
  readonly bytes: Count | null;
  /** Who signed; `null` as `bundle_root` is. */
  readonly signer: SignerFacts | null;
  /** What the policy says of the signer. */
  readonly trust: TrustFacts;
}

/** What a command says of one bundle. Members that are not known are `null`. */
export interface RunFacts extends JudgedFacts {
  /** The run. */
  readonly run_id: RunId;
  /** The root of the run before it; `null` if the bundle states none. */
  readonly previous_bundle_root: Sha256 | null;
  /** The sealer's own word; `null` if the bundle states none. */
  readonly sealed_at: string | null;
  /** Of a bundle that another process sealed without a key; `null` where the sealer signed. */
  readonly signed_elsewhere: SignedElsewhereFacts | null;
  /** `"failed"`: an honest bundle of a run that failed, which no verifier accepts. */
  readonly standing: RunStanding;
  /** What made the bundle; `null` if no signature holds. */
  readonly kind: BundleKind | null;
  /** The snapshots of a guarded run; `null` for other runs. */
  readonly guard: {
    /** SHA-256 of the folder's real path. */
    readonly folder: Sha256;
    /** The root of the snapshot before the command. */
    readonly before: Sha256;
    /** The root of the snapshot after it; `null` if the folder could not be looked at then. */
    readonly after: Sha256 | null;
  } | null;
  /** The words of the task spec; `null` if it has none. */
  readonly command: readonly string[] | null;
  /** Runs since the one before it that failed or were killed. */
  readonly failed_runs: readonly FailedRunFacts[];
  /** How many beyond the 1,000 listed. */
  readonly failed_runs_more: Count;
  /** The run's own reason for its failure; `null` if it states none. */
  readonly run_failure: RunFailureFacts | null;
}

/** How a run ended. */
export type RunStanding = "succeeded" | "failed" | "rejected";

/** What made a bundle. */
export type BundleKind = "seal" | "run" | "snapshot" | "revert";

/** A run without a bundle that no bundle lists yet. No signature covers it. */
export interface UnlistedRunFacts {
  /** The run. */
  readonly run_id: RunId;
  /** When it began. */
  readonly time: string;
  /** As many words of the command as its record has room for. */
  readonly command: readonly string[];
  /** `"unsigned"`: a `run --unsigned` whose command failed. */
  readonly state: "killed" | "running" | "unsigned";
}

/** Where a history begins. */
export interface CutPlaceFacts {
  /** The root of the last run that was forgotten. */
  readonly bundle_root: Sha256;
  /** When the history was cut. */
  readonly cut_at: string;
  /** How many bundles were forgotten in all. */
  readonly forgotten: Ordinal;
  /** Failed runs among them. */
  readonly failed_runs: readonly FailedRunFacts[];
}

/** A finding about a history. */
export interface FindingFacts {
  /** A code of the history, or of a verdict. */
  readonly code: Code;
  /** A sentence. */
  readonly message: string;
}

/** An output that failed. */
export interface OutputFailureFacts {
  /** What is wrong. */
  readonly code: Code;
  /** The output. */
  readonly path: Path;
  /** What should be there. */
  readonly expected?: string | null | undefined;
  /** What is there. */
  readonly actual?: string | undefined;
}
