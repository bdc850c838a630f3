import { describe, expect, it } from "vitest";
import type { HistoryCut } from "../../../../src/core/judge/history/cut.ts";
import { computeHistory } from "../../../../src/core/judge/history/history.ts";
import type { History, HistoryHead, HistoryRun } from "../../../../src/core/judge/history/history-model.ts";
import { type CutPlan, planCut, type Retention } from "../../../../src/core/judge/history/plan-cut.ts";
import { type FailedRun, NO_FAILED_RUNS } from "../../../../src/core/records/artifacts/failed-runs.ts";
import { identityOf } from "../../../../src/core/records/artifacts/identity.ts";
import { digestToHex, type HexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { fc } from "../../../support/rings/properties.ts";

/** A bundle of a guard: a run, or a snapshot around one. */
interface Bundle extends HistoryRun {
  readonly counts: boolean;
}

/** What one guarded run does. */
interface Step {
  readonly changesBefore: boolean;
  readonly changes: boolean;
  readonly fails: boolean;
  readonly isKilled: boolean;
}

function digest(text: string): HexDigest {
  return digestToHex(nodeCrypto.sha256(Buffer.from(text)));
}

/** The line of a guard in which such runs were made one after the other, one a day. */
class Guard {
  readonly bundles: Bundle[] = [];
  readonly pinned: HexDigest[] = [];
  #head: Bundle | undefined;
  #snapshot: Bundle | undefined;
  #unlisted: FailedRun[] = [];

  run(step: Step, day: number): void {
    const runId = `run-${day}`;
    const sealedAt = new Date(day * 86_400_000).toISOString().replace(".000", "");
    const before = this.#snap(`${runId}.before`, sealedAt, step.changesBefore);
    if (step.isKilled) {
      this.pinned.push(before);
      return;
    }
    const after = this.#snap(`${runId}.after`, sealedAt, step.changes);
    const guard = { folder: digest("folder"), before, after };
    const bundle = this.#bundle(runId, sealedAt, { guard, counts: true });
    if (step.fails) {
      this.bundles.push({ ...bundle, standing: "failed", proofHash: undefined });
      this.#unlisted.push({ runId, bundleRoot: bundle.bundleRoot });
    } else this.#add(bundle);
  }

  get head(): HistoryHead {
    const { bundleRoot, proofHash, runId } = this.#head ?? {};
    if (bundleRoot === undefined || proofHash === undefined || runId === undefined)
      throw new Error("no head");
    return { bundleRoot, proofHash, runId };
  }

  history(bundles: readonly Bundle[] = this.bundles, cut?: HistoryCut): History<Bundle> {
    const heads = { head: this.head, remembered: this.head, pending: undefined, cut };
    return computeHistory(bundles, heads, nodeCrypto);
  }

  #snap(runId: string, sealedAt: string, isChanged: boolean): HexDigest {
    if (this.#snapshot === undefined || isChanged) {
      this.#snapshot = this.#bundle(runId, sealedAt, { counts: false });
      this.#add(this.#snapshot);
    }
    return this.#snapshot.bundleRoot ?? digest("none");
  }

  #bundle(runId: string, sealedAt: string, over: Pick<Bundle, "counts" | "guard">): Bundle {
    return {
      runId,
      bundleRoot: digest(`root of ${runId}`),
      previousBundleRoot: this.#head?.bundleRoot,
      sealedAt,
      proofHash: digest(`proof of ${runId}`),
      previousProofHash: this.#head?.proofHash,
      failedRuns: NO_FAILED_RUNS,
      standing: "succeeded",
      ...over,
    };
  }

  #add(bundle: Bundle): void {
    const listing = { ...bundle, failedRuns: { listed: this.#unlisted, more: 0 } };
    this.#unlisted = [];
    this.bundles.push(listing);
    this.#head = listing;
  }
}

const SIGNER = identityOf(testSigner(FIRST_SEED).publicKey, nodeCrypto);

function planOf(
  guard: Guard,
  rules: Partial<Retention<Bundle>>,
  history: History<Bundle> = guard.history(),
): CutPlan<Bundle> {
  const { pinned } = guard;
  const retention = {
    counts: ({ counts }: Bundle) => counts,
    needs: ({ guard: named }: Bundle) => [named?.before, named?.after].filter((root) => root !== undefined),
    last: undefined,
    since: undefined,
    pinned,
  };
  return planCut(history, { ...retention, ...rules }, nodeCrypto);
}

/** The cut that a plan leads to. */
function cutOf({ failedRuns, first, forgotten }: CutPlan<Bundle>): HistoryCut | undefined {
  if (first?.bundleRoot === undefined) return undefined;
  const cutAt = "2026-11-25T01:02:03Z";
  return { bundleRoot: first.bundleRoot, cutAt, failedRuns, forgotten: forgotten.length, signer: SIGNER };
}

const idsOf = (bundles: readonly Bundle[]): readonly string[] => bundles.map(({ runId }) => runId);

const steps = fc.array(
  fc.record({
    changesBefore: fc.boolean(),
    changes: fc.boolean(),
    fails: fc.boolean(),
    isKilled: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn === 0),
  }),
  { minLength: 1, maxLength: 14 },
);

const QUIET: Step = { changesBefore: false, changes: true, fails: false, isKilled: false };

/** A guard with so many runs that each changed something. */
function guardOf(count: number, step: Partial<Step> = {}): Guard {
  const guard = new Guard();
  for (let day = 1; day <= count; day++) guard.run({ ...QUIET, ...step }, day);
  return guard;
}

describe("a plan of what is forgotten", () => {
  it("keeps so many runs, with their snapshots", () => {
    const plan = planOf(guardOf(5), { last: 2 });
    // The snapshot from after the third run is the one from before the fourth.
    expect(plan.first?.runId).toBe("run-3.after");
    expect(idsOf(plan.forgotten)).toEqual([
      ...["run-1.before", "run-1.after", "run-1"],
      ...["run-2.after", "run-2"],
    ]);
    expect(plan.kept).toBe(3);
  });

  it("keeps what any rule keeps", () => {
    const plan = planOf(guardOf(5), { last: 2, since: "1970-01-06T00:00:00Z" });
    expect(plan.first?.runId).toBe("run-3.after");
  });

  it("keeps the newest run and what it needs without any rule", () => {
    const plan = planOf(guardOf(2), { last: undefined });
    expect(plan.first?.runId).toBe("run-1.after");
  });

  it("forgets nothing where the oldest snapshot is still named", () => {
    const plan = planOf(guardOf(5, { changes: false }), { last: 1 });
    expect(plan).toMatchObject({ first: undefined, forgotten: [], kept: 5 });
  });

  it("keeps what a run in progress, or a killed one, can be taken back to", () => {
    const guard = guardOf(2);
    guard.run({ ...QUIET, changesBefore: true, isKilled: true }, 3);
    for (let day = 4; day <= 6; day++) guard.run({ ...QUIET, changesBefore: true }, day);
    expect(planOf(guard, { last: 1 }).first?.runId).toBe("run-3.before");
  });

  it("names forgotten failed runs that are still listed", () => {
    const guard = guardOf(1);
    guard.run({ ...QUIET, fails: true }, 2);
    guard.run({ ...QUIET, changesBefore: true }, 3);
    const plan = planOf(guard, { last: 1 });
    expect(plan.first?.runId).toBe("run-3.before");
    expect(plan.failedRuns.map(({ runId }) => runId)).toEqual(["run-2"]);
    expect(plan.forgotten[0]?.runId).toBe("run-2");
  });

  it("leaves a history without findings, wherever the removal is cut off", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (made, last) => {
        const guard = new Guard();
        for (const [index, step] of made.entries()) guard.run(step, index + 1);
        expect(guard.history().findings).toEqual([]);
        const plan = planOf(guard, { last });
        const cut = cutOf(plan);
        for (let removed = 0; removed <= plan.forgotten.length; removed++) {
          const gone = new Set(plan.forgotten.slice(0, removed));
          const left = guard.bundles.filter((bundle) => !gone.has(bundle));
          const history = guard.history(left, cut);
          expect(history.findings, `${removed} removed`).toEqual([]);
          // The next call removes the rest, and no more.
          const next = planOf(guard, { last }, history);
          expect(idsOf(next.forgotten)).toEqual(idsOf(plan.forgotten.slice(removed)));
          expect(next.first).toBeUndefined();
        }
        const whole = guard.history(
          guard.bundles.filter((bundle) => !plan.forgotten.includes(bundle)),
          cut,
        );
        const runs = guard.bundles.filter(({ counts }) => counts);
        expect(plan.kept).toBeGreaterThanOrEqual(Math.min(last, runs.length));
        expect([...whole.places.values()].every((place) => place === "line" || place === "beside")).toBe(
          true,
        );
      }),
    );
  });

  it("can be made again and again", () => {
    fc.assert(
      fc.property(steps, steps, (early, late) => {
        const guard = new Guard();
        for (const [index, step] of early.entries()) guard.run(step, index + 1);
        const plan = planOf(guard, { last: 2 });
        let left = guard.bundles.filter((bundle) => !plan.forgotten.includes(bundle));
        const known = guard.bundles.length;
        for (const [index, step] of late.entries()) guard.run(step, early.length + index + 1);
        left = [...left, ...guard.bundles.slice(known)];
        const first = cutOf(plan);
        const history = guard.history(left, first);
        expect(history.findings).toEqual([]);
        const next = planOf(guard, { last: 1 }, history);
        const staying = left.filter((bundle) => !next.forgotten.includes(bundle));
        expect(guard.history(staying, cutOf(next) ?? first).findings).toEqual([]);
      }),
    );
  });
});
