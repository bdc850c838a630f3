/** Words for how runs ended that are not sound: failed ones, and killed ones that have no bundle. @module */

import { printable } from "../../../core/internal.ts";
import type { UnlistedRun } from "../../../node/index.ts";
import { shellWord } from "../../text/shell-word.ts";
import { type Cell, fitRow, plainForm } from "./fit-row.ts";
import { type ListColumns, nameColumn, noTimeColumn, timeColumn } from "./list-columns.ts";
import { cutEnd } from "./text-width.ts";

/** A longer command is cut; `show` has the whole of it. */
const MAX_COMMAND_CHARACTERS = 120;

/** The line of a run that has no bundle, and that no bundle lists yet. */
export function unlistedRunLine(
  { command, isRunning, runId, time }: UnlistedRun,
  columns: ListColumns,
): string {
  const end = isRunning
    ? ["in progress"]
    : ["KILLED before it was sealed; the next seal lists it", "KILLED, not listed yet", "KILLED"];
  return endLine(runId, timeColumn(time, columns), end, columns) + commandLine(command, columns.room);
}

/** The line of a run that has no bundle, by the bundle that lists it. */
export function killedRunLine(runId: string, listedBy: string, columns: ListColumns): string {
  const by = nameColumn(listedBy, columns).trimEnd();
  const end = [`KILLED before it was sealed; ${by} lists it`, `KILLED; ${by} lists it`, "KILLED"];
  return endLine(runId, noTimeColumn(columns), end, columns);
}

/** A row with a run's name, its time and how it ended, which is shortened where the terminal is narrow. */
function endLine(runId: string, time: string, ends: readonly string[], columns: ListColumns): string {
  const [whole = "", ...shorter] = ends;
  const end: Cell = [plainForm(whole), ...shorter.map(plainForm)];
  const cells: readonly Cell[] = [[plainForm(nameColumn(runId, columns))], [plainForm(time)], end];
  return `${fitRow(cells, [2], columns.room)}\n`;
}

/** A command as it could be typed, on one line. */
export function commandWords(command: readonly string[]): string {
  const words = command.map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : shellWord(word)));
  return cut(words.join(" "), MAX_COMMAND_CHARACTERS);
}

/** The line of a command below its run, cut where the terminal ends. Empty if none is known. */
export function commandLine(command: readonly string[], room: number | undefined): string {
  return command.length === 0 ? "" : `${cutEnd(`  ${commandWords(command)}`, room)}\n`;
}

function cut(text: string, limit: number): string {
  const characters = Array.from(text.slice(0, 2 * limit + 2));
  return printable(characters.length > limit ? `${characters.slice(0, limit).join("")}…` : text);
}
