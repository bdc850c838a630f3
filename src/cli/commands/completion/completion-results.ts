/** What `completion` prints with `--json`. @module */

/** @result completion */
export interface CompletionResult {
  /** The shell. */
  readonly shell: "bash" | "zsh" | "fish";
  /** What that shell reads. */
  readonly script: string;
}
