import { isUtf8 } from "node:buffer";
import { describe, expect, it } from "vitest";
import {
  compareUtf8,
  decodeUtf8,
  encodeUtf8,
  isWellFormed,
  sortUtf8,
  utf8Length,
} from "../../src/core/bytes/utf8.ts";
import { anyText, wellFormedText } from "../support/plain-json.ts";
import { fc, runs } from "../support/properties.ts";

const REFUSED: readonly (readonly [string, readonly number[]])[] = [
  ["a lone continuation byte", [0x80]],
  ["an overlong NUL in two bytes", [0xc0, 0x80]],
  ["an overlong slash in two bytes", [0xc0, 0xaf]],
  ["an overlong slash in three bytes", [0xe0, 0x80, 0xaf]],
  ["an overlong slash in four bytes", [0xf0, 0x80, 0x80, 0xaf]],
  ["an encoded high surrogate", [0xed, 0xa0, 0x80]],
  ["an encoded low surrogate", [0xed, 0xbf, 0xbf]],
  ["an astral character as two encoded surrogates (CESU-8)", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ["a code point beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
  ["the byte FE", [0xfe]],
  ["the byte FF", [0xff]],
  ["a sequence cut short at the end", [0x61, 0xf0, 0x9f, 0x98]],
  ["a sequence cut short by a letter", [0xe2, 0x82, 0x61]],
  ["UTF-16", [0xff, 0xfe, 0x7b, 0x00]],
];

describe("decodeUtf8 (RFC 3629)", () => {
  it.each(REFUSED)("refuses %s", (_, bytes) => expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined());

  it("keeps a byte-order mark, so that the caller can refuse it", () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
  });

  it("keeps a U+FFFD that is encoded in the bytes", () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbf, 0xbd))).toBe("\ufffd");
  });

  it("keeps no bytes of a refused text", () => {
    expect(decodeUtf8(Uint8Array.of(0xf0, 0x9f, 0x98))).toBeUndefined();
    expect(decodeUtf8(Uint8Array.of(0x80))).toBeUndefined();
    expect(decodeUtf8(Uint8Array.of(0x61))).toBe("a");
  });

  it("decodes a view into a larger buffer, not the buffer", () => {
    expect(decodeUtf8(Uint8Array.of(0xff, 0x61, 0x62, 0xff).subarray(1, 3))).toBe("ab");
  });

  it("accepts the same bytes as isUtf8, and keeps all of them", () => {
    const roughByte = fc.oneof(
      fc.constantFrom(0x61, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xa0, 0xf0, 0x90, 0xf4),
      fc.nat(255),
    );
    fc.assert(
      fc.property(fc.array(roughByte, { maxLength: 8 }), (numbers) => {
        const bytes = Uint8Array.from(numbers);
        const text = decodeUtf8(bytes);
        expect(text !== undefined).toBe(isUtf8(bytes));
        if (text !== undefined) expect(encodeUtf8(text)).toEqual(bytes);
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe("encodeUtf8", () => {
  it("is reversed by decodeUtf8 on well-formed text", () => {
    fc.assert(fc.property(wellFormedText, (text) => void expect(decodeUtf8(encodeUtf8(text))).toBe(text)));
  });
});

describe("isWellFormed", () => {
  it("agrees with String.prototype.isWellFormed", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        // ES2024, which Node has and the compiler's library for ES2023 does not declare.
        const { isWellFormed: oracle } = text as unknown as { isWellFormed(): boolean };
        expect(isWellFormed(text)).toBe(oracle.call(text));
      }),
    );
  });

  it.each([
    ["a pair", "\ud83d\ude00", true],
    ["a high half alone", "\ud83d", false],
    ["a low half alone", "\ude00", false],
    ["a pair the wrong way round", "\ude00\ud83d", false],
    ["two high halves before a low one", "\ud83d\ud83d\ude00", false],
    ["two low halves after a high one", "\ud83d\ude00\ude00", false],
    ["a high half before a letter", "\ud83da", false],
    ["a high half before the first unit beyond the low ones", "\ud83d\ue000", false],
    ["the units around the surrogates", "\ud7ff\ue000", true],
  ])("judges %s", (_, text, expected) => expect(isWellFormed(text)).toBe(expected));
});

describe("utf8Length", () => {
  it("agrees with Buffer.byteLength on well-formed text", () => {
    fc.assert(
      fc.property(wellFormedText, (text) => void expect(utf8Length(text)).toBe(Buffer.byteLength(text))),
    );
  });
});

describe("sortUtf8", () => {
  it("agrees with sorting by compareUtf8", () => {
    fc.assert(
      fc.property(fc.array(wellFormedText), (texts) => {
        expect(sortUtf8([...texts])).toEqual([...texts].sort(compareUtf8));
      }),
    );
  });

  it("puts U+1F600 after U+FFEE", () => {
    expect(sortUtf8(["\u{1f600}", "z", "\uffee"])).toEqual(["z", "\uffee", "\u{1f600}"]);
  });
});

describe("compareUtf8", () => {
  it("agrees with Buffer.compare of the encodings", () => {
    const pair = fc.oneof(
      fc.tuple(wellFormedText, wellFormedText),
      // Texts with a common beginning, so that the difference is not always in the first character.
      fc
        .tuple(wellFormedText, wellFormedText, wellFormedText)
        .map(([a, b, c]): [string, string] => [a + b, a + c]),
    );
    fc.assert(
      fc.property(pair, ([left, right]) => {
        const expected = Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(Math.sign(compareUtf8(left, right))).toBe(expected);
      }),
      { numRuns: runs(1000) },
    );
  });

  it("puts U+1F600 after U+FFEE, unlike JavaScript's own order", () => {
    expect(["\u{1f600}", "\uffee"].sort(compareUtf8)).toEqual(["\uffee", "\u{1f600}"]);
    expect(["\u{1f600}", "\uffee"].sort()).toEqual(["\u{1f600}", "\uffee"]);
  });

  it("puts a text before every text that starts with it", () => {
    expect(["ab", "a", "", "abc"].sort(compareUtf8)).toEqual(["", "a", "ab", "abc"]);
  });

  it("distinguishes astral characters with one high surrogate", () => {
    expect(["\u{1f602}", "\u{1f600}", "\u{1f601}"].sort(compareUtf8)).toEqual([
      "\u{1f600}",
      "\u{1f601}",
      "\u{1f602}",
    ]);
  });

  it("treats composed and decomposed letters as different texts", () => {
    expect(compareUtf8("\u00e9", "e\u0301")).toBeGreaterThan(0);
  });
});
