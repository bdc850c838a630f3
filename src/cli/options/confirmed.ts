/** Asking before what a person can't get back. @module */

import { askConsent } from "../../node/make/sign/ask-consent.ts";
import type { Io } from "../output/io.ts";
import { UsageError } from "./usage-error.ts";

/** The options as parsed. */
export interface ConsentOptions {
  readonly yes?: true | undefined;
  readonly json?: true | undefined;
}

/**
 * Whether the user wants it: shows a text, and asks on the terminal, unless --yes has answered. Throws a usage error with the first line
 * of the text where there is no terminal to ask on. Throws an Interruption.
 */
export async function confirmed(
  shown: string,
  question: string,
  { json, yes }: ConsentOptions,
  { signal }: Io,
): Promise<boolean> {
  if (yes === true) return true;
  const answer = json === true ? "no-terminal" : await askConsent(shown, `${question} yes or no: `, signal);
  if (answer !== "no-terminal") return answer === "yes";
  throw new UsageError(`${shown.split("\n")[0]}\nnothing was done: --yes does it without asking`);
}
