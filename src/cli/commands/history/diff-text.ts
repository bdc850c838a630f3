/** What differs between two bundles, in words. @module */

import { type OutputChanges, quoteIfNeeded, type TreeChanges } from "../../../core/internal.ts";
import type { SeenBundle } from "../../../node/history/look-at-run.ts";
import type { SeenRun } from "../../../node/index.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import { countOf, numberOf } from "../../text/count-text.ts";
import { paint } from "../../text/paint.ts";
import { runLine } from "./history-text.ts";
import { listColumns } from "./list-columns.ts";
import { entryWords } from "./tree-words.ts";

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

/** The changes, each on a line, and how many there are. A mode or a target that changed is a line beside that of the bytes. */
export function changeLines(outputs: OutputChanges, inTrees: TreeChanges, colour: boolean): string {
  const { added, changed, removed, same } = outputs;
  const counts = [`${added.length} added`, `${removed.length} removed`, `${changed.length} changed`];
  const path = (output: { readonly path: string }): string => quoteIfNeeded(output.path);
  return [
    ...lines("added", "+", added, path, "good", colour),
    ...lines("added", "+", inTrees.added, entryWords, "good", colour),
    ...lines("removed", "-", removed, path, "bad", colour),
    ...lines("removed", "-", inTrees.removed, entryWords, "bad", colour),
    ...lines("changed", "~", changed, path, "doubtful", colour),
    ...lines("changed", "~", inTrees.changed, changedWords, "doubtful", colour),
    treeCounts(inTrees),
    `${counts.join(", ")}; ${countOf(same, "output")} the same; the outputs were not looked at\n`,
  ].join("");
}

/** What can't be compared if one bundle has no tree. */
export function treeNote(seen: readonly SeenBundle[]): string {
  const without = seen.filter(({ tree }) => tree === undefined);
  const [one] = without;
  if (one === undefined || without.length === seen.length) return "";
  return `run ${quoteIfNeeded(one.run.runId)} has no tree: it names no modes, links or empty folders\n`;
}

function treeCounts({ added, changed, removed }: TreeChanges): string {
  if (added.length + changed.length + removed.length === 0) return "";
  const counts = [`${added.length} added`, `${removed.length} removed`, `${changed.length} changed`];
  return `links, empty folders and modes: ${counts.join(", ")}\n`;
}

function changedWords({ after, aspect, before, path }: TreeChanges["changed"][number]): string {
  return `${quoteIfNeeded(path)}: ${aspect} ${quoteIfNeeded(before)}, now ${quoteIfNeeded(after)}`;
}

function lines<Change>(
  word: string,
  mark: string,
  changes: readonly Change[],
  words: (change: Change) => string,
  meaning: Parameters<typeof paint>[1],
  colour: boolean,
): readonly string[] {
  const shown = changes
    .slice(0, MAX_SHOWN)
    .map((change) => `${paint(`${mark} ${word.padEnd(8)}`, meaning, colour)}${words(change)}\n`);
  const more = changes.length - shown.length;
  return more > 0 ? [...shown, `${mark} … and ${numberOf(more)} more ${word}\n`] : shown;
}
