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
import { fc } from "../support/properties.ts";

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

  it("decide about a path of 80 components at once, whatever the pattern", () => {
    const patterns = patternsOf(["**/a/**/a/**/a/**/a/**/b"]);
    for (let turn = 0; turn < 10_000; turn++)
      expect(patterns.decide(`${"a/".repeat(79)}a`, false)).toBeUndefined();
  });

  /** Lists that the first pattern decides, after all others were tried in vain. */
  it.each([
    ["a long run of bytes", `*${"a".repeat(127)}b*`],
    ["a long run of sets", `*${"[ac]".repeat(127)}b*`],
    ["many short runs", "*[ab]a[cd]".repeat(100)],
    ["many folders", `**/${"a/".repeat(250)}b/**/*`],
    ["many folders and stars", `**/${"*a/".repeat(250)}b/**/*`],
    ["many stars of folders", `${"**/a/".repeat(200)}b`],
  ])("decide about 100 names in a folder 100 deep, with 1,000 patterns of %s", (_what, pattern) => {
    const patterns = patternsOf(["*", ...Array.from({ length: MAX_IGNORE_PATTERNS - 1 }, () => pattern)]);
    const folder = "a/".repeat(100);
    for (let name = 0; name < 100; name++)
      expect(patterns.decide(`${folder}${"a".repeat(250)}${name}`, false)?.pattern).toBe("*");
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
