/** What differs, in words. @module */

import { quoteIfNeeded } from "../../../core/internal.ts";
import { countOf, numberOf } from "../../../core/system/bytes/count-text.ts";
import type { SeenBundle } from "../../../node/judge/history/inspect-run.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import type { Io } from "../../output/io.ts";
import type { ChangeKind } from "../../results/changes.ts";
import { paint } from "../../text/paint.ts";
import { runLine } from "../history/history-text.ts";
import { listColumns } from "../history/list-columns.ts";
import { folderWords, linkWords } from "../history/tree-words.ts";
import { countChanges, type EntryChanges, type FoldedChange } from "./entry-changes.ts";

/** Lines that a person is shown of each kind; `--json` has all. */
const MAX_SHOWN = 1000;

/** Undefined: nothing, as the first of two sides, and the folder as the second. */
type SeenSides = readonly [before: SeenBundle | undefined, after: SeenBundle | undefined];

/** What is compared. */
export function comparedLines(
  seen: SeenSides,
  trusts: readonly (TrustAnswer | undefined)[],
  { colour, columns: room }: Pick<Io, "colour" | "columns">,
): string {
  const columns = listColumns(
    seen.flatMap((side) => side?.run.runId ?? []),
    room === undefined ? undefined : room - "--- ".length,
  );
  const style = { columns, colour, isVerified: false };
  const words = (side: SeenBundle | undefined, index: number): string =>
    side === undefined
      ? `${index === 0 ? "nothing: it is the first run" : "the folder"}\n`
      : runLine(side, trusts[index], "line", style);
  return seen.map((side, index) => `${index === 0 ? "---" : "+++"} ${words(side, index)}`).join("");
}

/** How a line of each kind begins, and how its change is coloured. */
export const MARKS: Readonly<
  Record<ChangeKind, readonly [mark: string, meaning: Parameters<typeof paint>[1]]>
> = {
  added: ["+ added   ", "good"],
  removed: ["- removed ", "bad"],
  changed: ["~ changed ", "doubtful"],
  kind: ["~ kind    ", "doubtful"],
  mode: ["~ mode    ", "doubtful"],
  unreadable: ["! unread  ", "bad"],
};

/** The changes, each on a line, by their kind. */
export function changeLines(changes: readonly FoldedChange[], colour: boolean): string {
  return Object.entries(MARKS)
    .map(([kind, [mark, meaning]]) => {
      const rows = changes.filter(({ change }) => change === kind);
      const shown = rows
        .slice(0, MAX_SHOWN)
        .map((row) => `${paint(mark, meaning, colour)}${changeWords(row)}\n`);
      const more = rows.length - shown.length;
      return shown.join("") + (more > 0 ? `${mark.slice(0, 1)} … and ${numberOf(more)} more ${kind}\n` : "");
    })
    .join("");
}

/** What changed at a path, and how, but for bytes. */
export function changeWords({ after, before, change, entries, kind, path }: FoldedChange): string {
  const target = after ?? before;
  if (entries !== undefined) return `${folderWords(path)}  (${countOf(entries, "path")})`;
  if (change === "added" || change === "removed") {
    if (kind === "link" && target !== undefined) return linkWords(path, target);
    return kind === "folder" ? folderWords(path) : quoteIfNeeded(path);
  }
  const isOfBytes = kind === "file" && change === "changed";
  if (isOfBytes || before === undefined || after === undefined) return quoteIfNeeded(path);
  const aspect = change === "changed" ? "target" : change;
  return `${quoteIfNeeded(path)}: ${aspect} ${quoteIfNeeded(before)}, now ${quoteIfNeeded(after)}`;
}

/** How many changes there are. */
export function countsLine({ changes, same }: EntryChanges, isFolder: boolean): string {
  const { added, changed, kind, mode, removed, unreadable } = countChanges(changes);
  const counts = [`${added} added`, `${removed} removed`, `${changed + kind + mode} changed`];
  if (unreadable > 0) counts.push(`${unreadable} unreadable`);
  const looked = isFolder ? "" : "; the outputs were not looked at";
  return `${counts.join(", ")}; ${countOf(same, "file")} the same${looked}\n`;
}

/** What can't be compared if a run has no tree. */
export function treeNote(seen: SeenSides): string {
  const runs = seen.filter((side) => side !== undefined);
  const without = runs.filter(({ tree }) => tree === undefined);
  const [one] = without;
  if (one === undefined || (without.length === runs.length && runs.length > 1)) return "";
  return `run ${quoteIfNeeded(one.run.runId)} has no tree: it names no modes, links or empty folders\n`;
}
