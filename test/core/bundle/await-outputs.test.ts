import { describe, expect, it } from "vitest";
import {
  type AwaitedBundle,
  awaitOutputs,
  concludeVerification,
  judgeHere,
} from "../../../src/core/bundle/judge.ts";
import { VERIFY } from "../../../src/core/bundle/orders.ts";
import type { OutputFindings } from "../../../src/core/bundle/phases/findings.ts";
import { isDropped } from "../../../src/core/bundle/verify-chain.ts";
import { type BundleRecipe, findingsOf, openedOf, sealBundle } from "../../support/bundles/bundle.ts";
import { context } from "../../support/bundles/judge.ts";

/** These bundles have no tree: nothing is left to look at. */
function endOf(unended: ReturnType<AwaitedBundle["conclude"]>): ReturnType<typeof concludeVerification> {
  const ended = unended.ok ? unended.value.end() : unended;
  if (!ended.ok) return ended;
  if (isDropped(ended.value)) throw new Error("no bytes were dropped");
  return { ok: true, value: ended.value };
}

/** What is said of a bundle in the order of the phases, and with phase 10 first as far as it goes without outputs. */
function bothWays(recipe: BundleRecipe, findings: OutputFindings = findingsOf(sealBundle(recipe))) {
  const judged = judgeHere(openedOf(sealBundle(recipe)), context, VERIFY);
  if (!judged.ok) throw new Error(`phases 1 to 8 pass in these tests: ${judged.code}`);
  const awaited = awaitOutputs(judged.value, context);
  return {
    inOrder: concludeVerification(judged.value, findings, context),
    awaited,
    concluded: awaited.ok ? endOf(awaited.value.conclude(findings)) : awaited,
  };
}

/** A verified bundle whose outputs are an array: two listings of the same outputs are never equal. */
function withListedOutputs(verdict: ReturnType<typeof concludeVerification>): unknown {
  return verdict.ok ? { ...verdict.value, outputs: [...verdict.value.outputs] } : verdict;
}

const bound: BundleRecipe = { bind: true, runId: "run-002", previousBundleRoot: "a".repeat(64) };

describe("judging a bundle before its outputs are hashed", () => {
  it.each([
    ["bound", bound],
    ["plain", {}],
    ["without outputs", { bind: true, outputs: {} }],
  ] as const)("gives the same verified bundle as the phases in order: a bundle %s", (_what, recipe) => {
    const { awaited, concluded, inOrder } = bothWays(recipe);
    expect(awaited.ok).toBe(true);
    expect(inOrder.ok).toBe(true);
    expect(withListedOutputs(concluded)).toEqual(withListedOutputs(inOrder));
  });

  it("rejects wrong outputs as the phases in order do", () => {
    const found = findingsOf(sealBundle(bound));
    for (const other of [
      { kind: "missing" },
      { kind: "unreadable", code: "READ_FAILED" },
      found.at(1),
      undefined,
    ] as const) {
      const { awaited, concluded, inOrder } = bothWays(bound, [other, found.at(1)]);
      expect(awaited.ok).toBe(true);
      expect(inOrder.ok).toBe(false);
      expect(concluded).toEqual(inOrder);
    }
  });

  it("rejects outputs whose total of bytes differs from the binding", () => {
    const { awaited, concluded, inOrder } = bothWays({ bind: (right) => ({ ...right, bytes: 12 }) });
    expect(awaited.ok).toBe(true);
    expect(inOrder).toMatchObject({ ok: false, code: "PAYLOAD_MISMATCH", details: { field: "bytes" } });
    expect(concluded).toEqual(inOrder);
  });

  it.each([
    ["version", 2],
    ["run_id", "other"],
    ["previous_bundle_root", "B".repeat(64)],
    ["files", 3],
    ["bytes", 12],
  ])("rejects a wrong binding with the same code: %s is %j", (field, value) => {
    const { concluded, inOrder } = bothWays({ bind: (right) => ({ ...right, [field]: value }) });
    expect(inOrder).toMatchObject({ ok: false, phase: "acceptance" });
    expect(concluded).toEqual(inOrder);
  });

  it.each([
    ["says that it failed", { status: { status: "failure", cmp01: "pass" } }],
    ["is bound to another run", { bind: (right: object) => ({ ...right, run_id: "other" }) }],
    ["is bound to another proof", { bind: (right: object) => ({ ...right, proof_sha256: "b".repeat(64) }) }],
    ["declares no bytes", { bind: (right: object) => ({ ...right, bytes: "11" }) }],
  ] as const)("rejects the bundle whatever its outputs are if it %s", (_what, recipe) => {
    const { awaited, inOrder } = bothWays(recipe);
    expect(awaited.ok).toBe(false);
    expect(awaited).toEqual(inOrder);
  });
});
