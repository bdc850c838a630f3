/** What is shown of a run that says why it failed. @module */

import { quoteIfNeeded, type SaidFailure } from "../../core/internal.ts";
import type { RunFailureFacts } from "../results/run.ts";

/** One line for a person. */
export function saidWords({ message }: SaidFailure): string {
  return `the run says: ${quoteIfNeeded(message)}`;
}

/** The same for a program; null where the run does not say that it failed. */
export function saidFacts(said: SaidFailure | undefined): RunFailureFacts | null {
  return said === undefined ? null : { code: said.code ?? null, message: said.message };
}
