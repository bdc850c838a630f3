import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { OutputTable } from "../../src/core/artifacts/output-table.ts";
import { digestToHex } from "../../src/core/bytes/hex.ts";
import { encodeAsciiCanonical, encodeCanonical, hashCanonical } from "../../src/core/json/canonical-json.ts";
import { isJsonObject, JsonNumber, type JsonValue, withoutMember } from "../../src/core/json/json-value.ts";
import { parseStrictJson } from "../../src/core/json/strict-json.ts";
import { nodeCrypto } from "../../src/node/runtime/node-crypto.ts";
import { wellFormedText } from "../support/plain-json.ts";
import { fc } from "../support/properties.ts";
import { type BytesSpec, bytesOf, readVectors, type VectorCase } from "../support/vectors.ts";

const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parse(document: string): JsonValue {
  const parsed = parseStrictJson(new TextEncoder().encode(document));
  if (!parsed.ok) expect.fail(`refused: ${parsed.reason}`);
  return parsed.value;
}

/** Parses a document and writes its canonical form, or gives the code of the fault. */
function canonical(document: string): string {
  const encoded = encodeCanonical(parse(document));
  return encoded.ok ? text.decode(encoded.value) : encoded.code;
}

function asciiCanonical(document: string): string {
  const encoded = encodeAsciiCanonical(parse(document));
  return encoded.ok ? text.decode(encoded.value) : encoded.code;
}

function inputOf(vector: VectorCase): Uint8Array {
  return bytesOf(vector.params["input"] as BytesSpec);
}

const integer = fc
  .bigInt({ min: -(10n ** 40n), max: 10n ** 40n })
  .map((value) => new JsonNumber(String(value)));
const agreedFraction = fc
  .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: 1, max: 9 }))
  .map(([whole, tenth]) => new JsonNumber(`${whole}.${tenth}`));

/** Any value with a canonical form, its texts and keys rich in the characters where orders differ. */
const { value: anyValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, false),
    wellFormedText,
    integer,
    agreedFraction,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(wellFormedText, tie("value")), { maxLength: 5 }).map((members) => new Map(members)),
  ),
}));

function encode(value: JsonValue): Uint8Array {
  const encoded = encodeCanonical(value);
  if (!encoded.ok) expect.fail(encoded.code);
  return encoded.value;
}

/** The same value with the members of every object the other way round. */
function reversed(value: JsonValue): JsonValue {
  if (isJsonObject(value)) {
    return new Map([...value].reverse().map(([key, member]) => [key, reversed(member)]));
  }
  return Array.isArray(value) ? value.map(reversed) : value;
}

describe("canonical form: the published vectors (PROTOCOL 16)", () => {
  const vectors = readVectors("canonical_json");

  it("has all 75", () => expect(vectors).toHaveLength(75));

  it.each(vectors)("$name", (vector) => {
    const parsed = parseStrictJson(inputOf(vector));
    const encoded = parsed.ok ? encodeCanonical(parsed.value) : parsed;
    expect(encoded.ok ? "OK" : encoded.code).toBe(vector.expect.code);
    expect(encoded.ok && encoded.value).toEqual(
      (vector.expect.output && bytesOf(vector.expect.output)) || false,
    );
  });
});

describe("ASCII canonical form: the published vectors (PROTOCOL 16)", () => {
  const vectors = readVectors("proof_hash");

  it("has all 8", () => expect(vectors).toHaveLength(8));

  it.each(vectors)("$name", (vector) => {
    const parsed = parseStrictJson(inputOf(vector));
    if (!parsed.ok || !isJsonObject(parsed.value)) expect.fail("the input is not an object");
    const encoded = encodeAsciiCanonical(withoutMember(parsed.value, "proof_hash"));
    if (!encoded.ok) expect.fail(encoded.code);
    expect(createHash("sha256").update(encoded.value).digest("hex")).toBe(vector.expect.hash);
  });
});

describe("canonical form (PROTOCOL 4.2)", () => {
  it("has no white space and sorted keys in a document of any length", () => {
    const items = Array.from({ length: 20_000 }, (_, index) => `"é${index}"`);
    expect(canonical(`[${items.join(", ")}]`)).toBe(`[${items.join(",")}]`);
    const members = items.map((item) => `${item}:{"b":${item}}`).sort();
    expect(canonical(`{${members.toReversed().join(" , ")}}`)).toBe(`{${members.join(",")}}`);
  });

  it("drops white space and adds no newline", () => {
    expect(canonical(' { "a" : [ 1 , 2 ] ,\n"b" : { } }\n')).toBe('{"a":[1,2],"b":{}}');
  });

  it("sorts keys by UTF-8 bytes, not by UTF-16 units", () => {
    expect(canonical('{"\u{1f600}":1,"\uffee":2,"z":3,"é":4}')).toBe(
      '{"z":3,"é":4,"\uffee":2,"\u{1f600}":1}',
    );
  });

  it("sorts keys that look like integers as texts", () => {
    expect(canonical('{"10":1,"9":2,"1":3}')).toBe('{"1":3,"10":1,"9":2}');
  });

  it("sorts at every level, inside arrays too", () => {
    expect(canonical('{"b":[{"d":1,"c":2}],"a":{"y":1,"x":2}}')).toBe(
      '{"a":{"x":2,"y":1},"b":[{"c":2,"d":1}]}',
    );
  });

  it("keeps the order of arrays", () => expect(canonical("[3,1,2]")).toBe("[3,1,2]"));

  it("escapes each control character below U+0020 in one form", () => {
    const short: Readonly<Record<number, string>> = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r" };
    for (let unit = 0; unit < 0x20; unit++) {
      const long = `\\u00${unit < 0x10 ? "0" : "1"}${"0123456789abcdef".charAt(unit & 15)}`;
      expect(canonical(`"${long}"`)).toBe(`"${short[unit] ?? long}"`);
    }
  });

  it("escapes the quotation mark and the backslash", () => {
    expect(canonical(String.raw`"\u0022\u005c"`)).toBe(String.raw`"\"\\"`);
  });

  it("does not escape any other code point", () => {
    let all = "";
    for (let point = 0x20; point <= 0x10ffff; point++) {
      const surrogate = point >= 0xd800 && point <= 0xdfff;
      if (!surrogate && point !== 0x22 && point !== 0x5c) all += String.fromCodePoint(point);
    }
    expect(text.decode(encode(all)) === `"${all}"`).toBe(true);
  });

  it("escapes keys like values", () => expect(canonical('{"\\u000a/":1}')).toBe('{"\\n/":1}'));

  it("writes __proto__ like any other key", () => {
    expect(canonical('{"a":1,"__proto__":{"x":2}}')).toBe('{"__proto__":{"x":2},"a":1}');
  });

  it("is its own canonical form", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const once = encode(value);
        const parsed = parseStrictJson(once);
        expect(parsed.ok && encode(parsed.value)).toEqual(once);
      }),
    );
  });

  it("parses back to the same value", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(parseStrictJson(encode(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it("does not depend on the order of keys", () => {
    fc.assert(fc.property(anyValue, (value) => void expect(encode(reversed(value))).toEqual(encode(value))));
  });

  it("has the keys in the order of Buffer.compare", () => {
    fc.assert(
      fc.property(fc.uniqueArray(wellFormedText), (keys) => {
        const parsed = parseStrictJson(encode(new Map(keys.map((key) => [key, null]))));
        const expected = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(parsed.ok && isJsonObject(parsed.value) && [...parsed.value.keys()]).toEqual(expected);
      }),
    );
  });
});

describe("numbers in the canonical form (PROTOCOL 4.3)", () => {
  it("writes integers exactly, whatever their length", () => {
    const long = `1${"0".repeat(4298)}1`;
    expect(canonical(`[9007199254740993,-9007199254740993,${long}]`)).toBe(
      `[9007199254740993,-9007199254740993,${long}]`,
    );
  });

  it("writes -0 as 0", () => expect(canonical("[-0]")).toBe("[0]"));

  it.each([
    ["1.5", "1.5"],
    ["0.1", "0.1"],
    ["-2.25", "-2.25"],
    ["1.50", "1.5"],
    ["15e-1", "1.5"],
    ["0.15E+1", "1.5"],
    ["0.00015e4", "1.5"],
    ["1500000000000000000000e-21", "1.5"],
    ["0.0001", "0.0001"],
    ["9007199254740991e-1", "900719925474099.1"],
  ])("writes %s as %s", (lexeme, expected) => expect(canonical(lexeme)).toBe(expected));

  it.each([
    ["an integer with a fraction", ["1.0", "-1.0", "100.00", "1000000000000000.0", "0.0", "0e0", "0.0e9"]],
    ["an integer with an exponent", ["1e5", "1E+5", "1.5e3", "10e-1", "1e16", "1e21", "1e22"]],
    ["a negative zero with a fraction", ["-0.0", "-0e0", "-0.000e-5"]],
    [
      "what one reader writes with an exponent",
      ["0.00001", "0.00009999", "1e-5", "1e-7", "-1.5e-05", "5e-324"],
    ],
    [
      "more digits than a double keeps",
      [
        "0.1000000000000000055511151231257827",
        "9007199254740993.5",
        "4503599627370497.3",
        "1.00000000000000001",
      ],
    ],
    ["an overflow", ["1e309", "-1e309", "1e999999999999999999999"]],
    ["an underflow", ["1e-400", "-1e-400", "1e-999999999999999999999"]],
  ])("refuses %s", (_, lexemes) => {
    for (const lexeme of lexemes) expect(canonical(`{"a":[${lexeme}]}`)).toBe("SERIALIZATION_INVALID");
  });

  it("refuses such a number at any position", () => {
    for (const document of ["1.0", "[0,1.0]", '{"a":{"b":[1.0]}}', '[[],{"a":1e5}]']) {
      expect(canonical(document)).toBe("SERIALIZATION_INVALID");
    }
  });

  it("handles a fraction of a million zeros in linear time", () => {
    expect(canonical(`0.1${"0".repeat(1_000_000)}`)).toBe("0.1");
    expect(canonical(`0.1${"0".repeat(1_000_000)}1`)).toBe("SERIALIZATION_INVALID");
  });
});

describe("ASCII canonical form (PROTOCOL 4.4)", () => {
  it("escapes U+007F and all code points above, in lowercase hex", () => {
    expect(asciiCanonical('"~\x7f\x80é\u2028\uffee\uffff"')).toBe(
      String.raw`"~\u007f\u0080\u00e9\u2028\uffee\uffff"`,
    );
  });

  it("writes an astral character as its surrogate pair", () => {
    expect(asciiCanonical('"\u{1f600}\u{10ffff}"')).toBe(String.raw`"\ud83d\ude00\udbff\udfff"`);
  });

  it("keeps the short escapes, and does not escape the slash", () => {
    expect(asciiCanonical(String.raw`"\b\t\n\f\r\u0001\"\\\/"`)).toBe(String.raw`"\b\t\n\f\r\u0001\"\\/"`);
  });

  it("sorts keys before it escapes them", () => {
    // Escaped first, \ud83d would come before \uffee.
    expect(asciiCanonical('{"\u{1f600}":1,"\uffee":2,"~":3}')).toBe(
      String.raw`{"~":3,"\uffee":2,"\ud83d\ude00":1}`,
    );
  });

  it("writes printable ASCII only, which JSON.parse reads as the original text", () => {
    fc.assert(
      fc.property(wellFormedText, (content) => {
        const encoded = encodeAsciiCanonical(content);
        const written = encoded.ok ? text.decode(encoded.value) : "";
        expect(written).toMatch(/^[ -~]+$/);
        expect(JSON.parse(written)).toBe(content);
      }),
    );
  });

  it("writes integers exactly, and -0 as 0", () => {
    expect(asciiCanonical("[9007199254740993,-0,1]")).toBe("[9007199254740993,0,1]");
  });

  it("writes fractions and exponents as other provers do", () => {
    expect(asciiCanonical("[1.0,-0.0,1e16,1e-7,0.000015,1e5,1.50]")).toBe(
      "[1.0,-0.0,1e+16,1e-07,1.5e-05,100000.0,1.5]",
    );
  });

  it("refuses an overflow at any position", () => {
    for (const document of ["1e309", "[-1e400]", '{"a":[0,{"b":1.8e308}]}']) {
      expect(asciiCanonical(document)).toBe("ARTIFACT_MALFORMED");
    }
  });

  it("names the overflow as its reason", () => {
    expect(encodeAsciiCanonical(new JsonNumber("1e309"))).toMatchObject({ reason: "number-overflow" });
  });
});

describe("hashing the canonical form", () => {
  const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  const hashed = (value: JsonValue): string => {
    const digest = hashCanonical(value, nodeCrypto);
    return digest.ok ? digestToHex(digest.value) : digest.code;
  };

  it("gives the digest of the encoded bytes for any value", () => {
    fc.assert(fc.property(anyValue, (value) => hashed(value) === digestOf(encode(value))));
  });

  it("gives the same digest if the bytes are written in many pieces", () => {
    const members = Array.from({ length: 5000 }, (_, index) => [`${index}.txt`, "é".repeat(40)] as const);
    const long = new Map<string, JsonValue>(members);
    expect(encode(long).length).toBeGreaterThan(400_000);
    expect(hashed(long)).toBe(digestOf(encode(long)));
  });

  it("fails like encoding for a number without an agreed form", () => {
    expect(hashed(parse('{"a":[1e400]}'))).toBe("SERIALIZATION_INVALID");
  });

  it("gives the same digest for any length of a written piece", () => {
    for (const unit of ["a", "é", "\uffee", "😀"]) {
      for (const length of [
        4096, 8191, 8192, 16_383, 16_384, 16_385, 32_768, 32_769, 49_151, 49_152, 49_153,
      ]) {
        const value = ["first", unit.repeat(length), "between", unit.repeat(length + 1), "last"];
        expect(hashed(value)).toBe(digestOf(encode(value)));
      }
    }
  });

  it("hashes a short document in one call of the platform", () => {
    const crypto = { ...nodeCrypto, beginSha256: () => expect.fail("a running hash takes longer") };
    const table = new OutputTable();
    table.set("é.txt", `sha256:${"0".repeat(64)}`);
    expect(hashCanonical(new Map([["hashes", table]]), crypto).ok).toBe(true);
  });

  it("gives the digest of each document when several are hashed one after the other", () => {
    const values = [["long ".repeat(40_000)], ["short"], [], ["x".repeat(20_000), "y".repeat(40_000)], ["z"]];
    for (const value of values) expect(hashed(value)).toBe(digestOf(encode(value)));
  });
});
