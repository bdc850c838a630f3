/** The entries of a tree that are not files, in words. @module */

import {
  firstItems,
  isProgramMode,
  LinkJudge,
  type Listing,
  quote,
  quoteIfNeeded,
  type SealedTree,
} from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";

/** Entries that a person is shown of each kind; `--json` has more. */
const MAX_ENTRIES = 1000;

const ARROW = " -> ";

/** Whether a file is a program, by its path. */
export function isProgramIn(tree: SealedTree | undefined): (path: string) => boolean {
  const programs = (tree?.modes ?? []).filter(({ mode }) => isProgramMode(Number.parseInt(mode, 8)));
  return (path) => programs.some(({ paths }) => paths.find(path) !== undefined);
}

/** Links, empty folders, and what the seal left out, each under a heading. */
export function treeSections(tree: SealedTree | undefined): string {
  if (tree === undefined) return "";
  const judge = new LinkJudge(tree, tree.files);
  const { emptyFolders, ignored, leftOut, links } = tree;
  return [
    section("links", links.paths, "link", (path, index) => {
      const outside = judge.leadsOutside(index) ? "  (leads outside)" : "";
      return `${linkWords(path, links.values.at(index) ?? "")}${outside}`;
    }),
    section("empty folders", emptyFolders, "empty folder", folderWords),
    section("left out", leftOut.paths, "path", (path, index) => {
      return `${quoteIfNeeded(path)}  (${leftOut.values.at(index) ?? ""})`;
    }),
    section("ignored", ignored, "pattern", quoteIfNeeded),
  ].join("");
}

function section(
  heading: string,
  entries: Listing<string>,
  one: string,
  words: (entry: string, index: number) => string,
): string {
  if (entries.length === 0) return "";
  const shown = firstItems(entries, MAX_ENTRIES).map((entry, index) => `  ${words(entry, index)}\n`);
  const more = entries.length - shown.length;
  const left = more > 0 ? `  … and ${countOf(more, `more ${one}`)}; --json has them\n` : "";
  return `${heading}\n${shown.join("")}${left}`;
}

/** A link as `path -> target`. Quotes a path or a target with an arrow in it, so that there is one arrow only. */
export function linkWords(path: string, target: string): string {
  const word = (text: string): string => (text.includes(ARROW) ? quote(text) : quoteIfNeeded(text));
  return `${word(path)}${ARROW}${word(target)}`;
}

/** A folder with a slash at its end. */
export function folderWords(path: string): string {
  return quoteIfNeeded(`${path}/`);
}
