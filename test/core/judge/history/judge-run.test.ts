import { describe, expect, it } from "vitest";
import { type JudgedRun, judgeRun } from "../../../../src/core/judge/history/judge-run.ts";
import { type BundleRecipe, openedOf, sealBundle, sha256 } from "../../../support/bundles/bundle.ts";
import { context } from "../../../support/bundles/judge.ts";

const FIRST_ROOT = sha256("a root");

function judge(recipe: BundleRecipe, over: Parameters<typeof openedOf>[1] = {}): JudgedRun {
  return judgeRun(openedOf(sealBundle(recipe), over), context);
}

const bound: BundleRecipe = { bind: true, runId: "run-002", previousBundleRoot: FIRST_ROOT };
const failed = { status: { status: "failure", cmp01: "pass" } };
const notRestored = {
  proof: { restoration_result: { condition: "RESTORATION_FAILED_HASH_MISMATCH", verified: false } },
};

describe("a bundle judged by its artifacts alone", () => {
  it("has its place, signer and claims without reading any output", () => {
    const { failure, run, sealed } = judge(bound);
    expect(failure).toBeUndefined();
    expect(run).toMatchObject({
      runId: "run-002",
      bundleRoot: sealBundle(bound).bundleRoot,
      previousBundleRoot: FIRST_ROOT,
      sealedAt: "2026-11-25T01:02:03Z",
      standing: "succeeded",
    });
    expect(sealed).toMatchObject({ bytes: 11, binding: { previousBundleRoot: FIRST_ROOT } });
    expect(Array.from(sealed?.claims ?? [], ({ path }) => path)).toEqual(["out/a.txt", "out/b.txt"]);
  });

  it("has no time, link or total of bytes if it is a plain bundle", () => {
    const { failure, run, sealed } = judge({});
    expect(failure).toBeUndefined();
    expect(run).toMatchObject({ previousBundleRoot: undefined, sealedAt: undefined, standing: "succeeded" });
    expect(sealed).toMatchObject({ binding: undefined, bytes: undefined });
  });

  it("has the links of its proof", () => {
    const restored = { restoration_result: { condition: "RESTORED_IDENTICAL", verified: true } };
    const links = (previous: unknown): string | undefined =>
      judge({ ...bound, proof: { ...restored, previous_proof_hash: previous } }).run.previousProofHash;
    expect(links(FIRST_ROOT)).toBe(FIRST_ROOT);
    expect(links(undefined)).toBeUndefined();
    expect(links(null), "null is read as absent").toBeUndefined();
    expect(links(7), "a value that is not a text matches no digest").toBe("");
  });

  it.each([
    ["whose command failed", failed, "DECISION_INVALID"],
    ["whose scratch was not as found", notRestored, "RESTORATION_FAILED"],
    ["of which both is so", { ...failed, ...notRestored }, "RESTORATION_FAILED"],
    ["that says so in cmp01 alone", { status: { status: "success", cmp01: "fail" } }, "DECISION_INVALID"],
  ] as const)("is a failed run, and not accepted: %s", (_what, recipe, code) => {
    const { failure, run, sealed } = judge({ ...bound, ...recipe });
    expect(failure).toMatchObject({ code });
    expect(run).toMatchObject({ standing: "failed", previousBundleRoot: FIRST_ROOT });
    expect(sealed?.status.get("status")).toBeDefined();
  });

  it.each([
    ["that is not bound", judge({ ...failed })],
    ["in another folder", judge({ ...bound, ...failed, bind: (right) => ({ ...right, run_id: "other" }) })],
    [
      "with another proof than it is bound to",
      judge({ ...bound, ...failed }, { "PROOF.json": '{"restoration_result":{"verified":true}}' }),
    ],
    ["without a proof", judge({ ...bound, ...failed }, { "PROOF.json": { kind: "missing" } })],
    [
      "with a file that could be taken for a signature",
      judgeRun(
        { ...openedOf(sealBundle({ ...bound, ...failed })), confusable: ["signature.json.bak"] },
        context,
      ),
    ],
  ] as const)("is rejected, even if it says that its run failed: %s", (_what, { failure, run }) => {
    expect(failure).toBeDefined();
    expect(run.standing).toBe("rejected");
  });

  it("keeps its links in the folder of another run, because the signature covers them", () => {
    const { failure, run } = judgeRun({ ...openedOf(sealBundle(bound)), runId: "run-001" }, context);
    expect(failure).toMatchObject({ code: "PAYLOAD_MISMATCH", details: { field: "run_id" } });
    expect(run).toMatchObject({
      runId: "run-001",
      bundleRoot: sealBundle(bound).bundleRoot,
      previousBundleRoot: FIRST_ROOT,
      standing: "rejected",
    });
  });

  it("keeps its links if its proof is missing or malformed", () => {
    for (const over of [{ "PROOF.json": { kind: "missing" } as const }, { "PROOF.json": "{" }]) {
      const { failure, run, sealed } = judge(bound, over);
      expect(failure?.details).toEqual({ artifact: "PROOF.json" });
      expect(run).toMatchObject({ previousBundleRoot: FIRST_ROOT, standing: "rejected" });
      expect(sealed?.proof).toBeUndefined();
    }
  });

  it("has no facts if its signature does not hold", () => {
    const other = sealBundle({ ...bound, taskSpec: { other: true } }).artifacts;
    for (const over of [{ "STATUS.json": "{}" }, { "SIGNATURE.json": other["SIGNATURE.json"] }]) {
      const { failure, run, sealed } = judge(bound, over);
      expect(failure).toMatchObject({ ok: false });
      expect(sealed).toBeUndefined();
      expect(run).toMatchObject({
        bundleRoot: undefined,
        previousBundleRoot: undefined,
        standing: "rejected",
      });
    }
  });
});
