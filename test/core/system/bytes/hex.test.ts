import { describe, expect, it } from "vitest";
import {
  digestToHex,
  isHexDigest,
  parseHex,
  parseHexInto,
  toHex,
} from "../../../../src/core/system/bytes/hex.ts";
import { fc } from "../../../support/rings/properties.ts";

/** Each unit of UTF-16 that is taken. */
function unitsTaken(isTaken: (unit: string) => boolean): string {
  const units = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit));
  return units.filter(isTaken).join("");
}

describe("toHex", () => {
  it("agrees with Buffer on any bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        (bytes) => void expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex")),
      ),
    );
  });
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

  it("takes exactly sixteen units for digits, in either half of a byte", () => {
    expect(unitsTaken((unit) => parseHex(`${unit}0`, 1) !== undefined)).toBe("0123456789abcdef");
    expect(unitsTaken((unit) => parseHex(`0${unit}`, 1) !== undefined)).toBe("0123456789abcdef");
  });

  it("refuses a text of any other length", () => {
    for (const text of ["", "0", "000", "00000", "0000 "]) expect(parseHex(text, 2)).toBeUndefined();
  });
});

describe("isHexDigest", () => {
  it("takes 64 of exactly sixteen units", () => {
    expect(unitsTaken((unit) => isHexDigest(unit + "0".repeat(63)))).toBe("0123456789abcdef");
    expect(unitsTaken((unit) => isHexDigest("0".repeat(63) + unit))).toBe("0123456789abcdef");
    expect([63, 65].some((length) => isHexDigest("a".repeat(length)))).toBe(false);
  });

  it("refuses a line break in place of, or after, the last character", () => {
    expect(isHexDigest(`${"a".repeat(63)}\n`)).toBe(false);
    expect(isHexDigest(`${"a".repeat(64)}\n`)).toBe(false);
  });

  it("refuses what only turns into such a text", () => {
    const text = "a".repeat(64);
    for (const value of [undefined, null, 0, [text], new String(text), { toString: () => text }]) {
      expect(isHexDigest(value)).toBe(false);
    }
  });
});
