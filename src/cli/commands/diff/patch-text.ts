/** `diff --stat` and `diff --patch`, in the manner of git. @module */

import { printable, quoteIfNeeded } from "../../../core/internal.ts";
import { countOf, numberOf } from "../../../core/system/bytes/count-text.ts";
import type { Io } from "../../output/io.ts";
import { paint } from "../../text/paint.ts";
import { cutMiddle, padded, textWidth } from "../history/text-width.ts";
import { changeWords, MARKS } from "./diff-text.ts";
import type { EntryChange, FoldedChange } from "./entry-changes.ts";
import { type ContentPlaces, compareLines, type FileDifference, type Hunk } from "./file-lines.ts";

/** The widest path of a table, where no terminal says how wide it is, and the widest bar of marks. */
const MOST_PATH = 60;
const MOST_BAR = 40;

/** One line for each file or folder, and their sum. */
export async function statLines(
  changes: readonly FoldedChange[],
  places: ContentPlaces,
  { colour, columns }: Pick<Io, "colour" | "columns">,
): Promise<string> {
  const rows: {
    readonly name: string;
    readonly change: FoldedChange;
    readonly lines: FileDifference | undefined;
  }[] = [];
  for (const change of changes) {
    const isFolder = change.kind === "folder";
    const lines = await compareLines(change, places);
    rows.push({ name: quoteIfNeeded(isFolder ? `${change.path}/` : change.path), change, lines });
  }
  const totals = rows.map(({ lines }) => (lines?.kind === "text" ? lines : { added: 0, removed: 0 }));
  const most = totals.reduce((all, { added, removed }) => Math.max(all, added + removed), 1);
  const scale = Math.min(1, MOST_BAR / most);
  const digits = String(most).length;
  const room = Math.min(MOST_PATH, Math.max(12, (columns ?? Number.MAX_SAFE_INTEGER) - MOST_BAR - 12));
  const width = rows.reduce((all, { name }) => Math.max(all, Math.min(room, textWidth(name))), 0);
  const table = rows.map(({ change, lines, name }) => {
    const words = lines?.kind === "text" ? bar(lines, digits, scale, colour) : unlinedWords(change, lines);
    return ` ${padded(cutMiddle(name, width), width)} | ${words}\n`;
  });
  const sum = (mark: "added" | "removed"): number =>
    totals.reduce((all, { [mark]: count }) => all + count, 0);
  const paths = changes.reduce((all, { entries = 1 }) => all + entries, 0);
  const inserted = `${countOf(sum("added"), "insertion")}(+)`;
  return `${table.join("")} ${countOf(paths, "path")} changed, ${inserted}, ${countOf(sum("removed"), "deletion")}(-)\n`;
}

function bar(
  { added, removed }: Extract<FileDifference, { kind: "text" }>,
  digits: number,
  scale: number,
  colour: boolean,
): string {
  const marks = (count: number, mark: string): string => mark.repeat(Math.ceil(count * scale));
  const plus = paint(marks(added, "+"), "good", colour);
  return `${String(added + removed).padStart(digits)} ${plus}${paint(marks(removed, "-"), "bad", colour)}`.trimEnd();
}

/** What is said of a change without lines. */
function unlinedWords({ change, entries }: FoldedChange, difference: FileDifference | undefined): string {
  if (entries !== undefined) return `${countOf(entries, "path")} ${change}`;
  switch (difference?.kind) {
    case "binary":
      return `Bin ${numberOf(difference.before)} -> ${countOf(difference.after, "byte")}`;
    case "too-large":
      return `${change}, too large to compare its lines`;
    case "not-kept":
      return `${change}, its bytes are not kept here`;
    default:
      return change;
  }
}

/** A unified diff of each text file, and one line for each other change. Lines of files are escaped, tabs left. */
export async function* patchTexts(
  changes: readonly EntryChange[],
  places: ContentPlaces,
  colour: boolean,
): AsyncGenerator<string, undefined> {
  for (const change of changes) {
    const difference = await compareLines(change, places);
    if (difference?.kind === "text" && difference.hunks.length > 0) {
      const [before, after] = [`a/${change.path}`, `b/${change.path}`].map(quoteIfNeeded);
      yield `--- ${change.change === "added" ? "/dev/null" : before}\n`;
      yield `+++ ${change.change === "removed" ? "/dev/null" : after}\n`;
      for (const hunk of difference.hunks) yield hunkText(hunk, colour);
    } else {
      const [mark, meaning] = MARKS[change.change];
      const words = difference === undefined ? "" : `  (${unlinedWords(change, difference)})`;
      yield `${paint(mark, meaning, colour)}${changeWords(change)}${difference?.kind === "text" ? "" : words}\n`;
    }
  }
  return undefined;
}

function hunkText({ lines, newLines, newStart, oldLines, oldStart }: Hunk, colour: boolean): string {
  // An empty side is named by the line before it.
  const range = (start: number, count: number): string => `${count === 0 ? start - 1 : start},${count}`;
  const head = paint(`@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`, "hint", colour);
  return [head, ...lines.map((line) => lineText(line, colour))].map((line) => `${line}\n`).join("");
}

/** Characters that could move the cursor or hide text are escaped. */
function lineText(line: string, colour: boolean): string {
  const text = line.split("\t").map(printable).join("\t");
  if (text.startsWith("+")) return paint(text, "good", colour);
  return text.startsWith("-") ? paint(text, "bad", colour) : text;
}
