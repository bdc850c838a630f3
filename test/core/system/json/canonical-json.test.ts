import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { digestToHex } from "../../../../src/core/system/bytes/hex.ts";
import {
  encodeAsciiCanonical,
  encodeCanonical,
  hashCanonical,
} from "../../../../src/core/system/json/canonical-json.ts";
import { isJsonObject, JsonNumber, type JsonValue } from "../../../../src/core/system/json/json-value.ts";
import { parseStrictJson } from "../../../../src/core/system/json/strict-json.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { wellFormedText } from "../../../support/bundles/plain-json.ts";
import { type BytesSpec, bytesOf, readVectors, type VectorCase } from "../../../support/bundles/vectors.ts";
import { fc } from "../../../support/rings/properties.ts";

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

describe("canonical form (PROTOCOL 4.2)", () => {
  it("has no white space and sorted keys in a document of any length", () => {
    const items = Array.from({ length: 20_000 }, (_, index) => `"é${index}"`);
    expect(canonical(`[${items.join(", ")}]`)).toBe(`[${items.join(",")}]`);
    const members = items.map((item) => `${item}:{"b":${item}}`).sort();
    expect(canonical(`{${members.toReversed().join(" , ")}}`)).toBe(`{${members.join(",")}}`);
  });

  it("escapes each control character below U+0020 in one form", () => {
    const short: Readonly<Record<number, string>> = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r" };
    for (let unit = 0; unit < 0x20; unit++) {
      const long = `\\u00${unit < 0x10 ? "0" : "1"}${"0123456789abcdef".charAt(unit & 15)}`;
      expect(canonical(`"${long}"`)).toBe(`"${short[unit] ?? long}"`);
    }
  });

  it("does not escape any other code point", () => {
    let all = "";
    for (let point = 0x20; point <= 0x10ffff; point++) {
      const surrogate = point >= 0xd800 && point <= 0xdfff;
      if (!surrogate && point !== 0x22 && point !== 0x5c) all += String.fromCodePoint(point);
    }
    expect(text.decode(encode(all)) === `"${all}"`).toBe(true);
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

  it("keeps the short escapes, and does not escape the slash", () => {
    expect(asciiCanonical(String.raw`"\b\t\n\f\r\u0001\"\\\/"`)).toBe(String.raw`"\b\t\n\f\r\u0001\"\\/"`);
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

  it("gives the digest of each document when several are hashed one after the other", () => {
    const values = [["long ".repeat(40_000)], ["short"], [], ["x".repeat(20_000), "y".repeat(40_000)], ["z"]];
    for (const value of values) expect(hashed(value)).toBe(digestOf(encode(value)));
  });
});
