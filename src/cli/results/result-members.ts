/** The members of every result of `--json`. @module */

import type { DetailsFacts } from "./details.ts";
import type { Code, RunId } from "./words.ts";

/** A code other than `OK`.
 * @pattern `^(?!OK$)[A-Z][A-Z0-9_]*$`
 */
export type FailureCode = string;

/**
 * An exit code other than 0.
 * @integer
 * @minimum 1
 * @maximum 255
 */
export type FailureExitCode = number;

/**
 * A text of one or more lines.
 * @minLength 1
 */
export type Sentence = string;

/** What a command says whether it succeeded or failed. */
export interface EndFacts {
  /** One sentence. */
  readonly message: Sentence;
  /** The facts of the failure, each where it applies; after a dry run, what would be done. */
  readonly details: DetailsFacts;
  /** What to do next, only where the text has a `hint:`; several are lines. */
  readonly hint?: Sentence;
  /** The phase that failed, `"trust"`, or `null`. */
  readonly phase?: string | null | undefined;
  /** The failure that led to a failed rollback, else `null`. */
  readonly cause_code?: Code | null;
  /** The user whose home folder in the system's list of users was used, because `HOME` does not name a folder. */
  readonly home_of?: string;
}

/** Of a command that did what it was asked. */
export interface DoneFacts extends EndFacts {
  /** `true` only when the exit code is 0. */
  readonly ok: true;
  /** The first failure, of the protocol or of trust, else `"OK"`. */
  readonly code: "OK" | "ANY_SIGNER";
  /** As in `runseal --help`. */
  readonly exit_code: 0;
}

/** Of a command that failed. */
export interface FailedFacts extends EndFacts {
  /** `true` only when the exit code is 0. */
  readonly ok: false;
  /** The first failure, of the protocol or of trust, else `"OK"`. */
  readonly code: FailureCode;
  /** As in `runseal --help`. */
  readonly exit_code: FailureExitCode;
}

/** What every object has. @public */
export type ReportFacts = DoneFacts | FailedFacts;

/** Of a command that takes the newest run. */
export interface NewestRunFacts {
  /** The run that was taken because none was named. */
  readonly newest_run_id?: RunId;
}
