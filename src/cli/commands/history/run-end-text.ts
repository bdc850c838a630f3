/** Words for how runs ended that are not sound: failed ones, and killed ones that have no bundle. @module */

import { printable } from "../../../core/internal.ts";
import type { UnlistedRun } from "../../../node/index.ts";
import { runName } from "../../text/run-name.ts";
import { shellWord } from "../../text/shell-word.ts";

/** A longer command is cut; `show` has the whole of it. */
const MAX_COMMAND_CHARACTERS = 120;

/** The line of a run that has no bundle, and that no bundle lists yet. */
export function unlistedRunLine({ command, isRunning, runId, time }: UnlistedRun, width: number): string {
  const end = isRunning ? "in progress" : "KILLED before it was sealed; the next seal lists it";
  return `${runName(runId).padEnd(width)}  ${time}  ${end}\n${commandLine(command)}`;
}

/** The line of a run that has no bundle, by the bundle that lists it. */
export function killedRunLine(runId: string, listedBy: string, width: number): string {
  return `${runName(runId).padEnd(width)}  KILLED before it was sealed; ${runName(listedBy)} lists it\n`;
}

/** A command as a person could type it, on one line. */
export function commandWords(command: readonly string[]): string {
  const words = command.map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : shellWord(word)));
  return cut(words.join(" "), MAX_COMMAND_CHARACTERS);
}

/** The line of a command below its run. Empty if none is known. */
export function commandLine(command: readonly string[]): string {
  return command.length === 0 ? "" : `  ${commandWords(command)}\n`;
}

function cut(text: string, limit: number): string {
  const characters = Array.from(text.slice(0, 2 * limit + 2));
  return printable(characters.length > limit ? `${characters.slice(0, limit).join("")}…` : text);
}
