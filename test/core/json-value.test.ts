import { describe, expect, it } from "vitest";
import {
  asCount,
  isJsonObject,
  JsonNumber,
  jsonObject,
  withoutMember,
} from "../../src/core/json/json-value.ts";

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
  const lexemeOf = (value: number): unknown => {
    const member = jsonObject({ n: value }).get("n");
    return member instanceof JsonNumber ? member.lexeme : member;
  };

  it("keeps null and leaves out undefined", () => {
    expect(jsonObject({ a: null, b: undefined })).toEqual(new Map([["a", null]]));
  });

  it("writes safe integers exactly", () => {
    expect(lexemeOf(-9007199254740991)).toBe("-9007199254740991");
    expect(lexemeOf(1e15)).toBe("1000000000000000");
  });

  it("writes negative zero as 0", () => expect(lexemeOf(-0)).toBe("0"));

  it.each([0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])("throws a RangeError on %d", (value) => {
    expect(() => jsonObject({ n: value })).toThrow(RangeError);
  });
});

describe("isJsonObject", () => {
  it("distinguishes objects from arrays, null and undefined", () => {
    expect(isJsonObject(new Map())).toBe(true);
    for (const value of [[], null, undefined, "{}", new JsonNumber("1")])
      expect(isJsonObject(value)).toBe(false);
  });
});

describe("withoutMember", () => {
  it("gives a copy and does not change the original", () => {
    const object = jsonObject({ a: "x", b: "y" });
    expect(withoutMember(object, "a")).toEqual(new Map([["b", "y"]]));
    expect(object.size).toBe(2);
  });

  it("gives an equal copy without such a member", () => {
    expect(withoutMember(jsonObject({ a: "x" }), "b")).toEqual(new Map([["a", "x"]]));
  });
});
