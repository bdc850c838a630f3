/** What `explain` prints with `--json`. @module */

import type { Code, CodeReason, Count } from "../../results/words.ts";

/** @result explain */
export type ExplainResult = ExplainedCode | ExplainedExitCodes;

/** Without a word. */
export interface ExplainedExitCodes {
  /** All exit codes, and the codes that end with each. */
  readonly exit_codes: readonly ExplainedCode[];
}

/** Of a word. */
export interface ExplainedCode {
  /** The code or exit code, as it was given. */
  readonly explained: string;
  /** What it means. */
  readonly meaning: string;
  /** What to do; `null` for an exit code. */
  readonly remedy: string | null;
  /** Of a code that stands for several cases: each. */
  readonly reasons?: readonly CodeCaseFacts[];
  /** The exit code. */
  readonly explained_exit_code: Count;
  /** Of an exit code: the codes that end with it. */
  readonly codes?: readonly Code[];
}

/** A case of a code. @closed */
export interface CodeCaseFacts {
  /** What `details.reason` says. */
  readonly reason: CodeReason;
  /** What it means; empty where the reason and the code say all. */
  readonly meaning: string;
  /** What to do; empty where the code's own remedy is enough. */
  readonly remedy: string;
}
