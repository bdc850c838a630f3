import { describe, expect, it } from "vitest";
import { digestToHex, isHexDigest, parseHex, parseHexInto, toHex } from "../../src/core/bytes/hex.ts";
import { fc } from "../support/properties.ts";
import { longIt } from "../support/ring.ts";

describe("toHex", () => {
  it("agrees with Buffer on any bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        (bytes) => void expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex")),
      ),
    );
  });

  it("writes no bytes as an empty text", () => expect(toHex(new Uint8Array())).toBe(""));
});

describe("digestToHex", () => {
  it("writes 32 bytes as 64 characters", () => {
    expect(digestToHex(new Uint8Array(32).fill(0xaf))).toBe("af".repeat(32));
  });

  it.each([0, 20, 31, 33, 64])("throws a RangeError on %i bytes", (length) => {
    expect(() => digestToHex(new Uint8Array(length))).toThrow(RangeError);
  });
});

describe("parseHexInto", () => {
  it("says whether the text was just as much hex as fills the bytes", () => {
    const bytes = new Uint8Array(2);
    expect(parseHexInto("00ff", bytes)).toBe(true);
    expect(bytes).toEqual(Uint8Array.of(0, 255));
    for (const text of ["00f", "00fff", "00f\u0166", "00g0", "00F0"])
      expect(parseHexInto(text, bytes)).toBe(false);
  });
});

describe("parseHex", () => {
  it("gives back what toHex wrote", () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        (bytes) => void expect(parseHex(toHex(bytes), bytes.length)).toEqual(bytes),
      ),
    );
  });

  it("refuses uppercase digits", () => {
    expect(parseHex("0A", 1)).toBeUndefined();
    expect(parseHex("F0", 1)).toBeUndefined();
  });

  it("refuses a text of any other length", () => {
    for (const text of ["", "0", "000", "00000", "0000 "]) expect(parseHex(text, 2)).toBeUndefined();
  });

  it("refuses white space, prefixes and signs that number parsers allow", () => {
    for (const text of [" 0", "0 ", "\n0", "0\n", "0x", "+1", "-1", "1."])
      expect(parseHex(text, 1)).toBeUndefined();
  });

  it("reads 1e as two digits, not as an exponent", () =>
    expect(parseHex("1e", 1)).toEqual(Uint8Array.of(0x1e)));

  longIt("takes exactly sixteen units for digits, in either half of a byte", () => {
    const digits = new Set("0123456789abcdef");
    for (let unit = 0; unit <= 0xffff; unit++) {
      const character = String.fromCharCode(unit);
      expect(parseHex(`${character}0`, 1) !== undefined).toBe(digits.has(character));
      expect(parseHex(`0${character}`, 1) !== undefined).toBe(digits.has(character));
    }
  });
});

describe("isHexDigest", () => {
  it("accepts 64 lowercase hex characters", () =>
    expect(isHexDigest("0123456789abcdef".repeat(4))).toBe(true));

  it("refuses 63 and 65 characters", () => {
    expect(isHexDigest("a".repeat(63))).toBe(false);
    expect(isHexDigest("a".repeat(65))).toBe(false);
  });

  it("refuses a line break in place of, or after, the last character", () => {
    expect(isHexDigest(`${"a".repeat(63)}\n`)).toBe(false);
    expect(isHexDigest(`${"a".repeat(64)}\n`)).toBe(false);
  });

  it("refuses uppercase and letters beyond f", () => {
    expect(isHexDigest("A".repeat(64))).toBe(false);
    expect(isHexDigest("g".repeat(64))).toBe(false);
  });

  longIt("takes exactly sixteen units for digits, wherever they stand", () => {
    const digits = new Set("0123456789abcdef");
    for (let unit = 0; unit <= 0xffff; unit++) {
      const character = String.fromCharCode(unit);
      expect(isHexDigest(character + "0".repeat(63))).toBe(digits.has(character));
      expect(isHexDigest("0".repeat(63) + character)).toBe(digits.has(character));
    }
  });

  it("refuses what only turns into such a text", () => {
    const text = "a".repeat(64);
    for (const value of [undefined, null, 0, [text], new String(text), { toString: () => text }]) {
      expect(isHexDigest(value)).toBe(false);
    }
  });
});
