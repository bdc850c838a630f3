import { isUtf8 } from "node:buffer";
import { describe, expect, it } from "vitest";
import {
  compareUtf8,
  decodeUtf8,
  encodeUtf8,
  isWellFormed,
  sortUtf8,
  utf8Length,
} from "../../../../src/core/system/bytes/utf8.ts";
import { anyText, wellFormedText } from "../../../support/bundles/plain-json.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

describe("decodeUtf8 (RFC 3629)", () => {
  it("refuses the same bytes as isUtf8, and keeps all others: every sequence of four that matter", () => {
    const bytes = [0x61, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5];
    const wrong: number[][] = [];
    for (let number = 0; number < bytes.length ** 4; number++) {
      const some = [0, 1, 2, 3].map(
        (at) => bytes[Math.floor(number / bytes.length ** at) % bytes.length] ?? 0,
      );
      const text = decodeUtf8(Uint8Array.from(some));
      const isKept = text !== undefined && Buffer.from(text).equals(Buffer.from(some));
      if (isKept !== isUtf8(Uint8Array.from(some)) || isKept !== (text !== undefined)) wrong.push(some);
    }
    expect(wrong).toEqual([]);
  });

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
});
