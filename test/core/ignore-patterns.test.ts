import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isWellFormed } from "../../src/core/bytes/utf8.ts";
import {
  IgnorePatterns,
  ignoreLines,
  MAX_IGNORE_PATTERN_BYTES,
  MAX_IGNORE_PATTERNS,
} from "../../src/core/paths/ignore-patterns.ts";
import { fc, runs } from "../support/properties.ts";
import { longIt } from "../support/ring.ts";

const NAMES = [
  "a",
  "b",
  "ab",
  "foo",
  "foobar",
  "a b",
  "ä",
  "#a",
  "!a",
  "[ab]",
  "a]",
  "A",
  "x.log",
  "a\\b",
  "-",
];

/** Every path of a small tree, three levels deep, with whether it is a folder. */
const TREE: readonly (readonly [path: string, isFolder: boolean])[] = NAMES.flatMap((name) => [
  [name, true] as const,
  ...["a", "b", "foo", "x.log", "ä"].flatMap((inner) => [
    [`${name}/${inner}`, true] as const,
    ...["a", "ab", "foobar", "x.log", "a]"].map((last) => [`${name}/${inner}/${last}`, false] as const),
  ]),
  [`${name}/bar`, false] as const,
]);

function patternsOf(lines: readonly string[]): IgnorePatterns {
  const parsed = IgnorePatterns.parse(lines);
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.value;
}

/** As a walk meets a path: a folder that is left out is not entered. */
function isLeftOut(patterns: IgnorePatterns, path: string, isFolder: boolean): boolean {
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    if (patterns.decide(path.slice(0, end), true)?.leavesOut === true) return true;
  }
  return patterns.decide(path, isFolder)?.leavesOut === true;
}

const FRAGMENTS = [
  ...[
    "a",
    "b",
    "ab",
    "foo",
    "bar",
    "x.log",
    "ä",
    "]",
    "A",
    "-",
    "#",
    "!",
    " ",
    "\t",
    "\\",
    "\\\\",
    "\\ ",
    "\\/",
  ],
  ...[
    "*",
    "**",
    "***",
    "?",
    "/",
    "/",
    "/",
    "**/",
    "/**",
    "/**/",
    "*/",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "[c-a]",
  ],
  ...[
    "[]a]",
    "[!]a]",
    "[a-]",
    "[-a]",
    "[\\]]",
    "[[:alpha:]]",
    "[[:upper:]b]",
    "[[:nope:]]",
    "[[:space:]#]",
    "[",
    "[a",
  ],
  ...["[a/b]", "[[:]", "[[::]", "[\\a-c]", "[a-\\c]", "[[a]"],
];

const pattern = fc
  .array(fc.constantFrom(...FRAGMENTS), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""));

describe("patterns of files to leave out", () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ignore-"));
    execFileSync("git", ["init", "-q", folder]);
    for (const [path, isFolder] of TREE) {
      if (isFolder) mkdirSync(join(folder, path), { recursive: true });
      else writeFileSync(join(folder, path), "");
    }
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What git leaves out of the tree. */
  function leftOutByGit(text: string): ReadonlySet<string> {
    writeFileSync(join(folder, ".gitignore"), text);
    const options = ["-c", "core.excludesFile=/dev/null", "-c", "core.ignoreCase=false"];
    const input = TREE.map(([path]) => path).join("\0");
    try {
      const out = execFileSync("git", [...options, "check-ignore", "--no-index", "-z", "--stdin"], {
        cwd: folder,
        input,
        env: { PATH: process.env["PATH"] ?? "", GIT_CONFIG_NOSYSTEM: "1", HOME: folder },
      });
      return new Set(out.toString("utf8").split("\0").filter(Boolean));
    } catch (thrown) {
      // Exit code 1: it leaves out none of them.
      if ((thrown as { readonly status?: unknown }).status === 1) return new Set();
      throw thrown;
    }
  }

  function expectAsGit(text: string): void {
    const byGit = leftOutByGit(text);
    const patterns = patternsOf(ignoreLines(text));
    const ours = TREE.filter(([path, isFolder]) => isLeftOut(patterns, path, isFolder)).map(([path]) => path);
    expect(ours, JSON.stringify(text)).toEqual(TREE.map(([path]) => path).filter((path) => byGit.has(path)));
  }

  longIt("mean what they mean to git check-ignore, one by one", () => {
    fc.assert(
      fc.property(pattern, (line) => expectAsGit(`${line}\n`)),
      { numRuns: runs(400) },
    );
  });

  longIt("mean what they mean to git check-ignore, several at once, with negations", () => {
    const lines = fc.array(
      fc.oneof(
        pattern,
        pattern.map((line) => `!${line}`),
      ),
      { minLength: 2, maxLength: 6 },
    );
    fc.assert(
      fc.property(lines, fc.constantFrom("\n", "\r\n"), (all, end) => expectAsGit(all.join(end))),
      { numRuns: runs(200) },
    );
  });

  it.each([
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
    "!",
    "!!a",
    "\\!a",
    "\\#a",
    "#a",
    "a b  ",
    "a\\ b",
    "a\\",
    "\ufeffa",
    "[ab]\n![ab]",
    "*\n!*/\n!x.log",
    "a\n!a/b",
    "???",
    "**\\/x.log",
    "a/**\\/x.log",
  ])("mean to git check-ignore what they mean here: %j", (text) => {
    expectAsGit(text);
  });
});

describe("bounds of patterns", () => {
  it("refuse a pattern that is too long, and one too many, by the line", () => {
    expect(IgnorePatterns.parse(["a", "b".repeat(MAX_IGNORE_PATTERN_BYTES + 1)])).toEqual({
      ok: false,
      code: "PATTERN_TOO_LONG",
      line: 2,
    });
    const many = ["# not a pattern", "", ...Array.from({ length: MAX_IGNORE_PATTERNS + 1 }, () => "a")];
    expect(IgnorePatterns.parse(many)).toEqual({
      ok: false,
      code: "TOO_MANY_PATTERNS",
      line: MAX_IGNORE_PATTERNS + 3,
    });
    expect(IgnorePatterns.parse(many.slice(0, -1)).ok).toBe(true);
  });

  it("are kept by the work, too: a hostile pattern asks no more than pattern by path questions", () => {
    const path = `${"a/".repeat(2000)}c`;
    const patterns = patternsOf([
      `${"**/a/".repeat(200)}b`,
      `${"*a".repeat(500)}b`,
      "[[:alpha:]]*/".repeat(60),
    ]);
    expect(patterns.decide(path, false)).toBeUndefined();
    expect(patterns.decide("a".repeat(4096), false)).toBeUndefined();
  });

  it("never throw, whatever the pattern and the path", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.string({ minLength: 1 }),
        fc.boolean(),
        (lines, path, isFolder) => {
          const parsed = IgnorePatterns.parse(lines);
          if (parsed.ok && isWellFormed(path)) parsed.value.decide(path, isFolder);
        },
      ),
    );
  });
});
