/** The first two columns of a list of runs: as wide in each row, so that rows can be compared by eye. @module */

import { runName } from "../../../core/system/paths/run-name.ts";
import { cutMiddle, padded, textWidth } from "./text-width.ts";

/** How a list's rows begin, and how long they may be. */
export interface ListColumns {
  /** Of a run's name. */
  readonly nameWidth: number;
  readonly time: TimeForm;
  /** Of the terminal; undefined where there is none, and rows are as long as they are. */
  readonly room: number | undefined;
}

/** To what a time is shown. */
type TimeForm = "second" | "minute" | "day";

/** How wide each is, the longest first. */
const TIME_WIDTHS: ReadonlyMap<TimeForm, number> = new Map([
  ["second", "2026-11-27T22:55:58Z".length],
  ["minute", "2026-11-27 22:55Z".length],
  ["day", "2026-11-27".length],
]);

/** The widest name for which the others make room, where there is no terminal. */
const MAX_NAME_WIDTH = 32;

/** A name is not cut to less. */
const MIN_NAME_WIDTH = 7;

/** What a brief signer and the verdict take behind the time, such as `maintainers-… (trusted)  FAILED RUN`. */
const BRIEF_REST = 35;

/** Where these have more room, the time is shown in more detail. */
const WHOLE_REST = 46;

const GAPS = 4;

/** Chooses the columns for all rows of a list. `placeWidth` is what the words for the runs' places take. */
export function listColumns(runIds: Iterable<string>, room: number | undefined, placeWidth = 0): ListColumns {
  let widest = 0;
  for (const runId of runIds) widest = Math.max(widest, textWidth(runName(runId)));
  if (room === undefined) return { nameWidth: Math.min(widest, MAX_NAME_WIDTH), time: "second", room };
  const left = room - GAPS - widthOf("day") - BRIEF_REST - placeWidth;
  const most = Math.max(MIN_NAME_WIDTH, Math.min(left, Math.floor(room / 2)));
  const nameWidth = Math.min(widest, most);
  const rest = room - GAPS - nameWidth - WHOLE_REST - placeWidth;
  const time = [...TIME_WIDTHS].find(([, width]) => width <= rest)?.[0] ?? "day";
  return { nameWidth, time, room };
}

/** A run's name. Cut in the middle: what tells runs apart is often in the end, as in `nightly-2` and `nightly-3`. */
export function nameColumn(runId: string, { nameWidth, room }: ListColumns): string {
  const name = runName(runId);
  return padded(room === undefined ? name : cutMiddle(name, nameWidth), nameWidth);
}

/** A time as `2026-11-27T22:55:58Z`, or what is said instead of one. */
export function timeColumn(time: string | undefined, { time: form }: ListColumns): string {
  return padded(time === undefined ? "no time" : shortTime(time, form), widthOf(form));
}

/** The room of a time that a row does not have. */
export function noTimeColumn({ time }: ListColumns): string {
  return " ".repeat(widthOf(time));
}

function shortTime(time: string, form: TimeForm): string {
  const [date = "", clock = ""] = time.split("T");
  if (form === "day") return date;
  return form === "minute" ? `${date} ${clock.slice(0, 5)}Z` : time;
}

function widthOf(form: TimeForm): number {
  return TIME_WIDTHS.get(form) ?? 0;
}
