/**
 * Asking on the terminal whether to go on.
 *
 * @module
 */

import { Terminal } from "../../keys/passphrase/terminal.ts";

/** A longer answer does not count. */
const MOST_BYTES = 16;

/**
 * Shows a text, asks whether to go on, and takes only the whole word `yes` for one. An answer counts only if it was typed after all of
 * the text was shown. `no-terminal`: there is none to ask on, or it did not take the text. Throws an Interruption.
 */
export async function askConsent(
  shown: string,
  question: string,
  signal: AbortSignal | undefined,
): Promise<"yes" | "no" | "no-terminal"> {
  using terminal = Terminal.open();
  if (terminal === undefined) return "no-terminal";
  const answer = Buffer.alloc(MOST_BYTES);
  const length = await terminal.askAbout(shown, question, answer, signal);
  if (length === undefined) return "no-terminal";
  const isYes = length <= MOST_BYTES && answer.toString("utf8", 0, length).trim() === "yes";
  return isYes ? "yes" : "no";
}
