/** A wrong usage that only a command can notice. @module */

import { CommanderError } from "@commander-js/extra-typings";

/** Makes the error that `run` reports with exit code 2. `message` is lower case, without a full stop. */
export function usageError(message: string): CommanderError {
  return new CommanderError(2, "runseal.usage", message);
}
