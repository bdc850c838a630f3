/**
 * Draws trees, and ignore files that have something to do with them: random patterns seldom match anything.
 *
 * @module
 */

import type { Entries } from "./git-check-ignore.ts";

/** Draws a number below another one. */
export type Draw = (below: number) => number;

const NAMES = [
  ...[
    "a",
    "b",
    "c",
    "ab",
    "ba",
    "aab",
    "abc",
    "foo",
    "foobar",
    "bar",
    "A",
    "x.log",
    "y.log",
    ".a",
    "..a",
    "a.",
  ],
  ...[
    "a b",
    "a ",
    " a",
    "ä",
    "é",
    "日本",
    "😀",
    "#a",
    "!a",
    "[ab]",
    "a]",
    "[",
    "]",
    "^",
    "-",
    "a-c",
    "a\\b",
    "\\",
  ],
  ...["*", "**", "?", "a*", "a\tb", "a\nb", "\u007f", "\u0001", "a:b", ":", "a1", "Z9", "_", "~", "a\r"],
];

const FRAGMENTS = [
  ...[
    "a",
    "b",
    "c",
    "ab",
    "foo",
    "bar",
    ".log",
    "x.log",
    "ä",
    "日",
    "]",
    "A",
    "-",
    "#",
    "!",
    " ",
    "\t",
    "^",
    ":",
    ".",
  ],
  ...["\\", "\\\\", "\\ ", "\\/", "\\a", "\\*", "\\[", "\\!", "\\#"],
  ...["*", "*", "**", "***", "?", "??", "/", "/", "/", "**/", "/**", "/**/", "*/", "//", "**/**/"],
  ...[
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "[c-a]",
    "[]a]",
    "[!]a]",
    "[a-]",
    "[-a]",
    "[--a]",
    "[\\]]",
    "[!]",
    "[^]",
    "[]",
    "[]-a]",
  ],
  ...[
    "[[:alpha:]]",
    "[[:upper:]b]",
    "[[:nope:]]",
    "[[:space:]#]",
    "[![:alnum:]]",
    "[[:punct:]-a]",
    "[a-[:digit:]]",
    "[[:digit:]-z]",
  ],
  ...[
    "[",
    "[a",
    "[a/b]",
    "[[:]",
    "[[::]",
    "[\\a-c]",
    "[a-\\c]",
    "[[a]",
    "[[:alpha:]",
    "[a-é]",
    "[é]",
    "[!é]",
    "[\\",
    "[a\\",
    "[*]",
    "[?a]",
  ],
];

/** A tree of a few dozen entries, at most four levels deep. */
export function drawTree(draw: Draw): Entries {
  const entries: (readonly [string, boolean])[] = [];
  const fill = (folder: string, depth: number): void => {
    const names = new Set(Array.from({ length: depth === 0 ? 6 : 1 + draw(4) }, () => pick(draw, NAMES)));
    for (const name of names) {
      const isFolder = depth < 3 && draw(10) < 6;
      entries.push([folder + name, isFolder]);
      if (isFolder) fill(`${folder}${name}/`, depth + 1);
    }
  };
  fill("", 0);
  return entries;
}

/** The text of an ignore file of one to eight lines. */
export function drawIgnoreFile(draw: Draw, tree: Entries): string {
  const lines = Array.from({ length: 1 + draw(draw(2) === 0 ? 2 : 8) }, () => drawLine(draw, tree));
  const text = lines.join(draw(20) === 0 ? "\r\n" : "\n") + (draw(2) === 0 ? "\n" : "");
  return draw(50) === 0 ? `\ufeff${text}` : text;
}

function drawLine(draw: Draw, tree: Entries): string {
  if (draw(30) === 0)
    return pick(draw, ["", "# a", " ", "/", "!", "!/", "*", "**", "*/", "!*/", "/*", "/**", "**/"]);
  const body = draw(3) === 0 ? drawFragments(draw) : drawFromTree(draw, tree);
  const end = draw(12) === 0 ? pick(draw, [" ", "  ", "\\ ", "\\  ", "\t", " \t", "\\", "/ "]) : "";
  return (draw(4) === 0 ? "!" : "") + body + end;
}

function drawFragments(draw: Draw): string {
  return Array.from({ length: 1 + draw(6) }, () => pick(draw, FRAGMENTS)).join("");
}

/** A path of the tree with some of its parts made wild. */
function drawFromTree(draw: Draw, tree: Entries): string {
  const [path, isFolder] = pick(draw, tree);
  const all = path.split("/");
  const components = draw(2) === 0 ? all : all.slice(draw(all.length));
  const wild = components.map((component) => drawComponent(draw, component));
  if (draw(5) === 0) wild.splice(draw(wild.length + 1), 0, "**");
  const start = draw(4) === 0 ? "/" : draw(6) === 0 ? "**/" : "";
  return start + wild.join("/") + (draw(isFolder ? 3 : 10) === 0 ? "/" : "");
}

function drawComponent(draw: Draw, component: string): string {
  const way = draw(10);
  const characters = [...component];
  if (way < 3) return component.replace(/[*?[\\]/g, "\\$&");
  if (way === 3) return pick(draw, ["*", "**", "?", "?*", "*?", "***", "[!z]*"]);
  const cut = draw(characters.length + 1);
  if (way === 4) return characters.slice(0, cut).join("") + pick(draw, ["*", "**", "*?", "?"]);
  if (way === 5) return pick(draw, ["*", "**", "?"]) + characters.slice(cut).join("");
  return characters.map((character) => drawCharacter(draw, character)).join("");
}

function drawCharacter(draw: Draw, character: string): string {
  const way = draw(14);
  if (way === 0) return "?";
  if (way === 1) return "*";
  if (way === 2) return `\\${character}`;
  if (way === 3) return `[${character}]`;
  if (way === 4) return `[!${character}]`;
  if (way === 5) return `[a-${character}]`;
  if (way === 6) return `[${character}-z]`;
  if (way === 7) return pick(draw, FRAGMENTS);
  return character;
}

function pick<Item>(draw: Draw, items: readonly Item[]): Item {
  const item = items[draw(items.length)];
  if (item === undefined) throw new RangeError("there is nothing to draw from");
  return item;
}
