/** A wrong usage, found by the parser of arguments or by a command. @module */

/** What `run` reports with exit code 2. Its message is lower case, without a full stop. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
