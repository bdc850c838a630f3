import { describe, expect, it } from "vitest";
import { asCount, JsonNumber, jsonObject } from "../../../../src/core/system/json/json-value.ts";

describe("asCount", () => {
  it.each([
    ["0", 0],
    ["7", 7],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ])("reads %s", (lexeme, count) => expect(asCount(new JsonNumber(lexeme))).toBe(count));

  it("refuses what a double cannot hold exactly", () => {
    expect(asCount(new JsonNumber("9007199254740992"))).toBeUndefined();
    expect(asCount(new JsonNumber("9".repeat(4300)))).toBeUndefined();
  });

  it("refuses a minus sign, also before zero", () => {
    expect(asCount(new JsonNumber("-1"))).toBeUndefined();
    expect(asCount(new JsonNumber("-0"))).toBeUndefined();
  });

  it("refuses other spellings of an integer", () => {
    for (const lexeme of ["1.0", "1e2", "10e-1"]) expect(asCount(new JsonNumber(lexeme))).toBeUndefined();
  });

  it("refuses a value that is not a number, texts of digits included", () => {
    for (const value of [undefined, null, true, "1", [], new Map()]) expect(asCount(value)).toBeUndefined();
  });
});

describe("jsonObject", () => {
  it.each([0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])("throws a RangeError on %d", (value) => {
    expect(() => jsonObject({ n: value })).toThrow(RangeError);
  });
});
