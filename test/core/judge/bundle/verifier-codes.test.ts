import { describe, expect, it } from "vitest";
import { VERIFIER_CODES } from "../../../../src/core/system/codes/codes.ts";
import { readVectors } from "../../../support/bundles/vectors.ts";

const VECTORS = [...readVectors("verify_bundle"), ...readVectors("verify_chain")];

describe("codes of the verifier (PROTOCOL 8 and 9)", () => {
  it("are the 22 that vectors expect, and the one of a binding, which plain SPECTRUM bundles do not have", () => {
    const expected = VECTORS.map((vector) => vector.expect.code).filter((code) => code !== "OK");
    expect(new Set([...expected, "PAYLOAD_MISMATCH"])).toEqual(new Set(VERIFIER_CODES));
    expect(VERIFIER_CODES).toHaveLength(23);
  });
});
