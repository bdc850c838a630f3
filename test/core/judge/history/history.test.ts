import { describe, expect, it } from "vitest";
import type { HistoryCut } from "../../../../src/core/judge/history/cut.ts";
import { computeHistory, newestHistory } from "../../../../src/core/judge/history/history.ts";
import type {
  History,
  HistoryHead,
  HistoryHeads,
  HistoryRun,
} from "../../../../src/core/judge/history/history-model.ts";
import { historyRows } from "../../../../src/core/judge/said/history-rows.ts";
import { NO_FAILED_RUNS } from "../../../../src/core/records/artifacts/failed-runs.ts";
import { identityOf } from "../../../../src/core/records/artifacts/identity.ts";
import type { Crypto } from "../../../../src/core/system/bytes/crypto.ts";
import { digestToHex, type HexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { fc } from "../../../support/rings/properties.ts";

function digest(text: string): HexDigest {
  return digestToHex(nodeCrypto.sha256(Buffer.from(text)));
}

/** A run behind another one; `line` keeps the names of two lines apart. */
function run(runId: string, before?: HistoryRun, over: Partial<HistoryRun> = {}): HistoryRun {
  return {
    runId,
    bundleRoot: digest(`root of ${runId}`),
    previousBundleRoot: before?.bundleRoot,
    sealedAt: undefined,
    proofHash: digest(`proof of ${runId}`),
    previousProofHash: before?.proofHash,
    failedRuns: NO_FAILED_RUNS,
    standing: "succeeded",
    ...over,
  };
}

/** A line of so many runs. */
function lineOf(count: number, name = "run"): HistoryRun[] {
  const runs: HistoryRun[] = [];
  for (let number = 1; number <= count; number++) runs.push(run(`${name}-${number}`, runs.at(-1)));
  return runs;
}

function headOf({ runId, bundleRoot, proofHash }: HistoryRun): HistoryHead {
  if (bundleRoot === undefined || proofHash === undefined) throw new Error("a head has a root and a proof");
  return { runId, bundleRoot, proofHash };
}

function historyOf(
  runs: readonly HistoryRun[],
  head: HistoryRun | "missing" | "malformed",
  over: Partial<HistoryHeads> = {},
): History<HistoryRun> {
  const heads = {
    head: typeof head === "string" ? head : headOf(head),
    remembered: undefined,
    pending: undefined,
  };
  return computeHistory(runs, { ...heads, ...over }, nodeCrypto);
}

const SIGNER = identityOf(testSigner(FIRST_SEED).publicKey, nodeCrypto);

/** A cut at which a line begins. */
function cutAt({ bundleRoot }: HistoryRun, failedRuns: HistoryCut["failedRuns"] = []): HistoryCut {
  if (bundleRoot === undefined) throw new Error("a cut has a root");
  return { bundleRoot, cutAt: "2026-11-25T01:02:03Z", failedRuns, forgotten: 2, signer: SIGNER };
}

const codesOf = ({ findings }: History<HistoryRun>): readonly string[] => findings.map(({ code }) => code);
const idsOf = (runs: readonly HistoryRun[]): readonly string[] => runs.map(({ runId }) => runId);

const A_FEW = { min: 1, max: 9 };

/** A line of a few runs in any order, and two different places in it. */
const shuffledLine = fc.integer({ min: 3, max: 9 }).chain((count) => {
  const line = lineOf(count);
  return fc.record({
    line: fc.constant(line),
    shuffled: fc.shuffledSubarray(line, { minLength: count, maxLength: count }),
    inner: fc.integer({ min: 0, max: count - 2 }),
  });
});

describe("a history (PROTOCOL 11 and 18)", () => {
  it("is the history, in whatever order its runs are read", () => {
    fc.assert(
      fc.property(shuffledLine, ({ line, shuffled }) => {
        const head = line.at(-1) as HistoryRun;
        const history = historyOf(shuffled, head, { remembered: headOf(head) });
        expect(history.line).toEqual(line);
        expect(history.findings).toEqual([]);
        expect([...history.places.values()]).toEqual(line.map(() => "line"));
      }),
    );
  });

  it("has a gap where a run was taken out, whichever, and loses no other", () => {
    fc.assert(
      fc.property(shuffledLine, ({ line, shuffled, inner }) => {
        const gone = line[inner] as HistoryRun;
        const history = historyOf(
          shuffled.filter((one) => one !== gone),
          line.at(-1) as HistoryRun,
        );
        expect(history.findings).toEqual([
          { code: "HISTORY_GAP", previous: gone.bundleRoot, by: line[inner + 1], older: line[inner - 1] },
        ]);
        expect(history.line).toEqual(line.slice(inner + 1));
        for (const one of line.slice(0, inner)) expect(history.places.get(one)).toBe("beyond");
      }),
    );
  });

  it("has a gap where HEAD names a run that is nowhere", () => {
    const [first, second, third] = lineOf(3) as [HistoryRun, HistoryRun, HistoryRun];
    const history = historyOf([second, first], third, { remembered: headOf(third) });
    expect(history.findings).toEqual([
      { code: "HISTORY_GAP", previous: third.bundleRoot, by: undefined, older: second },
    ]);
    expect(history.line).toEqual([first, second]);
  });

  it("has as many gaps as runs were taken out that did not stand side by side", () => {
    const line = lineOf(6);
    const history = historyOf(
      line.filter((_, index) => index !== 1 && index !== 3),
      line[5] as HistoryRun,
    );
    expect(history.findings).toMatchObject([
      { code: "HISTORY_GAP", by: { runId: "run-5" }, older: { runId: "run-3" } },
      { code: "HISTORY_GAP", by: { runId: "run-3" }, older: { runId: "run-1" } },
    ]);
    const rows = historyRows(history, nodeCrypto).map(({ name }) => name);
    const missing = (at: number): string =>
      `missing: ${line[at]?.bundleRoot?.slice(0, 8)}…, between run-${at} and run-${at + 2}`;
    expect(rows).toEqual(["run-6", "run-5", missing(3), "run-3", missing(1), "run-1"]);
  });

  it("has a fork where two runs name the same one before them, on HEAD's way or behind it", () => {
    fc.assert(
      fc.property(shuffledLine, fc.integer(A_FEW), ({ line, shuffled, inner }, length) => {
        const branch: HistoryRun[] = [];
        for (let number = 1; number <= length; number++) {
          branch.push(run(`branch-${number}`, branch.at(-1) ?? line[inner]));
        }
        const history = historyOf([...branch, ...shuffled], line.at(-1) as HistoryRun);
        expect(codesOf(history)).toEqual(["HISTORY_FORK"]);
        expect(history.findings[0]).toMatchObject({ previous: line[inner]?.bundleRoot });
        expect(
          new Set(history.findings.flatMap((found) => ("runs" in found ? idsOf(found.runs) : []))),
        ).toEqual(new Set([line[inner + 1]?.runId, "branch-1"]));
        expect(history.line).toEqual(line);
        for (const one of branch) expect(history.places.get(one)).toBe("branch");
      }),
    );
  });

  it("has a fork at a run that was taken out, if two name it", () => {
    const [first, second] = lineOf(2) as [HistoryRun, HistoryRun];
    const runs = [first, run("a", second), run("b", second)];
    expect(codesOf(historyOf(runs, runs[1] as HistoryRun))).toEqual(["HISTORY_FORK", "HISTORY_GAP"]);
  });

  it("was rolled back where runs follow HEAD", () => {
    fc.assert(
      fc.property(shuffledLine, ({ line, shuffled, inner }) => {
        for (const remembered of [undefined, headOf(line.at(-1) as HistoryRun)]) {
          const history = historyOf(shuffled, line[inner] as HistoryRun, { remembered });
          expect(history.findings).toEqual([
            { code: "HISTORY_ROLLED_BACK", following: line.slice(inner + 1) },
          ]);
        }
      }),
    );
  });

  it("was truncated where the head that was remembered is nowhere", () => {
    fc.assert(
      fc.property(shuffledLine, ({ line, shuffled, inner }) => {
        const remembered = headOf(line.at(-1) as HistoryRun);
        const left = new Set(line.slice(0, inner + 1));
        const history = historyOf(
          shuffled.filter((one) => left.has(one)),
          line[inner] as HistoryRun,
          { remembered },
        );
        expect(history.findings).toEqual([{ code: "HISTORY_TRUNCATED", remembered }]);
      }),
    );
  });

  it("was truncated where nothing at all is left of what was remembered", () => {
    const [only] = lineOf(1) as [HistoryRun];
    expect(codesOf(historyOf([], "missing", { remembered: headOf(only) }))).toEqual(["HISTORY_TRUNCATED"]);
  });

  it("was truncated where HEAD is on another branch than the head that was remembered", () => {
    const [first, second] = lineOf(2) as [HistoryRun, HistoryRun];
    const other = run("other", first);
    const history = historyOf([first, second, other], other, { remembered: headOf(second) });
    expect(codesOf(history)).toEqual(["HISTORY_TRUNCATED", "HISTORY_FORK"]);
  });

  it("is well where the head that was remembered is an older one of the history", () => {
    const line = lineOf(3);
    const history = historyOf(line, line[2] as HistoryRun, { remembered: headOf(line[0] as HistoryRun) });
    expect(history.findings).toEqual([]);
  });

  it("names every run of another line, and its own none", () => {
    fc.assert(
      fc.property(shuffledLine, fc.integer(A_FEW), fc.boolean(), ({ line, shuffled }, count, isRest) => {
        // A whole line, or the rest of one whose beginning did not come along.
        const strangers = lineOf(count + 1, "stranger").slice(isRest ? 1 : 0);
        const history = historyOf([...strangers, ...shuffled], line.at(-1) as HistoryRun);
        expect(history.line).toEqual(line);
        expect(codesOf(history)).toEqual(strangers.map(() => "HISTORY_FOREIGN"));
        for (const one of strangers) expect(history.places.get(one)).toBe("foreign");
      }),
    );
  });

  it("reports what is unknown: behind a gap, the order of an unlinked run cannot be determined", () => {
    const [first, , third] = lineOf(3) as [HistoryRun, HistoryRun, HistoryRun];
    const stranger = run("stranger");
    const history = historyOf([first, third, stranger], third);
    expect(codesOf(history)).toEqual(["HISTORY_GAP"]);
    expect([first, stranger].map((one) => history.places.get(one))).toEqual(["beyond", "beyond"]);
  });

  it("takes one bundle in two folders for one run and a copy", () => {
    const [first, second] = lineOf(2) as [HistoryRun, HistoryRun];
    const copy = { ...first, runId: "copy" };
    // A bound bundle in a folder of another name is rejected: its verdict says it, and nothing is a fork.
    const rejected = { ...copy, standing: "rejected" as const };
    const history = historyOf([rejected, second, first], second);
    expect(history.findings).toEqual([{ code: "RUN_REJECTED", run: rejected }]);
    expect(history.line).toEqual([first, second]);
    // A plain one is bound to no name.
    const plain = historyOf([copy, second, first], second);
    expect(codesOf(plain)).toEqual(["HISTORY_FOREIGN"]);
  });

  it("keeps a rejected run with a valid signature in its place, so that two swapped folders do not make a gap", () => {
    const line = lineOf(4);
    const [, second, third, last] = line as [HistoryRun, HistoryRun, HistoryRun, HistoryRun];
    const swapped = [
      { ...second, runId: third.runId, standing: "rejected" as const },
      { ...third, runId: second.runId, standing: "rejected" as const },
    ];
    const history = historyOf([line[0] as HistoryRun, ...swapped, last], last);
    expect(codesOf(history)).toEqual(["RUN_REJECTED", "RUN_REJECTED"]);
    expect(history.line).toHaveLength(4);
  });

  it("has a gap, and a rejected run, where no signature says any more which run it was", () => {
    const [first, second, third] = lineOf(3) as [HistoryRun, HistoryRun, HistoryRun];
    const broken = { ...second, bundleRoot: undefined, standing: "rejected" as const };
    const history = historyOf([first, broken, third], third);
    expect(codesOf(history)).toEqual(["HISTORY_GAP", "RUN_REJECTED"]);
    expect(history.places.get(broken)).toBe("unknown");
  });

  it("has failed runs beside the history: never a fork, never behind HEAD, never an end", () => {
    fc.assert(
      fc.property(shuffledLine, fc.integer(A_FEW), ({ line, shuffled, inner }, count) => {
        const failed = Array.from({ length: count }, (_, number) =>
          run(`failed-${number}`, number === 0 ? undefined : line[(inner + number) % line.length], {
            standing: "failed",
          }),
        );
        const history = historyOf([...failed, ...shuffled], line.at(-1) as HistoryRun);
        expect(history).toMatchObject({ line, findings: [] });
        for (const one of failed) expect(history.places.get(one)).toBe("beside");
      }),
    );
  });

  it("has no place for a failed run of another line", () => {
    const line = lineOf(2);
    const failed = run("failed", run("elsewhere"), { standing: "failed" });
    expect(codesOf(historyOf([...line, failed], line[1] as HistoryRun))).toEqual(["HISTORY_FOREIGN"]);
  });

  it("does not let a failed run into the history, though a run names it", () => {
    const failed = run("failed", undefined, { standing: "failed" });
    const last = run("last", failed);
    expect(codesOf(historyOf([last, failed], last))).toEqual(["RUN_REJECTED"]);
  });

  it("misses HEAD where a run succeeded, and follows the longest line then", () => {
    const line = lineOf(3);
    const history = historyOf([run("stranger"), ...line.toReversed()], "missing");
    expect(codesOf(history)).toEqual(["HEAD_MISSING", "HISTORY_FOREIGN"]);
    expect(history.line).toEqual(line);
  });

  it("follows what was remembered, where HEAD is missing or malformed", () => {
    const [first, second] = lineOf(2) as [HistoryRun, HistoryRun];
    const strangers = lineOf(5, "stranger");
    for (const head of ["missing", "malformed"] as const) {
      const history = historyOf([...strangers, second, first], head, { remembered: headOf(first) });
      expect(history.line).toEqual([first, second]);
      expect(codesOf(history)[0]).toBe(head === "missing" ? "HEAD_MISSING" : "HEAD_MALFORMED");
    }
  });

  it("needs no HEAD where nothing succeeded yet", () => {
    expect(historyOf([], "missing").findings).toEqual([]);
    expect(historyOf([run("failed", undefined, { standing: "failed" })], "missing").findings).toEqual([]);
  });

  it("does not believe a HEAD that says of its bundle what is not so", () => {
    const line = lineOf(2);
    const head = headOf(line[1] as HistoryRun);
    for (const [over, field] of [
      [{ runId: "other" }, "run_id"],
      [{ proofHash: digest("other") }, "proof_hash"],
    ] as const) {
      const history = historyOf(line, "missing", { head: { ...head, ...over } });
      expect(history.findings).toEqual([{ code: "HEAD_MALFORMED", field }]);
    }
  });

  it("wants each proof to name the proof of the run before, and the first one none", () => {
    const line = lineOf(3);
    for (const [index, previousProofHash] of [
      [0, digest("any")],
      [1, undefined],
      [1, digest("any")],
      [2, ""],
    ] as const) {
      const runs = line.map((one, at) => (at === index ? { ...one, previousProofHash } : one));
      const history = historyOf(runs, line[2] as HistoryRun);
      expect(history.findings).toMatchObject([
        { code: "HISTORY_PROOF_MISMATCH", run: { runId: `run-${index + 1}` } },
      ]);
    }
  });

  it("takes the bundle of a seal that was cut off before HEAD named it for unfinished", () => {
    const [first, second] = lineOf(2) as [HistoryRun, HistoryRun];
    const pending = headOf(second);
    const history = historyOf([second, first], first, { pending });
    expect(history).toMatchObject({ line: [first], findings: [] });
    expect(history.places.get(second)).toBe("unfinished");
    // The very first seal of a project.
    expect(historyOf([first], "missing", { pending: headOf(first) }).findings).toEqual([]);
  });

  it("does not take for unfinished what is another run, or what others follow", () => {
    const [first, second, third] = lineOf(3) as [HistoryRun, HistoryRun, HistoryRun];
    for (const [runs, pending] of [
      [[first, second], headOf(third)],
      [[first, second], { ...headOf(second), runId: "other" }],
      [[first, second, third], headOf(second)],
      [[first, second, third], headOf(third)],
    ] as const) {
      expect(codesOf(historyOf(runs, first, { pending }))).toEqual(["HISTORY_ROLLED_BACK"]);
    }
  });

  it("gives every run one place, and the same answer in any order, whatever the runs name", () => {
    const anyRoot = fc.constantFrom(...["a", "b", "c", "d", "e"].map(digest));
    const anyFailedRun = fc.record({
      runId: fc.constantFrom("a", "b"),
      bundleRoot: fc.option(anyRoot, { nil: undefined }),
    });
    const anyRun = fc.record({
      bundleRoot: fc.option(anyRoot, { nil: undefined }),
      previousBundleRoot: fc.option(anyRoot, { nil: undefined }),
      sealedAt: fc.option(fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"), {
        nil: undefined,
      }),
      proofHash: fc.option(anyRoot, { nil: undefined }),
      previousProofHash: fc.option(anyRoot, { nil: undefined }),
      failedRuns: fc.record({ listed: fc.array(anyFailedRun, { maxLength: 3 }), more: fc.nat(3) }),
      standing: fc.constantFrom("succeeded", "failed", "rejected"),
    });
    const anyHead = fc.record({ runId: fc.constant("0"), bundleRoot: anyRoot, proofHash: anyRoot });
    const anyHeads = fc.record({
      head: fc.oneof(anyHead, fc.constant("missing"), fc.constant("malformed")),
      remembered: fc.option(anyHead, { nil: undefined }),
      pending: fc.option(anyHead, { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(anyRun, { maxLength: 9 }),
        anyHeads,
        fc.infiniteStream(fc.nat()),
        (some, heads, order) => {
          const runs = some.map((one, index) => ({ ...one, runId: String(index) }) as HistoryRun);
          const history = computeHistory(runs, heads as HistoryHeads, nodeCrypto);
          expect(new Set(history.places.keys())).toEqual(new Set(runs));
          const ranks = new Map(runs.map((one) => [one, order.next().value ?? 0]));
          const other = computeHistory(
            runs.toSorted((left, right) => (ranks.get(left) ?? 0) - (ranks.get(right) ?? 0)),
            heads as HistoryHeads,
            nodeCrypto,
          );
          expect(other).toEqual(history);
        },
      ),
    );
  });

  it("reports a fork once, however many copies of the bundle before it exist", () => {
    const line = lineOf(2);
    const [first, second] = line as [HistoryRun, HistoryRun];
    const copies = ["a", "b", "c"].map((runId) => ({ ...first, runId, standing: "rejected" as const }));
    const forks = historyOf([...line, ...copies, run("other", first)], second).findings.filter(
      ({ code }) => code === "HISTORY_FORK",
    );
    expect(forks).toHaveLength(1);
  });

  it("does not compare each root with all others, even if an attacker made them begin alike", () => {
    const runs = Array.from({ length: 1000 }, (_, number) => {
      const bundleRoot = `${"0".repeat(32)}${digest(String(number)).slice(32)}` as HexDigest;
      return run(String(number), undefined, { bundleRoot, previousBundleRoot: bundleRoot });
    });
    let comparisons = 0;
    const crypto: Crypto = {
      ...nodeCrypto,
      equalDigests: (left, right) => {
        comparisons++;
        return nodeCrypto.equalDigests(left, right);
      },
    };
    computeHistory(runs, { head: "missing", remembered: undefined, pending: undefined }, crypto);
    expect(comparisons).toBeLessThan(50 * runs.length);
  });
});

describe("failed runs that a history lists (PROTOCOL 11)", () => {
  const failedAfter = (before: HistoryRun | undefined, name: string): HistoryRun =>
    run(name, before, { standing: "failed" });
  const listing = (...runs: readonly HistoryRun[]): Partial<HistoryRun> => ({
    failedRuns: { listed: runs.map(({ bundleRoot, runId }) => ({ bundleRoot, runId })), more: 0 },
  });

  it("are not findings where they are here, nor where they were killed before they had a bundle", () => {
    const first = run("one");
    const failed = failedAfter(first, "bad");
    const killed = { ...run("killed"), bundleRoot: undefined };
    const second = run("two", first, listing(failed, killed));
    expect(codesOf(historyOf([first, failed, second], second))).toEqual([]);
  });

  it("are missed where they are not here, each once, though several runs list them", () => {
    const first = run("one");
    const [bad, worse] = [failedAfter(first, "bad"), failedAfter(first, "worse")];
    const beside = { ...failedAfter(first, "kept"), ...listing(bad) };
    const second = run("two", first, listing(bad, worse, beside));
    const { findings } = historyOf([first, beside, second], second);
    expect(findings.map(({ code }) => code)).toEqual([
      "HISTORY_FAILED_RUN_MISSING",
      "HISTORY_FAILED_RUN_MISSING",
    ]);
    const missing = findings.flatMap((finding) =>
      finding.code === "HISTORY_FAILED_RUN_MISSING" ? finding.missing.map(({ runId }) => runId) : [],
    );
    expect(missing.sort()).toEqual(["bad", "worse"]);
  });

  it("are not asked for by a run of another project", () => {
    const first = run("one");
    const stranger = run("stranger", run("elsewhere"), listing(failedAfter(undefined, "bad")));
    expect(codesOf(historyOf([first, stranger], first))).not.toContain("HISTORY_FAILED_RUN_MISSING");
  });
});

describe("a history that begins at a cut (PROTOCOL 18)", () => {
  const [first, , third, fourth, last] = lineOf(5) as [
    HistoryRun,
    HistoryRun,
    HistoryRun,
    HistoryRun,
    HistoryRun,
  ];

  it("has no gap there, whatever else was signed over", () => {
    const history = historyOf([third, fourth, last], last, { cut: cutAt(third) });
    expect(history.findings).toEqual([]);
    expect(idsOf(history.line)).toEqual(["run-3", "run-4", "run-5"]);
    expect(history.cut?.bundleRoot).toBe(third.bundleRoot);
  });

  it("has a gap where the cut names an older bundle than the first that is there", () => {
    const history = historyOf([fourth, last], last, { cut: cutAt(third) });
    expect(history.findings).toMatchObject([
      { code: "HISTORY_CUT_INVALID", reason: "not-in-line" },
      { code: "HISTORY_GAP", previous: third.bundleRoot },
    ]);
  });

  it.each(["malformed", "signature"] as const)("has a gap where the cut does not hold: %s", (reason) => {
    const history = historyOf([third, fourth, last], last, { cut: { ok: false, reason } });
    expect(history.findings).toMatchObject([
      { code: "HISTORY_CUT_INVALID", reason },
      { code: "HISTORY_GAP" },
    ]);
    expect(history.cut).toBeUndefined();
  });

  it("reports a bundle that only claims to be older", () => {
    const history = historyOf([first, third, fourth, last], last, { cut: cutAt(third) });
    expect(history.findings).toMatchObject([{ code: "HISTORY_FOREIGN", run: { runId: "run-1" } }]);
  });

  it("does not miss failed runs that were forgotten, and misses others", () => {
    const [gone, stolen] = ["gone", "stolen"].map((runId) => ({ runId, bundleRoot: digest(runId) }));
    const listing = {
      ...third,
      failedRuns: { listed: [gone, stolen].filter((one) => one !== undefined), more: 0 },
    };
    const cut = cutAt(third, gone === undefined ? [] : [gone]);
    const history = historyOf([listing, fourth, last], last, { cut });
    expect(history.findings).toMatchObject([{ code: "HISTORY_FAILED_RUN_MISSING", missing: [stolen] }]);
  });
});

describe("the snapshots of a guarded run", () => {
  const [before, after] = lineOf(2) as [HistoryRun, HistoryRun];
  const guardOf = (one: HistoryRun, other: HistoryRun | undefined): HistoryRun["guard"] => ({
    folder: digest("folder"),
    before: one.bundleRoot ?? digest("none"),
    after: other?.bundleRoot,
  });

  it("are one where the run changed nothing, or the folder could not be looked at", () => {
    for (const other of [before, undefined]) {
      const good = run("good", after, { guard: guardOf(before, other) });
      expect(historyOf([before, after, good], good).findings).toEqual([]);
    }
  });

  it("may be older than a cut", () => {
    const good = run("good", after, { guard: guardOf(before, after) });
    expect(historyOf([after, good], good, { cut: cutAt(after) }).findings).toEqual([]);
  });

  it("are missing where a failed run's bundle has the root", () => {
    const failed = run("failed", after, { standing: "failed" });
    const good = run("good", after, { guard: guardOf(failed, after) });
    expect(historyOf([before, after, failed, good], good).findings).toMatchObject([
      { code: "HISTORY_GUARD_MISSING", missing: [failed.bundleRoot] },
    ]);
  });
});

describe("the newest runs of a history, of which older ones were not read", () => {
  const newestOf = (runs: readonly HistoryRun[], newest: number, over: Partial<HistoryHeads> = {}) => {
    const head = runs.filter(({ runId }) => runId.startsWith("run")).at(-1);
    if (head === undefined) throw new Error("a line has an end");
    const heads = { head: headOf(head), remembered: undefined, pending: undefined, ...over };
    return newestHistory(runs, heads, nodeCrypto, newest);
  };
  const idsOf = (history: History<HistoryRun> | undefined) => history?.line.map(({ runId }) => runId);

  it("are a history of their own if the run before them is there", () => {
    const line = lineOf(9);
    const history = newestOf(line.slice(4), 4);
    expect(idsOf(history)).toEqual(["run-6", "run-7", "run-8", "run-9"]);
    expect([...(history?.places.keys() ?? [])].map(({ runId }) => runId)).toEqual(idsOf(history));
    expect(history?.findings).toEqual([]);
  });

  it("do not hide a gap below them, or among them", () => {
    const line = lineOf(9);
    expect(newestOf(line.slice(5), 4)).toBeUndefined();
    expect(newestOf(line.toSpliced(7, 1), 4)).toBeUndefined();
  });

  it("are not all that is to be read where the history is shorter", () => {
    expect(newestOf(lineOf(4), 4)).toBeUndefined();
    expect(newestOf(lineOf(3), 4)).toBeUndefined();
  });

  it("do not hide what else there is of their time", () => {
    const line = lineOf(9).map((each, index) => ({ ...each, sealedAt: `2026-11-25T01:02:0${index}Z` }));
    const foreign = (sealedAt: string): HistoryRun => run("other", undefined, { sealedAt });
    expect(newestOf([...line, foreign("2026-11-25T01:02:07Z")], 4)).toBeUndefined();
    expect(newestOf([...line, run("branch", line[6])], 4)).toBeUndefined();
    expect(
      newestOf([...line, { ...foreign("2026-11-25T01:02:00Z"), standing: "rejected" }], 4),
    ).toBeUndefined();
    const beyond = headOf(run("gone"));
    expect(newestOf(line, 4, { remembered: beyond })).toBeUndefined();
  });

  it("do not wait for an old bundle that was touched, and pass over it", () => {
    const line = lineOf(9).map((each, index) => ({ ...each, sealedAt: `2026-11-25T01:02:0${index}Z` }));
    const [first] = line;
    if (first === undefined) throw new Error("a line has a first run");
    const failed = run("failed", line[1], { standing: "failed", sealedAt: "2026-11-25T01:02:01Z" });
    const history = newestOf([first, failed, ...line.slice(4)], 4);
    expect([...(history?.places.keys() ?? [])].map(({ runId }) => runId)).toEqual(idsOf(history));
  });

  it("have the failed runs that they list, also those before the oldest of them", () => {
    const line = lineOf(9);
    const [failed, oldest] = [run("failed", line[4], { standing: "failed" }), line[5]];
    if (oldest === undefined) throw new Error("a line has a sixth run");
    const listed = [{ runId: "failed", bundleRoot: failed.bundleRoot }];
    line[5] = { ...oldest, failedRuns: { listed, more: 0 } };
    expect(idsOf(newestOf([failed, ...line.slice(4)], 4))?.length).toBe(4);
    expect(newestOf(line.slice(4), 4)).toBeUndefined();
  });

  it("carry the cut of runs that were not read, for its signer is judged", () => {
    const line = lineOf(9);
    const [first] = line;
    if (first === undefined) throw new Error("a line has a first run");
    const cut = cutAt(first);
    expect(newestOf(line.slice(4), 4, { cut })?.cut).toBe(cut);
    expect(newestOf(line.slice(4), 4, { cut: { ok: false, reason: "malformed" } })).toBeUndefined();
  });
});
