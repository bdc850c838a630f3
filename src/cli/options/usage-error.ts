/** A wrong usage, whoever notices it: whoever parses the arguments, or only the command. @module */

/** What `run` reports with exit code 2. Its message is lower case, without a full stop. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
