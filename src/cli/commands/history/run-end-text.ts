/** Words for how runs ended that are not sound: failed ones, and killed ones that have no bundle. @module */

import type { UnlistedRun, UnlistedState } from "../../../node/judge/history/runs-without-bundles.ts";
import { commandWords } from "../../text/command-words.ts";
import { NOT_WITNESSED } from "../../text/witness-words.ts";
import { type Cell, fitRow, plainForm } from "./fit-row.ts";
import { type ListColumns, nameColumn, noTimeColumn, timeColumn } from "./list-columns.ts";
import { cutEnd } from "./text-width.ts";

/** The line of a run that has no bundle, and that no bundle lists yet. */
export function unlistedRunLine({ command, runId, state, time }: UnlistedRun, columns: ListColumns): string {
  const end = UNLISTED_ENDS[state];
  return endLine(runId, timeColumn(time, columns), end, columns) + commandLine(command, columns.room);
}

/** The longest words first. */
const UNLISTED_ENDS: Readonly<Record<UnlistedState, readonly string[]>> = {
  running: ["in progress"],
  unsigned: ["FAILED, and is not signed; the next seal lists it", "FAILED, not listed yet", "FAILED"],
  killed: ["KILLED before it was sealed; the next seal lists it", "KILLED, not listed yet", "KILLED"],
};

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

/** The line of a command below its run, cut where the terminal ends. Empty if none is known. */
export function commandLine(
  command: readonly string[],
  room: number | undefined,
  isWitnessed: boolean = true,
): string {
  // First: the end of a long line is cut.
  const by = isWitnessed ? "" : `${NOT_WITNESSED}: `;
  return command.length === 0 ? "" : `${cutEnd(`  ${by}${commandWords(command)}`, room)}\n`;
}
