/** Names of runs in messages. @module */

import { quote } from "./quote.ts";

/**
 * A run id that needs no quotes: up to 200 letters and digits of ASCII and `. _ - + @`, the first one neither `.` nor `-`. Every
 * id that `seal` makes is one. `seal --id` accepts more, such as blanks and other scripts, and a folder has any name.
 */
const PLAIN = /^[A-Za-z0-9_+@][A-Za-z0-9._+@-]{0,199}$/;

/**
 * Shows the name of a run or of its folder: a plain run id as it is, every other name in quotes. With blanks, brackets or
 * commas in it, such as `run-1  accepted  trusted`, a name would pass for the columns or the words beside it.
 */
export function runName(name: string): string {
  return isPlainName(name) ? name : quote(name);
}

/** Whether a name needs no quotes, neither in a message nor in a shell. */
export function isPlainName(name: string): boolean {
  return PLAIN.test(name);
}
