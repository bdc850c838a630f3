import { describe, expect, it } from "vitest";
import type { CountersignatureFinding } from "../../../../src/core/judge/bundle/countersignature.ts";
import type { TrustPolicy } from "../../../../src/core/judge/trust/trust-decision.ts";
import { parseTrustFile } from "../../../../src/core/judge/trust/trust-file.ts";
import { decideTrust, type TrustDecision } from "../../../../src/core/judge/trust/trust-policy.ts";
import { parsePublicKey } from "../../../../src/core/records/artifacts/identity.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { testSigner } from "../../../support/bundles/bundle.ts";
import { fc } from "../../../support/rings/properties.ts";

const SEALED_AT = "2026-06-15T12:00:00Z";
const SIGNED_AT = "2026-07-01T00:00:00Z";

/** Public keys to tell apart by a number. */
const HEX = Array.from(
  { length: 5 },
  (_, index) => testSigner(`${index + 1}`.padStart(64, "0")).publicKeyHex,
);

function key(number: number): string {
  return `runseal-ed25519 ${HEX[number]}`;
}

const THREE = `alice ${key(0)}\nbob ${key(1)}\ncarol ${key(2)}\n`;

function parse(text: string): ReturnType<typeof parseTrustFile> {
  return parseTrustFile(Buffer.from(text), nodeCrypto);
}

function policyOf(...texts: readonly string[]): TrustPolicy {
  return {
    sources: texts.map((text, index) => {
      const parsed = parse(text);
      if (!parsed.ok) throw new Error(`line ${parsed.line}: ${parsed.reason}`);
      return { label: `file${index + 1}`, ...parsed.value };
    }),
  };
}

/** A countersignature that holds, by the key of that number. */
function holds(number: number, signedAt: string = SIGNED_AT): CountersignatureFinding {
  const signer = parsePublicKey(HEX[number] ?? "", nodeCrypto);
  if (signer === undefined) throw new Error("no such key");
  return { kind: "holds", signer, signedAt };
}

/** What a policy says of a bound bundle by key 0 with these countersignatures. */
function decide(
  policy: TrustPolicy,
  ...countersignatures: readonly CountersignatureFinding[]
): TrustDecision {
  const question = { publicKeyHex: HEX[0] ?? "", sealedAt: SEALED_AT, now: 0, countersignatures };
  return decideTrust(policy, question);
}

describe("a threshold's line (PROTOCOL 12)", () => {
  it("has a count and names", () => {
    const parsed = parse(`${THREE}[require 2 of alice,bob,carol]`);
    expect(parsed.ok && parsed.value.thresholds).toEqual([
      { line: 4, need: 2, names: ["alice", "bob", "carol"], voters: [["alice"], ["bob"], ["carol"]] },
    ]);
  });

  it("may be before the signers, between spaces, repeated, and with quoted names", () => {
    const text = `  [require  1 of  "al ice"]\t\r\n"al ice" ${key(0)}\nbob ${key(1)}\n[require 2 of bob,"al ice"]\n`;
    const parsed = parse(text);
    expect(parsed.ok && parsed.value.thresholds.map(({ line, names, need }) => [line, need, names])).toEqual([
      [1, 1, ["al ice"]],
      [4, 2, ["bob", "al ice"]],
    ]);
  });

  it.each([
    ["[]", "threshold"],
    ["[require]", "threshold"],
    ["[require 2 of ]", "threshold"],
    ["[require 2 of alice,bob] carol", "threshold"],
    ["[require 2 of alice, bob]", "threshold"],
    ["[require 2 of alice,,bob]", "threshold"],
    ["[require two of alice,bob]", "threshold"],
    ["[require 0 of alice,bob]", "threshold"],
    ["[require 01 of alice,bob]", "threshold"],
    ["[demand 1 of alice]", "threshold"],
    ['[require 1 of "alice]', "threshold"],
    ["[require 3 of alice,bob]", "threshold-count"],
    ["[require 2 of alice,alice]", "threshold-count"],
    ["[require 1 of alice,dave]", "threshold-name"],
    [`[alice] ${key(3)}`, "threshold"],
  ])("is refused with its number if malformed, and nothing is trusted: %s", (bad, reason) => {
    expect(parse(`${THREE}${bad}\n`)).toEqual({
      ok: false,
      code: "TRUST_FILE_MALFORMED",
      line: 4,
      reason,
      message: `trust file malformed: line 4: ${reason.replaceAll("-", " ")}`,
    });
  });

  it("is refused if it needs two names with one key, which are one voter", () => {
    const text = `alice,build ${key(0)}\n[require 2 of alice,build]`;
    expect(parse(text)).toMatchObject({ ok: false, line: 2, reason: "threshold-count" });
  });

  it("does not include a signer whose quoted name starts with a bracket", () => {
    const parsed = parse(`"[alice]" ${key(0)}`);
    expect(parsed.ok && parsed.value.lines[0]?.names).toEqual(["[alice]"]);
  });
});

describe("thresholds (PROTOCOL 12)", () => {
  const twoOfThree = policyOf(`${THREE}[require 2 of alice,bob,carol]`);

  it("give SIGNER_THRESHOLD_UNMET if unmet, with the line, the signed and the missing names", () => {
    expect(decide(twoOfThree)).toEqual({
      ok: false,
      code: "SIGNER_THRESHOLD_UNMET",
      reason: "file1 line 4 requires 2 of alice, bob, carol; signed: alice; missing: bob, carol",
      name: "alice",
      decided_by: { source: "file1", line: 4 },
    });
  });

  it("are met by the signer and a countersigner, and the signer's line decides", () => {
    expect(decide(twoOfThree, holds(2))).toMatchObject({
      ok: true,
      code: "OK",
      name: "alice",
      decided_by: { source: "file1", line: 1 },
      reason:
        "file1 line 1 trusts the key as alice; " +
        "file1 line 4 requires 2 of alice, bob, carol; signed: alice, carol; missing: bob",
    });
  });

  it("are met by countersigners alone if the signer is not named", () => {
    const policy = policyOf(`${THREE}[require 2 of bob,carol]`);
    expect(decide(policy, holds(1))).toMatchObject({ code: "SIGNER_THRESHOLD_UNMET" });
    expect(decide(policy, holds(1), holds(2))).toMatchObject({ ok: true });
  });

  it("never replace trust in the signer", () => {
    const policy = policyOf(`bob ${key(1)}\ncarol ${key(2)}\n[require 2 of bob,carol]`);
    expect(decide(policy, holds(1), holds(2))).toMatchObject({ ok: false, code: "SIGNER_UNKNOWN" });
  });

  it("must all be met", () => {
    const policy = policyOf(`${THREE}[require 1 of alice]\n[require 1 of bob,carol]`);
    expect(decide(policy)).toMatchObject({
      code: "SIGNER_THRESHOLD_UNMET",
      decided_by: { source: "file1", line: 5 },
    });
    expect(decide(policy, holds(1))).toMatchObject({ ok: true });
  });

  it("of every source must be met by signers of the same source", () => {
    const policy = policyOf(`alice ${key(0)}`, `alice ${key(3)}\nbob ${key(1)}\n[require 2 of alice,bob]`);
    expect(decide(policy, holds(1)).reason).toContain("signed: bob; missing: alice");
    expect(decide(policy, holds(1), holds(3))).toMatchObject({ ok: true });
  });

  it("count two keys of one name once", () => {
    const policy = policyOf(`alice ${key(0)}\nalice ${key(3)}\nbob ${key(1)}\n[require 2 of alice,bob]`);
    expect(decide(policy, holds(3))).toMatchObject({ code: "SIGNER_THRESHOLD_UNMET" });
    expect(decide(policy, holds(3), holds(1))).toMatchObject({ ok: true });
  });

  it("count one countersignature twice once, and the signer's own once", () => {
    expect(decide(twoOfThree, holds(0), holds(0))).toMatchObject({ code: "SIGNER_THRESHOLD_UNMET" });
    const twoOthers = policyOf(`${THREE}[require 2 of bob,carol]`);
    expect(decide(twoOthers, holds(1), holds(1))).toMatchObject({ code: "SIGNER_THRESHOLD_UNMET" });
  });

  it("count names that share a key as one voter, for any order of lines", () => {
    const shared = [`alice,build ${key(0)}`, `build ${key(3)}`, `bob ${key(1)}`];
    for (const lines of [shared, shared.toReversed()]) {
      const policy = policyOf(`${lines.join("\n")}\n[require 2 of alice,build,bob]`);
      expect(decide(policy, holds(3))).toMatchObject({ code: "SIGNER_THRESHOLD_UNMET" });
      expect(decide(policy, holds(1))).toMatchObject({ ok: true });
    }
  });

  it("do not join two voters by a third name that is not required", () => {
    const policy = policyOf(`alice,team ${key(0)}\nbob,team ${key(1)}\n[require 2 of alice,bob]`);
    expect(decide(policy, holds(1))).toMatchObject({ ok: true });
  });

  it.each([
    ["unknown", ""],
    ["revoked", `bob revoked ${key(1)}`],
    ["revoked by another line", `bob ${key(1)}\nmallory revoked ${key(1)}`],
    ["of another namespace", `bob namespaces="git" ${key(1)}`],
    ["expired when it signed", `bob valid-before=20260701 ${key(1)}`],
    ["not yet valid when it signed", `bob valid-after=20260702 ${key(1)}`],
  ])("ignore a countersigner who is %s", (_what, lines) => {
    const policy = policyOf(`alice ${key(0)}\nbob ${key(3)}\n${lines}\n[require 2 of alice,bob]`);
    expect(decide(policy, holds(1))).toMatchObject({ code: "SIGNER_THRESHOLD_UNMET" });
    expect(decide(policy, holds(3))).toMatchObject({ ok: true });
  });

  it("judge a countersigner at its own time, not at the bundle's", () => {
    const policy = policyOf(
      `alice ${key(0)}\nbob valid-after=20260620,valid-before=20260710 ${key(1)}\n[require 2 of alice,bob]`,
    );
    expect(decide(policy, holds(1))).toMatchObject({ ok: true });
    expect(decide(policy, holds(1, "2026-07-10T00:00:00Z"))).toMatchObject({ ok: false });
  });

  it("ignore a failed countersignature, whatever it claims", () => {
    const reason = "the signature of entry 1 does not hold over this bundle";
    const failed = { kind: "fails", code: "COUNTERSIGNATURE_INVALID", reason, entry: 1 } as const;
    const decision = decide(twoOfThree, failed);
    expect(decision).toMatchObject({ code: "SIGNER_THRESHOLD_UNMET" });
    expect(decision.countersigners).toEqual([
      { ok: false, code: "COUNTERSIGNATURE_INVALID", reason, entry: 1 },
    ]);
  });

  it("never trust more with a higher count, or less with more countersigners", () => {
    const someone = fc.integer({ min: 0, max: 4 });
    const names = ["a", "b", "c", "d"];
    const line = fc
      .tuple(fc.subarray(names, { minLength: 1 }), someone)
      .map(([n, k]) => `${n.join()} ${key(k)}`);
    fc.assert(
      fc.property(
        fc.array(line),
        fc.integer({ min: 1, max: 4 }),
        fc.array(someone),
        someone,
        (lines, n, signed, one) => {
          const present = names.filter((name) =>
            lines.some((text) => (text.split(" ")[0] ?? "").split(",").includes(name)),
          );
          const file = (need: number): string =>
            [`x ${key(0)}`, ...lines, `[require ${need} of ${present.join()}]`].join("\n");
          const [less, more] = [parse(file(n)), parse(file(n + 1))];
          if (!less.ok || !more.ok) return;
          const findings = signed.map((number) => holds(number));
          const ok = (need: number, extra: readonly CountersignatureFinding[]): boolean =>
            decide(policyOf(file(need)), ...findings, ...extra).ok;
          expect(ok(n + 1, []) && !ok(n, [])).toBe(false);
          expect(ok(n, []) && !ok(n, [holds(one)])).toBe(false);
          expect(ok(n, []) && new Set([0, ...signed]).size < n).toBe(false);
        },
      ),
    );
  });
});
