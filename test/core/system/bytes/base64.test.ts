import { describe, expect, it } from "vitest";
import { parseBase64, toBase64 } from "../../../../src/core/system/bytes/base64.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

describe("strict base64", () => {
  it("reads what it writes, as Buffer does", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = Buffer.from(bytes).toString("base64");
        expect(toBase64(bytes)).toBe(text);
        expect(parseBase64(text)).toEqual(bytes);
      }),
      { numRuns: runs(2000) },
    );
  });

  it("reads a text only if it is what it writes", () => {
    const characters = fc.constantFrom(..."AZaz09+/=-_ \n\u0100");
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 12 }), (units) => {
        const text = units.join("");
        const bytes = parseBase64(text);
        expect(bytes === undefined || toBase64(bytes) === text).toBe(true);
      }),
      { numRuns: runs(20_000) },
    );
  });
});
