import { describe, expect, it } from "vitest";
import { escapeUnsafe } from "../../../../src/cli/output/escape-unsafe.ts";
import { printable, quote, quoteIfNeeded } from "../../../../src/core/system/paths/quote.ts";
import { longIt } from "../../../support/rings/ring.ts";

const LAST = 0x10ffff;

/** Drawn as nothing, although no property that an expression knows says so. */
const BLANKS = new Set([
  ...[0x2800, 0x1d159, 0x13441, 0x13442, 0x16fe4, 0xfffc, 0x2d7f, 0x1107f, 0x1039, 0x17d2, 0x1a60, 0x1bab],
  ...[0xaaf6, 0x10a3f, 0x11133, 0x113d0, 0x1193e, 0x11a47, 0x11a99, 0x11d45, 0x11d97, 0x11f42],
]);

const [NEVER, AFTER_LETTER, ALONE, LETTER] = [0, 1, 2, 3];

/** The rule for each code point, by its properties. */
const RULE = Uint8Array.from({ length: LAST + 1 }, (_, point) => {
  const character = String.fromCodePoint(point);
  if (BLANKS.has(point) || /\p{Default_Ignorable_Code_Point}/u.test(character)) return NEVER;
  if (/\p{L}/u.test(character)) return LETTER;
  if (/[\p{N}\p{P}\p{S} ]/u.test(character)) return ALONE;
  return /[\p{Mn}\p{Mc}]/u.test(character) ? AFTER_LETTER : NEVER;
});

/** Whether a code point is shown as it is wherever it stands. */
function standsAlone(point: number): boolean {
  return (RULE[point] ?? NEVER) >= ALONE;
}

/** Whether a code point is shown as it is after a letter. */
function standsAfterLetter(point: number): boolean {
  return RULE[point] !== NEVER;
}

/** Code points for which an answer is not the expected one, as `U+301`. */
function wrongPoints(isRight: (character: string, point: number) => boolean): readonly string[] {
  const wrong: string[] = [];
  for (let point = 0; point <= LAST; point++) {
    if (!isRight(String.fromCodePoint(point), point)) wrong.push(`U+${point.toString(16)}`);
  }
  return wrong;
}

/** The escape that a text shows for a code point. */
function escapeOf(point: number): string {
  const short = new Map([
    [0x0a, "\\n"],
    [0x0d, "\\r"],
    [0x09, "\\t"],
  ]);
  return short.get(point) ?? `\\u{${point.toString(16)}}`;
}

describe("each of the 1,114,112 code points in a text", () => {
  longIt("is shown as it is at the beginning only if it stands alone, by its properties", () => {
    const isRight = (character: string, point: number): boolean =>
      printable(character) === (standsAlone(point) ? character : escapeOf(point));
    expect(wrongPoints(isRight)).toEqual([]);
  });

  longIt("is shown as it is after a letter if it stands alone or is a mark that is seen", () => {
    const isRight = (character: string, point: number): boolean =>
      printable(`a${character}`) === `a${standsAfterLetter(point) ? character : escapeOf(point)}`;
    expect(wrongPoints(isRight)).toEqual([]);
  });

  longIt("lets a mark follow only if it is a letter that is seen", () => {
    const isRight = (character: string, point: number): boolean => {
      return printable(`${character}\u0301`).endsWith("\u0301") === (RULE[point] === LETTER);
    };
    expect(wrongPoints(isRight)).toEqual([]);
  });

  longIt("makes quoteIfNeeded quote, where it is escaped", () => {
    const isRight = (character: string, point: number): boolean => {
      const isPlain = standsAfterLetter(point) && !['"', "\\"].includes(character);
      return quoteIfNeeded(`a${character}b`) === (isPlain ? `a${character}b` : quote(`a${character}b`));
    };
    expect(wrongPoints(isRight)).toEqual([]);
  });
});

describe("each of the 1,114,112 code points in --json", () => {
  /** Code points of a block whose JSON is not as expected, in one line of JSON for speed. */
  function wrongInJson(before: string, stands: (point: number) => boolean): readonly string[] {
    const wrong: string[] = [];
    for (let start = 0; start <= LAST; start += 0x1000) {
      const points = Array.from({ length: 0x1000 }, (_, index) => start + index);
      const texts = points.map((point) => `${before}${String.fromCodePoint(point)}`);
      const json = escapeUnsafe(JSON.stringify(texts));
      if (JSON.stringify(JSON.parse(json)) !== JSON.stringify(texts))
        wrong.push(`block U+${start.toString(16)}`);
      const raw = new Set(Array.from(json, (character) => character.codePointAt(0) ?? 0));
      // ASCII is there for the JSON itself.
      const isRaw = (point: number): boolean => raw.has(point) === stands(point);
      wrong.push(
        ...points.filter((point) => point > 0x7e && !isRaw(point)).map((point) => `U+${point.toString(16)}`),
      );
    }
    return wrong;
  }

  longIt("is raw at the beginning of a string only if it stands alone", () => {
    expect(wrongInJson("", standsAlone)).toEqual([]);
  });

  longIt("is raw after a letter if it stands alone or is a mark that is seen", () => {
    expect(wrongInJson("a", standsAfterLetter)).toEqual([]);
  });

  it.each(["\n", "\t", "\b", "\u001b", "\u001f", "\u2028"])(
    "is escaped if it is a mark after %j, whose escape ends with a letter or a digit",
    (character) => {
      expect(escapeUnsafe(JSON.stringify(`${character}\u0301`))).toMatch(/^"[ -~]*"$/);
    },
  );
});

describe("marks in a text", () => {
  it.each([
    ["accented letters", "re\u0301sume\u0301 Vie\u0323\u0302t"],
    ["words of other scripts", "हिन्दी ไทยที่ עִבְרִית العَرَبِيَّة தமிழ்"],
    ["four marks on a letter", "a\u0300\u0301\u0302\u0303b"],
  ])("stay as they are: %s", (_what, text) => {
    expect(printable(text)).toBe(text);
    expect(quoteIfNeeded(text)).toBe(text);
    expect(quote(text)).toBe(`"${text}"`);
    expect(escapeUnsafe(JSON.stringify(text))).toBe(JSON.stringify(text));
  });

  it.each([
    ["at the beginning", "\u0301a", String.raw`\u{301}a`],
    ["after a space", "a \u0301", String.raw`a \u{301}`],
    ["after a digit", "1\u0338", String.raw`1\u{338}`],
    ["after a slash", "a/\u0338b", String.raw`a/\u{338}b`],
    ["after a line break", "a\n\u0301", String.raw`a\n\u{301}`],
    ["after a filler", "\u3164\u0301", String.raw`\u{3164}\u{301}`],
    ["after a mark that is escaped", "a\u034f\u0301", String.raw`a\u{34f}\u{301}`],
    ["that enclose", "a\u20dd", String.raw`a\u{20dd}`],
    [
      "from the fifth on",
      "a\u0300\u0301\u0302\u0303\u0304\u0305",
      "a\u0300\u0301\u0302\u0303\\u{304}\\u{305}",
    ],
  ])("are escaped %s", (_where, text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(quote(text)).toBe(`"${shown}"`);
    expect(quoteIfNeeded(text)).toBe(`"${shown}"`);
  });

  it("are escaped after a quotation mark and a backslash", () => {
    expect(quote('"\u0301\\\u0301\\n\u0301')).toBe(String.raw`"\"\u{301}\\\u{301}\\n\u{301}"`);
  });

  it("stay as they are where a quoted text is made printable once more", () => {
    const text = 'e\u0301\n\u0301"e\u0301\u2800\u0301\\e\u0301';
    expect(printable(quote(text))).toBe(quote(text));
  });
});

describe("two spaces in a text", () => {
  it("make quoteIfNeeded quote, so that no name looks like columns", () => {
    expect(quoteIfNeeded("run-1  accepted  trusted")).toBe('"run-1  accepted  trusted"');
    expect(quoteIfNeeded("a b c")).toBe("a b c");
  });
});
