import { describe, expect, it } from "vitest";
import { matchesWildcards } from "../../../../src/core/system/paths/pattern.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

/** The meaning of `*` and `?` by definition: tries every length of every star. */
function matchesNaively(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  const [first = "", rest = ""] = [pattern.charAt(0), pattern.slice(1)];
  if (first === "*") {
    return Array.from({ length: text.length + 1 }, (_, length) => text.slice(length)).some((left) =>
      matchesNaively(rest, left),
    );
  }
  return text !== "" && (first === "?" || first === text.charAt(0)) && matchesNaively(rest, text.slice(1));
}

describe("a pattern with * and ?", () => {
  it.each([
    ["run.*", "runseal", false],
    ["[r]unseal", "runseal", false],
    ["run\\*", "run*", false],
    ["RUNSEAL", "runseal", false],
    ["?", "\n", true],
  ])("%j against %j: %j", (pattern, text, expected) => {
    expect(matchesWildcards(pattern, text)).toBe(expected);
  });

  it("compares the bytes of UTF-8, so that ? is one byte and * is any number of them", () => {
    expect(matchesWildcards("é", "é")).toBe(true);
    expect(matchesWildcards("?", "é")).toBe(false);
    expect(matchesWildcards("??", "é")).toBe(true);
    expect(matchesWildcards("*", "é\u{1f600}")).toBe(true);
  });

  it("agrees with the definition on all small patterns and texts", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (one, other) => {
        expect(matchesWildcards(one, other)).toBe(matchesNaively(one, other));
      }),
      { numRuns: runs(20_000) },
    );
  });

  it("ends for a million stars, and for a star between every two characters", () => {
    expect(matchesWildcards(`${"*".repeat(1_000_000)}x`, "runseal")).toBe(false);
    expect(matchesWildcards(`${"*a".repeat(1000)}*b`, "a".repeat(2000))).toBe(false);
    expect(matchesWildcards("a*".repeat(1000), "a".repeat(2000))).toBe(true);
  });
});
