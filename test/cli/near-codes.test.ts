import { describe, expect, it } from "vitest";
import { ALL_CODES } from "../../src/cli/codes/codes.ts";
import { editDistance, nearWords } from "../../src/cli/commands/explain/near-codes.ts";
import { fc } from "../support/properties.ts";

const WORD = fc.string({ unit: fc.constantFrom("A", "B", "_"), maxLength: 8 });

describe("the distance between two words", () => {
  it("counts inserted, removed, replaced and swapped characters", () => {
    expect(editDistance("HASH", "HASH")).toBe(0);
    expect(editDistance("HAS", "HASH")).toBe(1);
    expect(editDistance("HASHH", "HASH")).toBe(1);
    expect(editDistance("HESH", "HASH")).toBe(1);
    expect(editDistance("HSAH", "HASH")).toBe(1);
    expect(editDistance("", "HASH")).toBe(4);
  });

  it("is the same in both directions, and zero for the same word only", () => {
    fc.assert(
      fc.property(WORD, WORD, (one, other) => {
        expect(editDistance(one, other)).toBe(editDistance(other, one));
        expect(editDistance(one, other) === 0).toBe(one === other);
      }),
    );
  });
});

describe("suggested codes", () => {
  it("begin with the nearest, and are five at most", () => {
    expect(nearWords("HASH_MISMACH", ALL_CODES)[0]).toBe("HASH_MISMATCH");
    expect(nearWords("RESTORE", ALL_CODES)).toHaveLength(5);
    expect(nearWords("", ALL_CODES)).toEqual([]);
    expect(nearWords("XYZ", ALL_CODES)).toEqual([]);
  });

  it("have every code first for itself with one character left out", () => {
    for (const code of ALL_CODES.filter(({ length }) => length > 4)) {
      expect(nearWords(code.slice(0, 3) + code.slice(4), ALL_CODES), code).toContain(code);
    }
  });
});
