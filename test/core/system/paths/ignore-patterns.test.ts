import { describe, expect, it } from "vitest";
import { isWellFormed } from "../../../../src/core/system/bytes/utf8.ts";
import {
  IgnorePatterns,
  MAX_IGNORE_PATTERN_BYTES,
  MAX_IGNORE_PATTERNS,
} from "../../../../src/core/system/paths/ignore-patterns.ts";
import { fc } from "../../../support/rings/properties.ts";

function patternsOf(lines: readonly string[]): IgnorePatterns {
  const parsed = IgnorePatterns.parse(lines);
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.value;
}

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
