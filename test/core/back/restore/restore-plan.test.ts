import { describe, expect, it } from "vitest";
import { checkTargetsInSteps } from "../../../../src/core/back/restore/plan-checks.ts";
import {
  planChainRestore,
  planRestore,
  type RestorePlan,
  targetPath,
} from "../../../../src/core/back/restore/restore-plan.ts";
import { judgeChain } from "../../../../src/core/judge/bundle/verify-chain.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { anyFiles, anyPath } from "../../../support/bundles/arbitrary-tree.ts";
import { type BundleRecipe, sealBundle, sealLinkedRuns } from "../../../support/bundles/bundle.ts";
import { verified } from "../../../support/bundles/judge.ts";
import { fc } from "../../../support/rings/properties.ts";

type Outputs = Readonly<Record<string, string>>;

const sealed = (recipe: BundleRecipe) => verified(sealBundle(recipe));

function planned(outcome: ReturnType<typeof planRestore>): RestorePlan {
  if (!outcome.ok) throw new Error(`no plan: ${outcome.code}`);
  return outcome.value;
}

const planOf = (outputs: Outputs): RestorePlan => planned(planRestore(sealed({ outputs })));

function chainOf(count: number, recipe: BundleRecipe = {}) {
  const bundles = sealLinkedRuns(count, recipe).map(verified);
  const chainRoot = judgeChain(bundles, undefined, nodeCrypto);
  if (!chainRoot.ok) throw new Error(`no chain: ${chainRoot.code}`);
  return [bundles, chainRoot.value] as const;
}

const pathsOf = (plan: RestorePlan): readonly string[] =>
  plan.runs.flatMap((run) => Array.from(run.files, (file) => targetPath(run, file.path)));

/** The order of memcmp, from Node's own words. */
const byBytes = (paths: readonly string[]): readonly string[] =>
  [...paths].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));

describe("the plan of a restore (PROTOCOL 13.4)", () => {
  it("has every output once, in byte order of path, and the sum of their bytes", () => {
    fc.assert(
      fc.property(anyFiles(1), (outputs) => {
        const plan = planOf(outputs);
        expect(pathsOf(plan)).toEqual(byBytes(Object.keys(outputs)));
        const bytes = Object.values(outputs).reduce((sum, content) => sum + Buffer.byteLength(content), 0);
        expect(plan).toMatchObject({ runs: [{ runId: "run-001", folder: "", bytes }] });
        expect(plan.chainRoot).toBeUndefined();
      }),
    );
  });

  it("has the runs of a chain in the caller's order, each in a folder of its id", () => {
    const chain = chainOf(2, { outputs: { "b/c": "", a: "" } });
    const plan = planned(planChainRestore(...chain));
    expect(plan.chainRoot).toBe(chain[1]);
    expect(pathsOf(plan)).toEqual(["run-001/a", "run-001/b/c", "run-002/a", "run-002/b/c"]);
  });
});

describe("the plan of a part (--only)", () => {
  /** What the words say: a path, or a folder above it. */
  const isAtOrBelow = (path: string, selected: string): boolean =>
    path === selected || path.startsWith(`${selected}/`);

  it("has exactly the outputs at or below a selected path, or names a path without outputs", () => {
    const outcomes = { plans: 0, lost: 0 };
    fc.assert(
      fc.property(anyFiles(1), fc.array(anyPath, { minLength: 1, maxLength: 3 }), (outputs, selection) => {
        const paths = Object.keys(outputs);
        const outcome = planRestore(sealed({ outputs }), { only: selection });
        const lost = selection.filter((one) => !paths.some((path) => isAtOrBelow(path, one)));
        if (outcome.ok) {
          outcomes.plans++;
          expect(lost).toEqual([]);
          const selected = paths.filter((path) => selection.some((one) => isAtOrBelow(path, one)));
          expect(pathsOf(outcome.value)).toEqual(byBytes(selected));
        } else {
          outcomes.lost++;
          expect(outcome).toMatchObject({ code: "RESTORE_SELECTION_NOT_FOUND", phase: "PLAN" });
          expect(outcome.details.path).toBe(lost[0]);
        }
      }),
      { numRuns: 300 },
    );
    expect(outcomes.plans).toBeGreaterThan(10);
    expect(outcomes.lost).toBeGreaterThan(10);
  });

  it("omits a run without selected outputs, and keeps the root of the whole chain", () => {
    const [bundles, chainRoot] = chainOf(3);
    const plan = planned(planChainRestore(bundles, chainRoot, { only: ["run-002"] }));
    expect(plan).toMatchObject({ chainRoot, runs: [{ runId: "run-002" }] });
    expect(plan.runs).toHaveLength(1);
  });

  it("counts only the bytes of what is selected", () => {
    const plan = planned(planRestore(sealed({ outputs: { a: "123", b: "45" } }), { only: ["b"] }));
    expect(plan.runs).toMatchObject([{ bytes: 2, files: [{ path: "b" }] }]);
  });

  it("is never empty", () => {
    expect(planRestore(sealed({}), { only: [] })).toMatchObject({ code: "RESTORE_SELECTION_NOT_FOUND" });
    expect(planChainRestore(...chainOf(2), { only: [] })).toMatchObject({
      code: "RESTORE_SELECTION_NOT_FOUND",
    });
  });
});

describe("the targets of a plan (PROTOCOL 13.5)", () => {
  const plan = planned(planChainRestore(...chainOf(2, { outputs: { b: "", c: "" } })));
  const checkTargets = (isThere: (path: string) => boolean): unknown => {
    const steps = checkTargetsInSteps(plan.runs, (path) => (isThere(path) ? "other" : "nothing"));
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    return step.value;
  };

  it("are each output and both result artifacts of each run", () => {
    const asked: string[] = [];
    const fault = checkTargets((path) => {
      asked.push(path);
      return false;
    });
    expect(fault).toBeUndefined();
    const names = ["b", "c", "RESTORE_MANIFEST.json", "RESTORE_REPORT.json"];
    expect(asked).toEqual(["run-001", "run-002"].flatMap((run) => names.map((name) => `${run}/${name}`)));
  });
});
