import { describe, expect, it } from "vitest";
import { type GlobToken, parseGlob } from "../../../../src/core/system/paths/glob-token.ts";
import { nameTest, TestedName } from "../../../../src/core/system/paths/name-glob.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

function tokensOf(pattern: string): readonly GlobToken[] {
  const [component] = parseGlob(pattern) ?? [];
  if (component === undefined || component === "any-number") throw new Error(`not a name: ${pattern}`);
  return component;
}

/** What a pattern of `a`, `b`, `[ab]`, `[!a]`, `?` and `*` means, by definition: tries every length of every star. */
function meansByDefinition(tokens: readonly string[], name: string): boolean {
  // Which ends of the tokens so far are possible: one flag for each length of the name.
  let ends = Array.from({ length: name.length + 1 }, (_, length) => length === 0);
  for (const token of tokens) {
    const before = ends;
    ends = before.map((_, length) => {
      if (token === "*") return before.slice(0, length + 1).includes(true);
      return length > 0 && before[length - 1] === true && accepts(token, name.charAt(length - 1));
    });
  }
  return ends[name.length] === true;
}

function accepts(token: string, character: string): boolean {
  if (token === "?" || token === character) return true;
  return token === "[ab]" ? "ab".includes(character) : token === "[!a]" && character !== "a";
}

const token = fc.constantFrom("a", "a", "b", "[ab]", "[!a]", "?", "*");

describe("a pattern for a name", () => {
  it("means what it means by definition, with short and with long runs between stars", () => {
    const tokens = fc.oneof(
      fc.array(token, { minLength: 1, maxLength: 12 }),
      fc
        .array(
          fc.array(fc.constantFrom("a", "a", "a", "a", "?", "[ab]", "b"), { minLength: 10, maxLength: 80 }),
          {
            minLength: 1,
            maxLength: 3,
          },
        )
        .map((parts) => parts.flatMap((part) => ["*", ...part])),
    );
    const name = fc
      .array(fc.constantFrom("a", "a", "a", "a", "a", "a", "a", "b", "c"), { minLength: 1, maxLength: 250 })
      .map((characters) => characters.join(""));
    fc.assert(
      fc.property(tokens, name, fc.nat(4), (pattern, drawn, ending) => {
        const all = ending > 0 ? [...pattern, "*"] : pattern;
        // A name that has the runs of the pattern in it, so that many of the names match.
        const made = all
          .map((part) => (part === "*" ? drawn.slice(0, ending * 7) : part === "b" ? "b" : "a"))
          .join("");
        for (const tested of [drawn, made, `${made}b`, made.slice(1)]) {
          const isMatch = nameTest(tokensOf(all.join("")))(new TestedName(tested));
          expect(isMatch, `${all.join("")} on ${tested}`).toBe(meansByDefinition(all, tested));
        }
      }),
      { numRuns: runs(2000) },
    );
  });

  it("finds a run of any length wherever it is", () => {
    for (let length = 1; length <= 140; length++) {
      for (const before of [0, 1, 31, 32, 33, 100]) {
        const name = `${"a".repeat(before)}b${"a".repeat(length - 1)}c`;
        const test = nameTest(tokensOf(`*[b]${"[a]".repeat(length - 1)}*`));
        expect(test(new TestedName(name))).toBe(true);
        expect(test(new TestedName(name.replace("b", "a")))).toBe(false);
      }
    }
  });
});
