import { describe, expect, it } from "vitest";
import { MAX_QUOTED_CHARACTERS } from "../../../../src/core/system/bytes/limits.ts";
import { printable, quote, quoteIfNeeded } from "../../../../src/core/system/paths/quote.ts";
import { anyText } from "../../../support/bundles/plain-json.ts";
import { fc } from "../../../support/rings/properties.ts";

// Written as ranges, not by category as the source does, so that one mistake is not made twice.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must never come out.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const LINE_BREAK = /[\n\r\v\f\u0085\u2028\u2029]/;
const INVISIBLE =
  /[\u00a0\u00ad\u2000-\u200f\u202f\u2060-\u206f\u3000\u115f\u1160\u3164\uffa0\ufeff\ufff9-\ufffb]|\u034f|[\u180b-\u180f]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]/u;
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const HARMFUL = [CONTROL, BIDI, LINE_BREAK, INVISIBLE, LONE_SURROGATE];

const harmfulCharacter = fc.constantFrom(
  ...["\x1b", "\x7f", "\x9b", "\u061c", "\u200b", "\u200d", "\u202e", "\u2028", "\u2066", "\u2069", "\u3164"],
  ...[
    "\ufe0f",
    "\ufeff",
    "\u{e0041}",
    "\u{e0100}",
    "\u034f",
    "\u115f",
    "\uffa0",
    "\u3000",
    "\ue000",
    "\ud83d",
  ],
);
const strangersText = fc
  .array(fc.oneof(harmfulCharacter, anyText, fc.constantFrom("\\", '"', "\\u{41}", "n", " ")))
  .map((parts) => parts.join(""))
  .filter((text) => text.length <= MAX_QUOTED_CHARACTERS);

const SHORT: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** The way back, written from the doc comment of `quote`. */
function unquote(shown: string): string {
  return shown
    .slice(1, -1)
    .replace(/\\u\{([0-9a-f]+)\}|\\(.)/gu, (_, hex: string | undefined, letter: string) =>
      hex === undefined ? (SHORT.get(letter) ?? letter) : String.fromCodePoint(Number.parseInt(hex, 16)),
    );
}

describe.each([
  ["quote", quote],
  ["quoteIfNeeded", quoteIfNeeded],
  ["printable", printable],
])("%s", (_name, show) => {
  it("never lets a harmful character out", () => {
    fc.assert(
      fc.property(strangersText, (text) => {
        for (const harm of HARMFUL) expect(show(text)).not.toMatch(harm);
      }),
    );
  });
});

describe("quote", () => {
  it.each([
    [
      "plain text, accents, ideographs and emoji as they are",
      "out/résumé 日本 \u{1f600}.txt",
      "out/résumé 日本 \u{1f600}.txt",
    ],
    ["nothing as two quotation marks", "", ""],
    ["quotation marks and backslashes behind a backslash", 'a"b\\c', String.raw`a\"b\\c`],
    ["line breaks and tabs by their letters", "\n\r\t", String.raw`\n\r\t`],
    ["a terminal's escape sequence by number", "\x1b[2J\x9b2J", String.raw`\u{1b}[2J\u{9b}2J`],
    ["the mark that turns exe.txt round by number", "gnp.\u202eexe.txt", String.raw`gnp.\u{202e}exe.txt`],
    ["lone surrogates by number", "\ud83dx\ude00", String.raw`\u{d83d}x\u{de00}`],
    ["code points that draw nothing by number", "a\u3164b\ufe0f", String.raw`a\u{3164}b\u{fe0f}`],
    ["spaces other than the common one by number", "a b\u00a0c\u3000", String.raw`a b\u{a0}c\u{3000}`],
  ])("shows %s", (_what, text, shown) => expect(quote(text)).toBe(`"${shown}"`));

  it("can be undone: no two texts look alike", () => {
    fc.assert(fc.property(strangersText, (text) => void expect(unquote(quote(text))).toBe(text)));
  });

  it("counts an astral character as one, and never cuts it in half", () => {
    const text = "\u{1f600}".repeat(MAX_QUOTED_CHARACTERS);
    expect(quote(text)).toBe(`"${text}"`);
    expect(quote(`${text}\u{1f600}`)).toBe(`"${text}"… (cut after 4096 characters)`);
  });
});

describe("quoteIfNeeded", () => {
  it("leaves plain text alone", () => expect(quoteIfNeeded("out/a b.txt")).toBe("out/a b.txt"));

  it.each([
    ["an empty text", "", '""'],
    ["a space at the beginning", " a", '" a"'],
    ["a space at the end", "a ", '"a "'],
    ["a quotation mark", '"a"', String.raw`"\"a\""`],
    ["a backslash", String.raw`a\n`, String.raw`"a\\n"`],
    ["a line break at the end", "a\n", String.raw`"a\n"`],
    ["a bidirectional mark", "a\u202eb", String.raw`"a\u{202e}b"`],
  ])("quotes %s", (_, text, expected) => expect(quoteIfNeeded(text)).toBe(expected));

  it("never shows two texts alike, quoted or not", () => {
    fc.assert(
      fc.property(strangersText, (text) => {
        const shown = quoteIfNeeded(text);
        expect(shown.startsWith('"') ? unquote(shown) : shown).toBe(text);
      }),
    );
  });
});

describe("printable", () => {
  it("keeps quotation marks and backslashes, which are ours", () => {
    expect(printable(String.raw`bad flag "--x\y"`)).toBe(String.raw`bad flag "--x\y"`);
  });
});
