/** What differs between two bundles, in words. @module */

import { type OutputChanges, quoteIfNeeded } from "../../../core/internal.ts";
import type { SeenRun } from "../../../node/index.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import { countOf, numberOf } from "../../text/count-text.ts";
import { paint } from "../../text/paint.ts";
import { runLine } from "./history-text.ts";
import { listColumns } from "./list-columns.ts";

/** Lines that a person is shown of each kind; `--json` has all. */
const MAX_SHOWN = 1000;

/** Which two bundles are compared. */
export function comparedLines(
  seen: readonly SeenRun[],
  trusts: readonly (TrustAnswer | undefined)[],
  colour: boolean,
): string {
  const columns = listColumns(
    seen.map(({ run }) => run.runId),
    undefined,
  );
  const style = { columns, colour, isVerified: false };
  return seen
    .map((one, index) => `${index === 0 ? "---" : "+++"} ${runLine(one, trusts[index], "line", style)}`)
    .join("");
}

/** The changes, each output on a line, and how many there are. */
export function changeLines({ added, changed, removed, same }: OutputChanges, colour: boolean): string {
  const counts = [`${added.length} added`, `${removed.length} removed`, `${changed.length} changed`];
  return [
    ...lines("added", "+", added, "good", colour),
    ...lines("removed", "-", removed, "bad", colour),
    ...lines("changed", "~", changed, "doubtful", colour),
    `${counts.join(", ")}; ${countOf(same, "output")} the same; the outputs were not looked at\n`,
  ].join("");
}

function lines(
  word: string,
  mark: string,
  outputs: readonly { readonly path: string }[],
  meaning: Parameters<typeof paint>[1],
  colour: boolean,
): readonly string[] {
  const shown = outputs
    .slice(0, MAX_SHOWN)
    .map(({ path }) => `${paint(`${mark} ${word.padEnd(8)}`, meaning, colour)}${quoteIfNeeded(path)}\n`);
  const more = outputs.length - shown.length;
  return more > 0 ? [...shown, `${mark} … and ${numberOf(more)} more ${word}\n`] : shown;
}
