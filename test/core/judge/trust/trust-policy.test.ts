import { describe, expect, it } from "vitest";
import type { TrustPolicy } from "../../../../src/core/judge/trust/trust-decision.ts";
import { parseTrustFile } from "../../../../src/core/judge/trust/trust-file.ts";
import {
  decideTrust,
  questionOf,
  type TrustDecision,
  type TrustQuestion,
} from "../../../../src/core/judge/trust/trust-policy.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { FIRST_SEED, SECOND_SEED, sealBundle, testSigner } from "../../../support/bundles/bundle.ts";
import { verified } from "../../../support/bundles/judge.ts";

const HEX = testSigner(FIRST_SEED).publicKeyHex;
const KEY = `runseal-ed25519 ${HEX}`;
const OTHER_KEY = `runseal-ed25519 ${testSigner(SECOND_SEED).publicKeyHex}`;
const SEALED_AT = "2026-06-15T12:00:00Z";
const NOW = Date.parse("2030-01-01T00:00:00Z") / 1000;

const BOUND: TrustQuestion = { publicKeyHex: HEX, sealedAt: SEALED_AT, now: NOW, countersignatures: [] };
const UNBOUND: TrustQuestion = { ...BOUND, sealedAt: undefined };

/** A policy of one source for each text, labelled as given. */
function policyOf(sources: Readonly<Record<string, string>>): TrustPolicy {
  return {
    sources: Object.entries(sources).map(([label, text]) => {
      const parsed = parseTrustFile(Buffer.from(text), nodeCrypto);
      if (!parsed.ok) throw new Error(`line ${parsed.line} of ${label}: ${parsed.reason}`);
      return { label, ...parsed.value };
    }),
  };
}

function decide(text: string, question: TrustQuestion = BOUND): TrustDecision {
  return decideTrust(policyOf({ signers: text }), question);
}

describe("trust policy (PROTOCOL 12)", () => {
  it("trusts a signer that a line lists, and gives the line and name", () => {
    expect(decide(`# people\nalice,build ${KEY}`)).toEqual({
      ok: true,
      code: "OK",
      reason: "signers line 2 trusts the key as alice",
      name: "alice",
      decided_by: { source: "signers", line: 2 },
    });
  });

  it("without a policy answers TRUST_POLICY_MISSING and that the signer is not trusted", () => {
    const decision = decideTrust(undefined, BOUND);
    expect(decision).toMatchObject({ ok: false, code: "TRUST_POLICY_MISSING" });
    expect(decision.reason).toContain("so the signer is not trusted");
  });

  it.each([
    ["no source", {}],
    ["an empty source", { signers: "" }],
    ["a line for another key only", { signers: `bob ${OTHER_KEY}` }],
  ])("answers SIGNER_UNKNOWN for %s", (_what, sources) => {
    expect(decideTrust(policyOf(sources), BOUND)).toMatchObject({ ok: false, code: "SIGNER_UNKNOWN" });
  });

  it("quotes an untrusted label and name", () => {
    const policy = policyOf({ "sig\u001b[2Jners": `"al\u202Eice" ${KEY}` });
    expect(decideTrust(policy, BOUND).reason).toBe(
      '"sig\\u{1b}[2Jners" line 1 trusts the key as "al\\u{202e}ice"',
    );
  });

  it("uses only a bundle's key, digests, time and countersignatures", () => {
    const digests = [expect.stringMatching(/^SHA256:/), expect.stringMatching(/^id:[0-9a-f]{64}$/)];
    const key = { publicKeyHex: HEX, digests, now: NOW, countersignatures: [] };
    expect(questionOf(verified(sealBundle({ bind: true })), NOW)).toEqual({
      ...key,
      sealedAt: "2026-11-25T01:02:03Z",
    });
    expect(questionOf(verified(sealBundle()), NOW)).toEqual({ ...key, sealedAt: undefined });
  });
});

describe("windows of trust (PROTOCOL 12)", () => {
  it.each([
    ["valid-after=202606151200", "OK"],
    ["valid-after=20260615120001", "SIGNER_NOT_YET_VALID"],
    ["valid-before=20260615120001", "OK"],
    ["valid-before=202606151200", "SIGNER_EXPIRED"],
  ])("apply to a bound bundle at its own time: %s gives %s", (options, code) => {
    expect(decide(`alice ${options} ${KEY}`)).toMatchObject({ code });
  });

  it.each([
    ["valid-after=20300101", "OK"],
    ["valid-after=20300101000001", "SIGNER_NOT_YET_VALID"],
    ["valid-before=20300101000001", "OK"],
    ["valid-before=20300101", "SIGNER_EXPIRED"],
  ])("apply to an unbound bundle at the present: %s gives %s", (options, code) => {
    expect(decide(`alice ${options} ${KEY}`, UNBOUND)).toMatchObject({ code });
  });

  it.each(["valid-after=20260101", "valid-after=20270101", "valid-before=20260101", "revoked=20260101"])(
    "say that the moment of %s is the signer's own word",
    (option) => {
      expect(decide(`alice ${option} ${KEY}`).reason).toContain(`the signer says it sealed at ${SEALED_AT}`);
    },
  );
});

describe("revocation (PROTOCOL 12)", () => {
  it.each([BOUND, UNBOUND])("holds at every sealing time if it has no moment", (question) => {
    expect(decide(`mallory revoked ${KEY}`, question)).toMatchObject({ ok: false, code: "SIGNER_REVOKED" });
  });

  it.each(["revoked=202606151200", "revoked=20260615120001", "revoked=20200101"])(
    "holds too for a bundle that says it was sealed before the moment or after it: %s",
    (option) => {
      expect(decide(`alice ${option} ${KEY}`)).toMatchObject({ ok: false, code: "SIGNER_REVOKED" });
    },
  );

  it("overrides trust by a line before it and by one after it", () => {
    expect(decide(`alice ${KEY}\nmallory revoked ${KEY}`)).toMatchObject({ code: "SIGNER_REVOKED" });
    expect(decide(`mallory revoked ${KEY}\nalice ${KEY}`)).toMatchObject({ code: "SIGNER_REVOKED" });
  });

  it("overrides trust by another source", () => {
    const policy = policyOf({ mine: `alice ${KEY}`, "the company's": `mallory revoked ${KEY}` });
    expect(decideTrust(policy, BOUND)).toMatchObject({ code: "SIGNER_REVOKED", name: "mallory" });
  });

  it("overrides all other options of its line", () => {
    const line = `alice revoked,bound,namespaces="git",valid-before=20200101 ${KEY}`;
    expect(decide(line, UNBOUND)).toMatchObject({ code: "SIGNER_REVOKED" });
  });

  it("of another key has no effect", () => {
    expect(decide(`mallory revoked ${OTHER_KEY}\nalice ${KEY}`)).toMatchObject({ ok: true, name: "alice" });
  });
});

describe("several lines for one key (PROTOCOL 12)", () => {
  it("trust the signer if one of them does", () => {
    const text = `old valid-before=20200101 ${KEY}\nnew valid-after=20260101 ${KEY}`;
    expect(decide(text)).toMatchObject({ ok: true, name: "new" });
  });

  it("give the reason of the first if none does", () => {
    const text = `old valid-before=20200101 ${KEY}\nnext valid-after=20400101 ${KEY}`;
    expect(decide(text)).toMatchObject({ code: "SIGNER_EXPIRED", name: "old" });
  });
});

describe("namespaces and bound lines (PROTOCOL 12)", () => {
  it.each(["runseal", "git,runseal", "run*", "*", "r?nseal", "*,!git", "run*seal"])(
    "trust with the namespaces %j",
    (patterns) => {
      expect(decide(`alice namespaces="${patterns}" ${KEY}`)).toMatchObject({ ok: true });
    },
  );

  it.each(["git", "", "runseall", "*,!runseal", "!git"])(
    "do not trust with the namespaces %j, and give the reason",
    (patterns) => {
      const decision = decide(`alice namespaces="${patterns}" ${KEY}`);
      expect(decision).toMatchObject({ ok: false, code: "SIGNER_UNKNOWN" });
      expect(decision.reason).toContain("other namespaces");
    },
  );

  it("trust a bound bundle with the option `bound`", () => {
    expect(decide(`alice bound ${KEY}`)).toMatchObject({ ok: true });
  });

  it("do not trust an unbound bundle with the option `bound`, and give the reason", () => {
    const decision = decide(`alice bound ${KEY}`, UNBOUND);
    expect(decision).toMatchObject({ ok: false, code: "SIGNER_UNKNOWN" });
    expect(decision.reason).toContain("only for bundles that sign their run id and time");
  });
});
