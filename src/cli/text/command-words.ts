/** Commands as a person reads them. @module */

import { printable } from "../../core/internal.ts";
import { shellWord } from "./shell-word.ts";

/** A longer command is cut; `show` has the whole of it. */
const MAX_COMMAND_CHARACTERS = 120;

/** A command as it could be typed, on one line. */
export function commandWords(command: readonly string[], limit: number = MAX_COMMAND_CHARACTERS): string {
  const words = command.map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : shellWord(word)));
  return cut(words.join(" "), limit);
}

function cut(text: string, limit: number): string {
  const characters = Array.from(text.slice(0, 2 * limit + 2));
  return printable(characters.length > limit ? `${characters.slice(0, limit).join("")}…` : text);
}
