/**
 * Asking on the terminal whether to go on.
 *
 * @module
 */

import { Terminal } from "../keys/passphrase/terminal.ts";

/** A longer answer does not count. */
const MOST_BYTES = 16;

/** Asks, and takes only the whole word `yes` for one. `no-terminal`: there is none to ask on. Throws an Interruption. */
export async function askConsent(
  question: string,
  signal: AbortSignal | undefined,
): Promise<"yes" | "no" | "no-terminal"> {
  using terminal = Terminal.open();
  if (terminal === undefined) return "no-terminal";
  const answer = Buffer.alloc(MOST_BYTES);
  const length = await terminal.ask(question, answer, signal, true);
  if (length === undefined) return "no-terminal";
  const isYes = length <= MOST_BYTES && answer.toString("utf8", 0, length).trim() === "yes";
  return isYes ? "yes" : "no";
}
