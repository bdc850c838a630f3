import { describe, expect, it } from "vitest";
import { questionOf } from "../../../../src/core/index.ts";
import { sealBundle } from "../../../support/bundles/bundle.ts";
import { judge } from "../../../support/bundles/judge.ts";

const SIGNED_AT = "2026-11-25T09:00:00Z";

function judgeWith(members: Readonly<Record<string, unknown>>): ReturnType<typeof judge> {
  return judge(sealBundle({ bind: (right) => ({ ...right, ...members }) }));
}

describe("a binding that says that it was signed elsewhere (PROTOCOL 11.1)", () => {
  it("holds, and gives the signer's time to the trust policy", () => {
    const verdict = judgeWith({ signed_elsewhere: true, signed_at: SIGNED_AT });
    if (!verdict.ok) throw new Error(verdict.code);
    expect(verdict.value.binding).toMatchObject({ sealedAt: "2026-11-25T01:02:03Z", signedAt: SIGNED_AT });
    expect(questionOf(verdict.value, 0).sealedAt).toBe(SIGNED_AT);
  });

  it("may be signed in the second in which it was sealed", () => {
    expect(judgeWith({ signed_elsewhere: true, signed_at: "2026-11-25T01:02:03Z" }).ok).toBe(true);
  });

  it.each([
    ["signed_elsewhere", "no word of it", { signed_at: SIGNED_AT }],
    ["signed_elsewhere", "false", { signed_elsewhere: false, signed_at: SIGNED_AT }],
    ["signed_elsewhere", "a text", { signed_elsewhere: "true", signed_at: SIGNED_AT }],
    ["signed_at", "no time", { signed_elsewhere: true }],
    ["signed_at", "another zone", { signed_elsewhere: true, signed_at: "2026-11-25T09:00:00+00:00" }],
    [
      "sealed_at",
      "a time before it was sealed",
      { signed_elsewhere: true, signed_at: "2026-11-25T01:02:02Z" },
    ],
  ] as const)("is PAYLOAD_MISMATCH of %s with %s", (field, _what, members) => {
    expect(judgeWith(members)).toMatchObject({ ok: false, code: "PAYLOAD_MISMATCH", details: { field } });
  });
});
