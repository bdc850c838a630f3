import { describe, expect, it } from "vitest";
import {
  admitOutputs,
  beginConclusion,
  concludeDropped,
  isVerified,
  judgeHere,
} from "../../../../src/core/judge/bundle/judge.ts";
import { type JudgedBundle, VERIFY } from "../../../../src/core/judge/bundle/orders.ts";
import type { OutputFinding } from "../../../../src/core/judge/bundle/phases/findings.ts";
import { type BundleRecipe, findingsOf, openedOf, sealBundle } from "../../../support/bundles/bundle.ts";
import { concludeWithoutTree, context } from "../../../support/bundles/judge.ts";

function judgedOf(recipe: BundleRecipe): JudgedBundle {
  const judged = judgeHere(openedOf(sealBundle(recipe)), context, VERIFY);
  if (!judged.ok) throw new Error(`phases 1 to 8 pass in these tests: ${judged.code}`);
  return judged.value;
}

/** What is said of a bundle before its outputs are hashed, and in the order of the phases. */
function bothWays(recipe: BundleRecipe) {
  const judged = judgedOf(recipe);
  return {
    admitted: admitOutputs(judged, context),
    inOrder: concludeWithoutTree(judged, findingsOf(sealBundle(recipe))),
  };
}

const bound: BundleRecipe = { bind: true, runId: "run-002", previousBundleRoot: "a".repeat(64) };

describe("judging a bundle before its outputs are hashed", () => {
  it.each([
    ["bound", bound],
    ["plain", {}],
    ["without outputs", { bind: true, outputs: {} }],
  ] as const)("admits one that the phases in order accept: a bundle %s", (_what, recipe) => {
    const { admitted, inOrder } = bothWays(recipe);
    expect(admitted.ok).toBe(true);
    expect(inOrder.ok).toBe(true);
  });

  it("leaves the total of bytes to the end", () => {
    const { admitted, inOrder } = bothWays({ bind: (right) => ({ ...right, bytes: 12 }) });
    expect(admitted.ok).toBe(true);
    expect(inOrder).toMatchObject({ ok: false, code: "PAYLOAD_MISMATCH", details: { field: "bytes" } });
  });

  it.each([
    ["version", 2],
    ["run_id", "other"],
    ["previous_bundle_root", "B".repeat(64)],
    ["files", 3],
    ["proof_sha256", "b".repeat(64)],
    ["bytes", "11"],
  ])("rejects a wrong binding with the same code: %s is %j", (field, value) => {
    const { admitted, inOrder } = bothWays({ bind: (right) => ({ ...right, [field]: value }) });
    expect(inOrder).toMatchObject({ ok: false, phase: "acceptance" });
    expect(admitted).toEqual(inOrder);
  });

  it("rejects a bundle that says that it failed", () => {
    const { admitted, inOrder } = bothWays({ status: { status: "failure", cmp01: "pass" } });
    expect(inOrder).toMatchObject({ ok: false, code: "DECISION_INVALID" });
    expect(admitted).toEqual(inOrder);
  });
});

describe("concluding on what a caller holds", () => {
  it("answers no phase by members that a judged bundle does not have", () => {
    const recipe: BundleRecipe = { status: { status: "failure", cmp01: "pass" } };
    const more = { ...judgedOf(recipe), takesFailed: true, rows: new Uint32Array() };
    expect(beginConclusion(more, findingsOf(sealBundle(recipe)), context)).toMatchObject({
      code: "DECISION_INVALID",
    });
  });
});

describe("judging a bundle whose bytes were dropped", () => {
  const recipe: BundleRecipe = { ...bound, outputs: { "out/a": "a", "out/b": "b" } };
  const [a, b] = [...findingsOf(sealBundle(recipe))];
  const missing: OutputFinding = { kind: "missing" };
  const concludeFound = (found: readonly (OutputFinding | undefined)[], of: BundleRecipe = recipe) => {
    const begun = concludeDropped(judgedOf(of), found, context);
    return begun.ok ? begun.value.end() : begun;
  };

  it("passes over missing outputs, gives the others, and does not call it verified", () => {
    const verdict = concludeFound([missing, b]);
    if (!verdict.ok) throw new Error(verdict.code);
    expect(isVerified(verdict.value)).toBe(false);
    expect([...verdict.value.outputs]).toMatchObject([{ path: "out/b", bytes: 1, row: 1 }]);
    expect(concludeFound([missing, missing])).toMatchObject({ ok: true, value: { bytes: 0 } });
  });

  it.each([
    ["another file", a],
    ["a file that can't be read", { kind: "unreadable", code: "READ_FAILED" }],
  ] as const)("refuses %s as the phases in order do", (_what, found) => {
    const inOrder = beginConclusion(judgedOf(recipe), [a, found], context);
    expect(inOrder.ok).toBe(false);
    expect(concludeFound([missing, found])).toEqual(inOrder);
  });

  it("refuses a path that breaks the law, and a wrong binding", () => {
    const unlawful = { ...bound, outputs: { "../a": "a", "out/b": "b" } };
    expect(concludeFound([undefined, missing], unlawful)).toMatchObject({ code: "OUTPUT_MISSING" });
    const misbound = { ...recipe, bind: (right: object) => ({ ...right, files: 3 }) };
    expect(concludeFound([missing, b], misbound)).toMatchObject({ code: "PAYLOAD_MISMATCH" });
  });
});
