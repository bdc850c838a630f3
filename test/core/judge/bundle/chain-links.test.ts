import { describe, expect, it } from "vitest";
import { checkRunIds } from "../../../../src/core/judge/bundle/verify-chain.ts";
import {
  canonical,
  SECOND_SEED,
  sealBundle,
  sealLinkedRuns,
  sha256,
  type TestBundle,
} from "../../../support/bundles/bundle.ts";
import { concludeChain, verified } from "../../../support/bundles/judge.ts";

function conclude(bundles: readonly TestBundle[], expectedRoot?: string): ReturnType<typeof concludeChain> {
  return concludeChain(bundles.map(verified), expectedRoot);
}

function rootOf(bundles: readonly TestBundle[]): string {
  const bundle_roots = bundles.map((bundle) => bundle.bundleRoot);
  return sha256(canonical({ bundle_roots, run_ids: bundles.map((bundle) => bundle.runId) }));
}

function expectBroken(verdict: unknown, runId: string | undefined): void {
  const details = runId === undefined ? {} : { run_id: runId };
  expect(verdict).toMatchObject({ ok: false, code: "CHAIN_ROOT_MISMATCH", phase: "chain", details });
}

const [first, second, third] = sealLinkedRuns(3) as [TestBundle, TestBundle, TestBundle];
const plain = (number: number): TestBundle => sealBundle({ runId: `plain-${number}` });

describe("links of a chain (PROTOCOL 9 and 11)", () => {
  it("hold in the order of the runs", () => {
    const verdict = conclude([first, second, third]);
    expect(verdict).toMatchObject({ ok: true, value: { chainRoot: rootOf([first, second, third]) } });
  });

  it("hold between different signers", () => {
    const other = sealBundle({
      bind: true,
      runId: "run-b",
      seed: SECOND_SEED,
      previousBundleRoot: first.bundleRoot,
    });
    expect(conclude([first, other]).ok).toBe(true);
  });

  it("are not required of plain bundles", () => {
    expect(conclude([plain(1), plain(2), plain(3)]).ok).toBe(true);
  });

  it("are not required of bound bundles without a link", () => {
    const unlinked = ["a", "b"].map((runId) => sealBundle({ bind: true, runId }));
    expect(conclude(unlinked).ok).toBe(true);
  });

  it("may start at a plain bundle", () => {
    const after = sealBundle({ bind: true, runId: "after", previousBundleRoot: plain(1).bundleRoot });
    expect(conclude([plain(1), after]).ok).toBe(true);
  });

  it("break if two runs are swapped", () => {
    expectBroken(conclude([first, third, second]), "run-003");
  });

  it("break if a run is left out", () => {
    expectBroken(conclude([first, third]), "run-003");
  });

  it("break if a run is inserted", () => {
    const between = sealBundle({ bind: true, runId: "between", previousBundleRoot: first.bundleRoot });
    expectBroken(conclude([first, between, second]), "run-002");
  });

  it("break if a plain bundle follows a link", () => {
    expectBroken(conclude([first, second, plain(1)]), "plain-1");
  });

  it("break if a bound bundle without a link follows a link", () => {
    const unlinked = sealBundle({ bind: true, runId: "unlinked" });
    expectBroken(conclude([first, second, unlinked]), "unlinked");
  });

  it("break if the first bundle names a predecessor, and report it", () => {
    const verdict = conclude([second, third]);
    expectBroken(verdict, "run-002");
    expect(verdict).toHaveProperty("message", expect.stringContaining("is the first of this history"));
  });

  it("break if a bundle occurs twice under two names", () => {
    const again = { ...verified(second), runId: "again" };
    expectBroken(concludeChain([verified(first), verified(second), again]), "again");
  });
});

describe("the notes of a chain (PROTOCOL 9)", () => {
  const bundles = [
    { outputs: { "out/a": "a" }, taskSpec: { inputs: ["out/a", "never"] } },
    {
      outputs: { "out/b": "b" },
      taskSpec: { inputs: ["out/a", "out/b"] },
      outputHashes: { validator_semver: "9.9.9" },
    },
    { outputs: { "out/c": "c" }, taskSpec: { inputs: ["out/b"] } },
  ].map((recipe, number) => verified(sealBundle({ ...recipe, runId: `run-${number}` })));

  it.each([
    ["are known before", new Set(["never", "out/a", "out/b"])],
    ["are not known before", undefined],
  ])("name inputs that no earlier run produced, where all inputs %s", (_what, inputs) => {
    expect(concludeChain(bundles, undefined, inputs)).toMatchObject({
      value: {
        notes: [
          { code: "INVALID_CHAIN_REFERENCE", run_id: "run-0", subject: "out/a" },
          { code: "INVALID_CHAIN_REFERENCE", run_id: "run-0", subject: "never" },
          { code: "INVALID_CHAIN_REFERENCE", run_id: "run-1", subject: "out/b" },
          { code: "VALIDATOR_UNSUPPORTED", run_id: "run-1", subject: "9.9.9" },
        ],
      },
    });
  });
});

describe("the expected chain root (PROTOCOL 9)", () => {
  const root = rootOf([first, second]);

  it("is accepted if it equals the chain's root", () => {
    expect(conclude([first, second], root).ok).toBe(true);
  });

  it("is refused if any character differs", () => {
    const accepted = Array.from(root, (digit, index) => {
      const other = digit === "0" ? "1" : "0";
      return conclude([first, second], root.slice(0, index) + other + root.slice(index + 1)).ok;
    });
    expect(accepted).toEqual(Array.from(root, () => false));
  });

  it.each(["", root.toUpperCase(), root.slice(1), `${root} `, `sha256:${root}`])(
    "is refused when it is %j, no 64 lowercase hex",
    (expected) => {
      expectBroken(conclude([first, second], expected), undefined);
    },
  );

  it("is checked before the links", () => {
    expect(conclude([second], "0".repeat(64))).toMatchObject({ code: "CHAIN_ROOT_MISMATCH", details: {} });
  });
});

describe("run ids of a chain (PROTOCOL 9)", () => {
  it("must not be empty", () => {
    expect(checkRunIds([])).toMatchObject({ code: "CHAIN_EMPTY", phase: "chain" });
  });

  it("must be distinct; repeated ones are listed once each, in byte order", () => {
    const verdict = checkRunIds(["b", "\u{1F600}", "a", "\uFFEE", "b", "\u{1F600}", "b", "\uFFEE"]);
    expect(verdict).toMatchObject({
      code: "CHAIN_DUPLICATE_RUN",
      details: { duplicates: ["b", "\uFFEE", "\u{1F600}"] },
    });
  });

  it("may differ in case only", () => {
    expect(checkRunIds(["run", "Run"])).toBeUndefined();
  });

  it("must not be more than the limit, which the message names", () => {
    const verdict = checkRunIds(["a", "b", "c"], 2);
    expect(verdict).toMatchObject({ code: "ARTIFACT_MALFORMED" });
    expect(verdict?.message).toContain("2 runs");
  });
});

describe("notes on a chain (PROTOCOL 9)", () => {
  function notesOf(...bundles: readonly TestBundle[]): unknown {
    const verdict = conclude(bundles);
    return verdict.ok ? verdict.value.notes : verdict;
  }
  const reader = (...inputs: readonly unknown[]): TestBundle =>
    sealBundle({ runId: "reader", taskSpec: { inputs } });

  it("are empty if every input comes from an earlier run", () => {
    expect(notesOf(plain(1), reader("out/a.txt"))).toEqual([]);
  });

  it("name an input that no earlier run produced", () => {
    expect(notesOf(plain(1), reader("out/a.txt", "in.csv"))).toEqual([
      { code: "INVALID_CHAIN_REFERENCE", run_id: "reader", subject: "in.csv" },
    ]);
  });

  it("name an input that only the run itself or a later one produced", () => {
    expect(notesOf(reader("out/a.txt"), plain(1))).toEqual([
      { code: "INVALID_CHAIN_REFERENCE", run_id: "reader", subject: "out/a.txt" },
    ]);
  });

  it("ignore inputs that are not texts, and a TASK_SPEC.json without inputs", () => {
    expect(notesOf(plain(1), reader(1, null, { path: "in.csv" }))).toEqual([]);
  });

  it("name an unknown validator version", () => {
    const unknown = sealBundle({ outputHashes: { validator_semver: "9.0.0" } });
    expect(notesOf(unknown)).toEqual([
      { code: "VALIDATOR_UNSUPPORTED", run_id: "run-001", subject: "9.0.0" },
    ]);
  });

  it.each(["1.0.0", "1.0.1", "1.1.0"])("do not name the known version %s", (validator_semver) => {
    expect(notesOf(sealBundle({ outputHashes: { validator_semver } }))).toEqual([]);
  });
});
