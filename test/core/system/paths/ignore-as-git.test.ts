import { afterAll, describe, expect, it } from "vitest";
import { IgnorePatterns, ignoreLines } from "../../../../src/core/system/paths/ignore-patterns.ts";
import { type Entries, IgnoreArena } from "../../../support/bundles/git-check-ignore.ts";
import { drawIgnoreFile, drawTree } from "../../../support/bundles/ignore-cases.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { drawing, LONG_TEST_MS, longIt } from "../../../support/rings/ring.ts";

/** Trees that one process of git is asked about. */
const TREES = 250;

const folder = makeFolder(process.env["RUNSEAL_TEST_FOLDER"]);
const draw = drawing(17);
const trees = Array.from({ length: TREES }, () => drawTree(draw));
const arena = new IgnoreArena(folder, trees);

afterAll(() => removeTree(folder), LONG_TEST_MS);

/** What decides about each entry, as `IgnoreArena` gives it: as a walk meets the entries, which enters no folder that is left out. */
function decideByWalk(text: string, entries: Entries): ReadonlyMap<string, string> {
  const parsed = IgnorePatterns.parse(ignoreLines(text));
  if (!parsed.ok) throw new Error(parsed.code);
  const decisions = new Map<string, string>();
  const leftOut = new Map<string, string>();
  for (const [path, isFolder] of entries) {
    const above = leftOut.get(path.slice(0, Math.max(path.lastIndexOf("/"), 0)));
    const decision = parsed.value.decide(path, isFolder);
    const pattern = above ?? decision?.pattern;
    if (pattern !== undefined) decisions.set(path, pattern);
    if (pattern !== undefined && isFolder && (above !== undefined || decision?.leavesOut === true))
      leftOut.set(path, pattern);
  }
  return decisions;
}

/** Compares ignore files, each on a tree of its own. Counts the entries and those that a pattern decides about. */
function compareWithGit(ignoreFiles: number): { entries: number; decided: number } {
  let entries = 0;
  let decided = 0;
  for (let done = 0; done < ignoreFiles; done += TREES) {
    const texts = trees.slice(0, ignoreFiles - done).map((tree) => drawIgnoreFile(draw, tree));
    const byGit = arena.decide(texts);
    for (const [index, text] of texts.entries()) {
      const tree = trees[index] ?? [];
      const ours = decideByWalk(text, tree);
      expect([...ours], JSON.stringify(text)).toEqual(orderedAs(tree, byGit[index]));
      entries += tree.length;
      decided += ours.size;
    }
  }
  return { entries, decided };
}

function orderedAs(tree: Entries, decisions: ReadonlyMap<string, string> = new Map()): [string, string][] {
  return tree.flatMap(([path]) => {
    const pattern = decisions.get(path);
    return pattern === undefined ? [] : [[path, pattern]];
  });
}

/** What a reader of the documentation asks first, and what readers got wrong. */
const KNOWN = [
  ...[
    "foo**/bar",
    "foo**bar",
    "a**",
    "**",
    "**/",
    "/**",
    "**/foo/**",
    "a/**/b",
    "a*/**/x.log",
    "/a",
    "a/",
    "/",
  ],
  ...["!", "!!a", "\\!a", "\\#a", "#a", "a b  ", "a\\ b", "a\\", "\ufeffa", "[ab]\n![ab]", "*\n!*/\n!x.log"],
  ...["a\n!a/b", "???", "**\\/x.log", "a/**\\/x.log"],
];

describe("ignore files", () => {
  it("mean what they mean to git check-ignore, each of the known texts", () => {
    for (const text of KNOWN) {
      const byGit = arena.decide(trees.map(() => text));
      for (const [index, tree] of trees.entries()) {
        expect([...decideByWalk(text, tree)], JSON.stringify(text)).toEqual(orderedAs(tree, byGit[index]));
      }
    }
  });

  it("mean what they mean to git check-ignore, in 1,000 drawn cases", () => {
    const { entries, decided } = compareWithGit(1000);
    // Cases in which no pattern matches would prove little.
    expect(decided / entries).toBeGreaterThan(0.2);
  });

  longIt(
    "mean what they mean to git check-ignore, in 40,000 drawn cases",
    () => {
      const { entries, decided } = compareWithGit(40_000);
      console.log(`40,000 ignore files, ${entries} entries, ${decided} decided by a pattern, 0 differences`);
    },
    LONG_TEST_MS,
  );
});
