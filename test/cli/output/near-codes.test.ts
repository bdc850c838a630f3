import { describe, expect, it } from "vitest";
import { ALL_CODES } from "../../../src/cli/codes/all-codes.ts";
import { nearWords } from "../../../src/cli/commands/explain/near-codes.ts";

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
