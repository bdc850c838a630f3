import { describe, expect, it } from "vitest";
import { admitCandidate, concludeCandidate, judgeHere } from "../../../../src/core/judge/bundle/judge.ts";
import { RESTORE } from "../../../../src/core/judge/bundle/orders.ts";
import { findingsOf, openedOf, sealBundle, type TestBundle } from "../../../support/bundles/bundle.ts";
import { context, judge, judgeOpened } from "../../../support/bundles/judge.ts";

const DIGEST = "ab".repeat(32);

/** What is wrong with one member of an otherwise right binding; `undefined` leaves the member out. */
const WRONG: readonly (readonly [field: string, what: string, value: unknown])[] = [
  ["version", "missing", undefined],
  ["version", "zero", 0],
  ["version", "text", "1"],
  ["run_id", "missing", undefined],
  ["run_id", "another run's", "run-002"],
  ["run_id", "in another case", "RUN-001"],
  ["proof_sha256", "missing", undefined],
  ["proof_sha256", "another file's", DIGEST],
  ["output_hashes_sha256", "missing", undefined],
  ["output_hashes_sha256", "another file's", DIGEST],
  ["sealed_at", "missing", undefined],
  ["sealed_at", "in another zone", "2026-11-25T01:02:03+01:00"],
  ["sealed_at", "in parts of seconds", "2026-11-25T01:02:03.5Z"],
  ["sealed_at", "no day of the calendar", "2026-02-30T01:02:03Z"],
  ["previous_bundle_root", "null", null],
  ["previous_bundle_root", "uppercase", DIGEST.toUpperCase()],
  ["previous_bundle_root", "a number", 0],
  ["files", "missing", undefined],
  ["files", "one too many", 3],
  ["files", "text", "2"],
  ["bytes", "missing", undefined],
  ["bytes", "one too many", 12],
  ["bytes", "text", "11"],
  ["guard", "null", null],
  ["guard", "without a folder", { after: DIGEST, before: DIGEST }],
  ["guard", "with a further member", { after: DIGEST, before: DIGEST, folder: DIGEST, more: 1 }],
  ["guard", "with a path for its folder", { after: DIGEST, before: DIGEST, folder: "/home/me" }],
  ["guard", "without a snapshot from before", { after: DIGEST, before: null, folder: DIGEST }],
  ["guard", "with uppercase digits", { after: DIGEST.toUpperCase(), before: DIGEST, folder: DIGEST }],
];

function sealWith(field: string, value: unknown): TestBundle {
  return sealBundle({ bind: (right) => ({ ...right, [field]: value }) });
}

function expectMismatch(verdict: unknown, field: string): void {
  expect(verdict).toMatchObject({
    ok: false,
    code: "PAYLOAD_MISMATCH",
    phase: "acceptance",
    details: { field },
  });
}

describe("binding (PROTOCOL 11)", () => {
  it("is accepted when all of it holds", () => {
    const verdict = judge(sealBundle({ bind: true }));
    expect(verdict).toMatchObject({ ok: true, value: { binding: { sealedAt: "2026-11-25T01:02:03Z" } } });
  });

  it("gives the link to the previous run", () => {
    const verdict = judge(sealBundle({ bind: true, previousBundleRoot: DIGEST }));
    expect(verdict).toMatchObject({ ok: true, value: { binding: { previousBundleRoot: DIGEST } } });
  });

  it("gives the snapshots of a guarded run, the one from after it only if there is one", () => {
    const guard = { folder: "ef".repeat(32), before: DIGEST, after: "cd".repeat(32) };
    expect(judge(sealWith("guard", guard))).toMatchObject({ ok: true, value: { binding: { guard } } });
    const killed = judge(sealWith("guard", { ...guard, after: null }));
    expect(killed).toMatchObject({ ok: true, value: { binding: { guard: { ...guard, after: undefined } } } });
  });

  it("may be absent, as in a plain SPECTRUM bundle", () => {
    const verdict = judge(sealBundle());
    expect(verdict.ok && { binding: verdict.value.binding }).toEqual({ binding: undefined });
  });

  it("may have unknown members of a later runseal with the same version", () => {
    expect(judge(sealWith("comment", "added later")).ok).toBe(true);
  });

  it.each(WRONG)("is refused when %s is %s", (field, _what, value) => {
    expectMismatch(judge(sealWith(field, value)), field);
  });

  it.each([null, true, 1, "runseal", []])(
    "is refused when `runseal` is %j, which is not an object",
    (value) => {
      expectMismatch(judge(sealBundle({ bind: () => value })), "runseal");
    },
  );

  it("names the version first when `runseal` is empty", () => {
    expectMismatch(judge(sealBundle({ bind: () => ({}) })), "version");
  });

  it("reports that a newer runseal may accept a newer version", () => {
    const verdict = judge(sealWith("version", 2));
    expectMismatch(verdict, "version");
    expect(verdict).toHaveProperty("message", expect.stringContaining("a newer runseal may accept it"));
  });

  it("does not report that for a version that never existed", () => {
    expect(judge(sealWith("version", 0))).toHaveProperty("message", expect.not.stringContaining("newer"));
  });

  it("detects another proof, although the signature does not cover PROOF.json", () => {
    const bundle = sealBundle({ bind: true });
    expectMismatch(
      judge(bundle, { "PROOF.json": `{"restoration_result":{"verified":true}}` }),
      "proof_sha256",
    );
  });

  it("detects an added space in OUTPUT_HASHES.json, although the root covers only `hashes`", () => {
    const bundle = sealBundle({ bind: true });
    const spaced = `${bundle.artifacts["OUTPUT_HASHES.json"]} `;
    expectMismatch(judge(bundle, { "OUTPUT_HASHES.json": spaced }), "output_hashes_sha256");
  });

  it("detects a renamed run directory", () => {
    const bundle = sealBundle({ bind: true });
    expectMismatch(judgeOpened({ ...openedOf(bundle), runId: "run-002" }, bundle), "run_id");
  });

  it("is checked after the decision and after confusable names", () => {
    const failed = sealBundle({ bind: () => ({}), status: { cmp01: "fail" } });
    expect(judge(failed)).toMatchObject({ code: "DECISION_INVALID" });
    const bundle = sealBundle({ bind: () => ({}) });
    const crowded = { ...openedOf(bundle), confusable: ["signature.bak"] };
    expect(judgeOpened(crowded, bundle)).toMatchObject({ code: "ARTIFACT_EXTRA" });
  });
});

describe("binding, in the order of a restore (PROTOCOL 13.3)", () => {
  function admit(bundle: TestBundle, proof?: string): unknown {
    const opened = openedOf(bundle, proof === undefined ? {} : { "PROOF.json": proof });
    const candidate = judgeHere(opened, context, RESTORE);
    if (!candidate.ok) return candidate;
    const eligible = concludeCandidate(candidate.value, findingsOf(bundle), context);
    const ended = eligible.ok ? eligible.value.end() : eligible;
    return ended.ok ? admitCandidate(ended.value, context) : ended;
  }

  it("is accepted when all of it holds", () => {
    expect(admit(sealBundle({ bind: true }))).toMatchObject({ ok: true });
  });

  it.each(WRONG)("is refused when %s is %s", (field, _what, value) => {
    expectMismatch(admit(sealWith(field, value)), field);
  });

  it("detects another proof", () => {
    const other = `{"restoration_result":{"verified":true}}`;
    expectMismatch(admit(sealBundle({ bind: true }), other), "proof_sha256");
  });
});
