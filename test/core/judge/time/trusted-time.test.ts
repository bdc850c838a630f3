import { describe, expect, it } from "vitest";
import {
  concludeTime,
  decideTrust,
  encodeTimestamps,
  parseTrustFile,
  readTimestamps,
  type TimeFinding,
  type TokenFinding,
  type TrustPolicy,
  writeAuthority,
} from "../../../../src/core/internal.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const KEY = testSigner(FIRST_SEED).publicKeyHex;
const DIGEST = "ab".repeat(32);
const NOW = Date.UTC(2027, 0, 1) / 1000;

function policyOf(options: string, more: Partial<TrustPolicy> = {}): TrustPolicy {
  const parsed = parseTrustFile(Buffer.from(`alice ${options} runseal-ed25519 ${KEY}\n`), nodeCrypto);
  if (!parsed.ok) throw new Error(parsed.reason);
  return { sources: [{ label: "trust", ...parsed.value }], ...more };
}

/** The time that an authority vouches for, whose T is this moment. */
function timeOf(notAfter: string): TimeFinding {
  return concludeTime([tokenOf(1, notAfter)]);
}

function tokenOf(entry: number, not_after: string): TokenFinding {
  const before = new Date(Date.parse(not_after) - 1000).toISOString();
  const by = { authority: "tsa", certificate: DIGEST as never, decided_by: { source: "trust", line: 2 } };
  return { ok: true, code: "OK", entry, before, accuracy_ms: 1000, not_after, ...by };
}

function codeOf(policy: TrustPolicy, sealedAt: string | undefined, time?: TimeFinding): string {
  return decideTrust(policy, { publicKeyHex: KEY, sealedAt, now: NOW, countersignatures: [], time }).code;
}

describe("time in the trust policy (PROTOCOL 17)", () => {
  const M = "20260601";
  const EARLY = "2026-05-01T00:00:00Z";
  const LATE = "2026-07-01T00:00:00Z";

  it.each([
    ["revoked", EARLY, EARLY, "SIGNER_REVOKED"],
    [`revoked="${M}"`, EARLY, EARLY, "OK"],
    [`revoked="${M}"`, EARLY, LATE, "SIGNER_REVOKED"],
    [`revoked="${M}"`, EARLY, undefined, "SIGNER_REVOKED"],
    [`valid-before="${M}"`, EARLY, EARLY, "OK"],
    [`valid-before="${M}"`, EARLY, LATE, "SIGNER_EXPIRED"],
    [`valid-before="${M}"`, EARLY, undefined, "OK"],
    [`valid-after="${M}"`, LATE, LATE, "OK"],
    [`valid-after="${M}"`, EARLY, LATE, "SIGNER_NOT_YET_VALID"],
    [`valid-after="${M}"`, LATE, undefined, "OK"],
    ["bound", LATE, EARLY, "TIME_CONTRADICTS"],
    ["bound", EARLY, LATE, "OK"],
  ])("of a line with %s, sealed at %s, with T %s, decides %s", (options, sealedAt, notAfter, code) => {
    expect(codeOf(policyOf(options), sealedAt, notAfter === undefined ? undefined : timeOf(notAfter))).toBe(
      code,
    );
  });

  it("is before a moment only if it is before all of its second", () => {
    const revoked = policyOf(`revoked="${M}"`);
    expect(codeOf(revoked, EARLY, timeOf("2026-05-31T23:59:59.999Z"))).toBe("OK");
    expect(codeOf(revoked, EARLY, timeOf("2026-06-01T00:00:00Z"))).toBe("SIGNER_REVOKED");
    const plain = policyOf("bound");
    expect(codeOf(plain, EARLY, timeOf(EARLY))).toBe("OK");
    expect(codeOf(plain, EARLY, timeOf("2026-04-30T23:59:59.999Z"))).toBe("TIME_CONTRADICTS");
  });

  it("spares an unbound bundle too, whose signature is stamped all the same", () => {
    const policy = policyOf(`valid-before="${M}"`);
    expect(codeOf(policy, undefined)).toBe("SIGNER_EXPIRED");
    expect(codeOf(policy, undefined, timeOf(EARLY))).toBe("OK");
  });

  it("is required only where the policy says so, and only of a trusted signer", () => {
    const required = { requireTimestamp: true };
    const failed = concludeTime([
      { ok: false, code: "TIMESTAMP_INVALID", flaw: "imprint", entry: 1, reason: "no" },
    ]);
    expect(codeOf(policyOf("bound", required), EARLY)).toBe("TIMESTAMP_REQUIRED");
    expect(codeOf(policyOf("bound", required), EARLY, failed)).toBe("TIMESTAMP_REQUIRED");
    expect(codeOf(policyOf("bound", required), EARLY, timeOf(LATE))).toBe("OK");
    expect(codeOf(policyOf("bound"), EARLY, failed)).toBe("OK");
    expect(codeOf(policyOf("revoked", required), EARLY)).toBe("SIGNER_REVOKED");
  });

  it("without a token that holds changes no decision", () => {
    const failed = concludeTime([]);
    const moment = fc.integer({ min: 0, max: 364 }).map((day) => new Date(Date.UTC(2026, 0, 1 + day)));
    const text = moment.map((date) => date.toISOString().slice(0, 10).replaceAll("-", ""));
    const options = fc.oneof(
      text.map((one) => `revoked="${one}"`),
      text.map((one) => `valid-before="${one}"`),
      text.map((one) => `valid-after="${one}"`),
    );
    fc.assert(
      fc.property(options, moment, (line, date) => {
        const sealedAt = date.toISOString().replace(".000", "");
        expect(codeOf(policyOf(line), sealedAt, failed)).toBe(codeOf(policyOf(line), sealedAt));
      }),
      { numRuns: runs(400) },
    );
  });

  it("is the earliest of all tokens that hold", () => {
    const tokens = [tokenOf(1, LATE), tokenOf(2, EARLY), tokenOf(3, LATE)];
    expect(concludeTime(tokens)).toMatchObject({ ok: true, not_after: EARLY, tokens });
    expect(concludeTime([])).toMatchObject({ ok: false, code: "TIMESTAMPS_MALFORMED" });
  });
});

describe("an authority's line of a trust file", () => {
  const parse = (text: string): unknown => {
    const parsed = parseTrustFile(Buffer.from(text), nodeCrypto);
    return parsed.ok ? parsed.value.authorities : parsed.reason;
  };

  it("names a certificate, and the time while it is trusted", () => {
    const line = {
      line: 1,
      name: "ours",
      certificate: DIGEST,
      validAfter: undefined,
      validBefore: undefined,
    };
    expect(parse(`[tsa ours sha256:${DIGEST}]`)).toEqual([line]);
    expect(parse(`  [ tsa "ours" sha256:${DIGEST} valid-before=20260601 VALID-AFTER="20250601" ]  `)).toEqual(
      [{ ...line, validAfter: Date.UTC(2025, 5, 1) / 1000, validBefore: Date.UTC(2026, 5, 1) / 1000 }],
    );
  });

  it.each([
    ["[tsa]", "authority"],
    [`[tsa ours ${DIGEST}]`, "authority"],
    [`[tsa ours sha256:${DIGEST.toUpperCase()}]`, "authority"],
    [`[tsa ours sha256:${DIGEST}`, "authority"],
    [`[tsa ours sha256:${DIGEST}] comment`, "authority"],
    [`[tsa ours sha256:${DIGEST} bound]`, "authority"],
    [`[tsa ours sha256:${DIGEST} valid-after=2026 ]`, "moment"],
    [`[tsa ours sha256:${DIGEST} valid-after=20260101 valid-after=20260101]`, "authority"],
    [`[tsb ours sha256:${DIGEST}]`, "threshold"],
  ])("that is %s makes the whole file malformed", (line, reason) => {
    expect(parse(`${line}\n`)).toBe(reason);
  });

  it("may not stand more than 64 times", () => {
    expect(parse(`[tsa ours sha256:${DIGEST}]\n`.repeat(64))).toHaveLength(64);
    expect(parse(`[tsa ours sha256:${DIGEST}]\n`.repeat(65))).toBe("too-many-authorities");
  });

  it("leaves a signer called tsa alone", () => {
    expect(parse(`tsa runseal-ed25519 ${KEY}\n`)).toEqual([]);
  });

  it("is read as it was written, for any name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        const written = writeAuthority({ name, digest: DIGEST, validAfter: "20260101" });
        if (typeof written === "string") expect(written).toBe("name");
        else expect(parse(written.text)).toMatchObject([{ name, certificate: DIGEST }]);
      }),
      { numRuns: runs(400) },
    );
  });
});

describe("TIMESTAMPS.json", () => {
  it("is read as it was written, in one form only", () => {
    const tokens = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 16 });
    fc.assert(
      fc.property(tokens, fc.nat(), (list, place) => {
        const bytes = encodeTimestamps(list);
        expect(readTimestamps({ kind: "bytes", bytes })).toEqual(list);
        const spaced = Uint8Array.from([
          ...bytes.slice(0, place % bytes.length),
          0x20,
          ...bytes.slice(place % bytes.length),
        ]);
        expect(readTimestamps({ kind: "bytes", bytes: spaced })).toEqual(expect.any(String));
      }),
      { numRuns: runs(400) },
    );
  });
});
