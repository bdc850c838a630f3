import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { JsonNumber, type JsonValue } from "../../../../src/core/system/json/json-value.ts";
import { parseStrictJson, type StrictJsonReason } from "../../../../src/core/system/json/strict-json.ts";
import { anyText, toPlain } from "../../../support/bundles/plain-json.ts";
import { fc, runs } from "../../../support/rings/properties.ts";
import { longIt } from "../../../support/rings/ring.ts";

function parse(document: string | Uint8Array): ReturnType<typeof parseStrictJson> {
  return parseStrictJson(typeof document === "string" ? new TextEncoder().encode(document) : document);
}

/** The value of a document that must be accepted. */
function accepted(document: string | Uint8Array): JsonValue {
  const parsed = parse(document);
  if (!parsed.ok) expect.fail(`refused: ${parsed.reason}`);
  return parsed.value;
}

function expectRefused(document: string | Uint8Array, reason: StrictJsonReason): void {
  expect(parse(document)).toEqual({ ok: false, code: "ARTIFACT_MALFORMED", reason });
}

/** What the platform makes of a document, or `undefined` where it refuses: JSON has no `undefined`. */
function platformValueOf(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    return undefined;
  }
}

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

/** Reasons for which we refuse what RFC 8259 allows. */
const STRICTER: readonly StrictJsonReason[] = [
  "duplicate-key",
  "lone-surrogate",
  "too-deep",
  "integer-too-long",
];

/** We refuse what the platform refuses, for whatever reason, and differ from it only where we are stricter. */
function expectAgreement(document: string): void {
  const parsed = parse(document);
  const oracle = platformValueOf(document);
  if (parsed.ok) expect(isDeepStrictEqual(toPlain(parsed.value), oracle)).toBe(true);
  else if (oracle !== undefined) expect(STRICTER).toContain(parsed.reason);
}

describe("strict parsing (PROTOCOL 4.1)", () => {
  it("refuses invalid UTF-8", () => expectRefused(Uint8Array.of(0x22, 0xff, 0x22), "not-utf8"));

  it("refuses invalid UTF-8 after the value too", () =>
    expectRefused(Uint8Array.of(0x7b, 0x7d, 0x80), "not-utf8"));

  it("refuses UTF-16 and UTF-32, whose documents hold NUL bytes", () => {
    expectRefused(new Uint8Array(Buffer.from("{}", "utf16le")), "not-json");
    expectRefused(Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0), "not-utf8");
    expectRefused(Uint8Array.of(0, 0, 0, 0x7b, 0, 0, 0, 0x7d), "not-json");
  });

  it("refuses a byte-order mark", () => expectRefused("\ufeff{}", "byte-order-mark"));

  it("refuses U+FEFF as white space elsewhere", () => {
    expectRefused("[\ufeff]", "not-json");
    expectRefused("{}\ufeff", "trailing-bytes");
  });

  it("keeps U+FEFF inside a string", () => expect(accepted('"\ufeff"')).toBe("\ufeff"));

  it("refuses trailing bytes", () => {
    for (const rest of ["x", "{}", "\0", "]", ",", "\u00a0", "1"])
      expectRefused(`{}${rest}`, "trailing-bytes");
  });

  it("takes four characters for white space and no others", () => {
    const taken: string[] = [];
    for (let unit = 0; unit < 0xd800; unit++) {
      const character = String.fromCharCode(unit);
      // A digit beside the digit is a number of its own.
      if (character >= "0" && character <= "9") continue;
      if (parse(`[1${character}]`).ok) taken.push(character);
    }
    expect(taken).toEqual(["\t", "\n", "\r", " "]);
  });

  it("refuses each control character in a string", () => {
    for (let unit = 0; unit < 0x20; unit++) {
      const character = String.fromCharCode(unit);
      expectRefused(`"a${character}"`, "not-json");
      expectRefused(`"\\n${character}"`, "not-json");
      expectRefused(`"\\na${character}"`, "not-json");
      expectRefused(`{"${character}":1}`, "not-json");
    }
  });

  it("knows eight short escapes and \\u, and no others", () => {
    for (let unit = 0; unit < 0x80; unit++) {
      const letter = String.fromCharCode(unit);
      expect(parse(`"\\${letter}"`).ok).toBe('"\\/bfnrt'.includes(letter));
    }
    expect(accepted(String.raw`"\"\\\/\b\f\n\r\t\u00e9\u00E9"`)).toBe('"\\/\b\f\n\r\téé');
  });

  it("refuses \\u without four hex digits", () => {
    for (const digits of ["", "0", "00", "000", "00g0", "+123", " 123", "0x12", "-001", "\uff10000"]) {
      expectRefused(`"\\u${digits}"`, "not-json");
    }
  });

  it.each([
    ["a high half alone", String.raw`"\ud800"`],
    ["a low half alone", String.raw`"\udc00"`],
    ["a pair the wrong way round", String.raw`"\udc00\ud800"`],
    ["a high half before an escape that is not a half", String.raw`"\ud800\n"`],
    ["a third half", String.raw`"\ud83d\ude00\ude00"`],
    ["one in a key", String.raw`{"\ud800":1}`],
  ])("refuses a lone surrogate: %s", (_, document) => expectRefused(document, "lone-surrogate"));

  it.each([
    ["at the top", '{"a":1,"a":2}'],
    ["not side by side", '{"a":1,"b":2,"a":3}'],
    ["deep inside", '[{"x":{"a":1,"a":1}}]'],
    ["spelled with an escape", String.raw`{"a":1,"\u0061":2}`],
    ["called __proto__", '{"__proto__":1,"__proto__":2}'],
    ["astral, escaped once", '{"\u{1f600}":1,"\\ud83d\\ude00":2}'],
  ])("refuses a duplicate key %s", (_, document) => expectRefused(document, "duplicate-key"));

  it("compares keys without Unicode normalisation", () => {
    expect(accepted('{"\u00e9":1,"e\u0301":2}')).toHaveProperty("size", 2);
  });

  it("accepts 512 levels of arrays and refuses 513", () => {
    expect(parse(nested(512)).ok).toBe(true);
    expectRefused(nested(513), "too-deep");
  });

  it("accepts 512 levels of objects and refuses 513", () => {
    expect(parse(`${'{"a":'.repeat(511)}{}${"}".repeat(511)}`).ok).toBe(true);
    expectRefused(`${'{"a":'.repeat(512)}{}${"}".repeat(512)}`, "too-deep");
  });

  it("counts arrays and objects together", () => {
    expect(parse(`${'[{"a":'.repeat(256)}0${"}]".repeat(256)}`).ok).toBe(true);
    expectRefused(`[${'[{"a":'.repeat(256)}0${"}]".repeat(256)}]`, "too-deep");
  });

  it("counts depth, not brackets", () => {
    expect(parse(`[${"[],".repeat(1000)}${'{},{"a":[]},'.repeat(1000)}0]`).ok).toBe(true);
  });

  it("refuses a million open brackets, and keeps its stack", () =>
    expectRefused("[".repeat(1_000_000), "too-deep"));

  it("accepts an integer of 4300 digits and refuses 4301", () => {
    expect(accepted("9".repeat(4300))).toEqual(new JsonNumber("9".repeat(4300)));
    expectRefused("9".repeat(4301), "integer-too-long");
  });

  it("does not count the minus sign as a digit", () => {
    expect(accepted(`-${"9".repeat(4300)}`)).toEqual(new JsonNumber(`-${"9".repeat(4300)}`));
    expectRefused(`-${"9".repeat(4301)}`, "integer-too-long");
  });

  it("bounds the digits of integers only, not of fractions and exponents", () => {
    const long = "1".repeat(5000);
    for (const lexeme of [`0.${long}`, `${long}.5`, `${long}e1`, `1e${long}`, `1e-${long}`]) {
      expect(accepted(lexeme)).toEqual(new JsonNumber(lexeme));
    }
  });

  it("keeps the lexemes of numbers", () => {
    for (const lexeme of ["0", "-0", "1.0", "1.50", "1e5", "1E+05", "-0.0e-0", "9007199254740993", "1e999"]) {
      expect(accepted(lexeme)).toEqual(new JsonNumber(lexeme));
    }
  });

  it("takes __proto__ and its like for ordinary keys", () => {
    const value = accepted('{"__proto__":{"x":true},"constructor":false,"toString":null}');
    const expected = new Map<string, JsonValue>([
      ["__proto__", new Map([["x", true]])],
      ["constructor", false],
      ["toString", null],
    ]);
    expect(value).toEqual(expected);
  });

  it("keeps the order of members, of keys like integers too", () => {
    const value = accepted('{"b":1,"10":2,"a":3,"9":4}');
    expect(value instanceof Map && [...value.keys()]).toEqual(["b", "10", "a", "9"]);
  });

  it("says nothing of its input but the reason", () => {
    expect(Object.keys(parse('{"secret":x}'))).toEqual(["ok", "code", "reason"]);
  });
});

describe("bounds on what is small on disk and large in memory (PROTOCOL 11.1)", () => {
  /** An array of `count` members, each the same text. */
  const arrayOf = (member: string, count: number): Uint8Array => {
    const bytes = Buffer.alloc(count * (member.length + 1) + 1, `${member},`);
    bytes.copyWithin(1, 0, bytes.length - 1);
    bytes.write("[");
    bytes.write("]", bytes.length - 1);
    return bytes;
  };

  longIt("takes a million objects and arrays, and no more", () => {
    expect(accepted(arrayOf("[]", 999_999))).toHaveLength(999_999);
    expectRefused(arrayOf("[]", 1_000_000), "too-many-values");
    expectRefused(arrayOf("{}", 1_000_000), "too-many-values");
  });

  longIt("takes twelve million values, and no more", () => {
    expect(accepted(arrayOf("null", 11_999_999))).toHaveLength(11_999_999);
    expectRefused(arrayOf("null", 12_000_000), "too-many-values");
  });
});

describe("strict parsing beside the platform's", () => {
  it("agrees on whatever JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
        const document = JSON.stringify(value, undefined, indent);
        expect(isDeepStrictEqual(toPlain(accepted(document)), JSON.parse(document))).toBe(true);
      }),
      { numRuns: runs(1000) },
    );
  });

  it("agrees on any text as a string, lone surrogates excepted", () => {
    fc.assert(fc.property(anyText, (text) => expectAgreement(JSON.stringify(text))));
  });

  /** All sequences of up to so many tokens, joined. */
  function* documentsOf(tokens: readonly string[], most: number): Generator<string> {
    yield "";
    if (most === 0) return;
    for (const rest of documentsOf(tokens, most - 1)) for (const token of tokens) yield token + rest;
  }

  // A reader that agrees with the platform on these follows the grammar in every state: JSONTestSuite has no other class of cases.
  it.each([
    ["brackets, commas and values", ["{", "}", "[", "]", ",", ":", '"a"', "0"], 5],
    ["escapes", ['"', "\\", "\\u0", "06a", "\\ud83d", "\\ude00", "n", "x"], 5],
    ["numbers", ["0", "1", "-", "+", ".", "e"], 6],
    [
      "words and white space",
      ["true", "nul", "l", "NaN", "1E5", "[", "]", "//", " ", "\v", "\u00a0", "\t"],
      4,
    ],
  ])("agrees on all documents of a few %s", (_what, tokens, most) => {
    for (const document of new Set(documentsOf(tokens, most))) expectAgreement(document);
  });

  it("agrees on documents with one splice", () => {
    const splice = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.nat(3),
      fc.constantFrom("", ",", '"', "{", "]", "0", "\\", ":1", " "),
    );
    fc.assert(
      fc.property(splice, ([document, position, removed, added]) => {
        const start = position % (document.length + 1);
        const spliced = document.slice(0, start) + added + document.slice(start + removed);
        // A splice through a surrogate pair has no UTF-8 form.
        fc.pre(!/\p{Surrogate}/u.test(spliced));
        expectAgreement(spliced);
      }),
      { numRuns: runs(5000) },
    );
  });
});

describe("strict parsing of mangled documents", () => {
  const small = new TextEncoder().encode(
    '{"é\\n":[1,-2.5e+3,true,false,null,"\u{1f600}\\ud83d\\ude00\\/"], "__proto__" : {"":[]}}',
  );

  it("refuses every truncation", () => {
    for (let length = 0; length < small.length; length++) {
      expect(parse(small.subarray(0, length))).toMatchObject({ ok: false, code: "ARTIFACT_MALFORMED" });
    }
  });

  it("gives a value or a fault for every byte, changed in every way", () => {
    for (let index = 0; index < small.length; index++) {
      for (let step = 1; step < 256; step++) {
        const mangled = Uint8Array.from(small);
        mangled[index] = ((small[index] ?? 0) + step) & 0xff;
        const parsed = parse(mangled);
        if (parsed.ok) expectAgreement(new TextDecoder().decode(mangled));
        else expect(parsed.code).toBe("ARTIFACT_MALFORMED");
      }
    }
  });

  it("gives a value or a fault for any bytes", () => {
    const roughByte = fc.oneof(fc.constantFrom(...new TextEncoder().encode('{}[]":,\\u0e-. ')), fc.nat(255));
    fc.assert(
      fc.property(fc.array(roughByte), (numbers) => {
        const parsed = parse(Uint8Array.from(numbers));
        expect(parsed.ok || parsed.code).toBe(parsed.ok ? true : "ARTIFACT_MALFORMED");
      }),
      { numRuns: runs(5000) },
    );
  });
});
