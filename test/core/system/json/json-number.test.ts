import { describe, expect, it } from "vitest";
import {
  writeAgreedFraction,
  writeInteger,
  writeShortest,
} from "../../../../src/core/system/json/json-number.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

/** Finite doubles of every magnitude, and the decimal ones that documents really hold. */
const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e17, max: 1e17, noNaN: true }),
  fc.double({ min: -1e-3, max: 1e-3, noNaN: true }),
  fc
    .tuple(fc.maxSafeInteger(), fc.integer({ min: -25, max: 10 }))
    .map(([digits, power]) => Number(`${digits}e${power}`)),
);

/** Lexemes with a fraction, an exponent or both. */
const fractionLexeme = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(
      fc.constantFrom("0", "1", "10"),
      fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String),
      fc.bigInt({ min: 2n ** 48n, max: 2n ** 53n }).map(String),
    ),
    fc.oneof(
      fc.constant(""),
      fc.stringMatching(/^\.[0-9]{1,22}$/),
      fc.stringMatching(/^\.[0-9]{1,3}0{0,3}$/),
    ),
    fc.oneof(fc.constant(""), fc.stringMatching(/^[eE][+-]?[0-9]{1,2}$/)),
  )
  .map((parts) => parts.join(""))
  .filter((lexeme) => /[.eE]/.test(lexeme));

/** The exact value of a lexeme in units of 10^-200: integers only, no double on the way. */
function exactValue(lexeme: string): bigint {
  const [number = "", power = "0"] = lexeme.toLowerCase().split("e");
  const [whole = "", fraction = ""] = number.split(".");
  return BigInt(whole + fraction) * 10n ** BigInt(200 + Number(power) - fraction.length);
}

function significantDigits(written: string): string {
  return (written.split("e")[0] ?? "").replace(/[-.]/g, "").replace(/^0+|0+$/g, "");
}

describe("writeInteger (PROTOCOL 4.3)", () => {
  it("agrees with BigInt", () => {
    const integer = fc.oneof(fc.constantFrom("0", "-0"), fc.bigInt().map(String));
    fc.assert(
      fc.property(integer, (lexeme) => void expect(writeInteger(lexeme)).toBe(String(BigInt(lexeme)))),
    );
  });
});

describe("writeShortest (PROTOCOL 4.4)", () => {
  it.each([
    ["1.0", "1.0"],
    ["-0.0", "-0.0"],
    ["0e5", "0.0"],
    ["1e-400", "0.0"],
    ["-1e-400", "-0.0"],
    ["0.0001", "0.0001"],
    ["0.00009999", "9.999e-05"],
    ["5e-324", "5e-324"],
    ["1e16", "1e+16"],
    ["1.7976931348623157e308", "1.7976931348623157e+308"],
    ["0.1000000000000000055511151231257827", "0.1"],
  ])("writes %s as %s", (lexeme, expected) => expect(writeShortest(lexeme)).toBe(expected));

  it.each(["1e309", "-1e309", "1.7976931348623159e308", "1e999999999999"])(
    "has no form for %s, an overflow",
    (lexeme) => expect(writeShortest(lexeme)).toBeUndefined(),
  );

  it("round-trips every double, the sign of zero included", () => {
    fc.assert(
      fc.property(finite, (double) => {
        // String(-0) is "0", an integer lexeme that loses the sign.
        const lexeme = Object.is(double, -0) ? "-0.0" : String(double);
        expect(Number(writeShortest(lexeme))).toBe(double);
      }),
      { numRuns: runs(5000) },
    );
  });

  it("writes no more digits than the double needs", () => {
    fc.assert(
      fc.property(finite, (double) => {
        const digits = significantDigits(writeShortest(String(double)) ?? "");
        if (digits.length > 1) expect(Number(double.toPrecision(digits.length - 1))).not.toBe(double);
      }),
      { numRuns: runs(5000) },
    );
  });

  it("writes between 1e-4 and 1e16 with a point and no exponent", () => {
    const plain = finite.filter((double) => Math.abs(double) >= 1e-4 && Math.abs(double) < 1e16);
    fc.assert(
      fc.property(
        plain,
        (double) => void expect(writeShortest(String(double))).toMatch(/^-?(0|[1-9]\d*)\.(\d*[1-9]|0)$/),
      ),
      { numRuns: runs(2000) },
    );
  });

  it("writes below 1e-4 and from 1e16 on with a signed exponent of at least two digits", () => {
    const far = finite.filter(
      (double) => double !== 0 && (Math.abs(double) < 1e-4 || Math.abs(double) >= 1e16),
    );
    fc.assert(
      fc.property(far, (double) => {
        expect(writeShortest(String(double))).toMatch(
          /^-?[1-9](\.\d*[1-9])?e(-(0[5-9]|[1-9]\d\d?)|\+(1[6-9]|[2-9]\d|[1-3]\d\d))$/,
        );
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe("writeAgreedFraction (PROTOCOL 4.3)", () => {
  it("gives a form only if the shortest decimal is plain and equals the lexeme", () => {
    fc.assert(
      fc.property(fractionLexeme, (lexeme) => {
        const shortest = writeShortest(lexeme) ?? "e";
        const agreed = !/e|\.0$/.test(shortest) && exactValue(shortest) === exactValue(lexeme);
        expect(writeAgreedFraction(lexeme)).toBe(agreed ? shortest : undefined);
      }),
      { numRuns: runs(5000) },
    );
  });
});
