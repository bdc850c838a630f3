import { describe, expect, it } from "vitest";
import { concludeRuns, type LinkedRun } from "../src/audit/conclusions.ts";

function run(name: string, more: Partial<LinkedRun> = {}): LinkedRun {
  return { run_id: name, code: "OK", artifacts: `a-${name}`, root: name, previous: null, parts: [], ...more };
}

const SOUND = { code: "OK", run_id: null };

describe("what follows for a run from the verdicts on others", () => {
  it("carries the first run that is not accepted on to all after it", () => {
    const runs = [
      run("one"),
      run("two", { previous: "one", code: "HASH_MISMATCH" }),
      run("three", { previous: "two" }),
      run("four", { previous: "three" }),
      run("open", { previous: "four", code: null }),
    ];
    expect(concludeRuns(runs).map(({ chain }) => chain)).toEqual([
      SOUND,
      { code: "HASH_MISMATCH", run_id: "two" },
      { code: "HASH_MISMATCH", run_id: "two" },
      { code: "HASH_MISMATCH", run_id: "two" },
      { code: null, run_id: "open" },
    ]);
  });

  it("says where a chain has a gap", () => {
    const runs = [run("two", { previous: "one" }), run("three", { previous: "two" })];
    const gap = { code: "HISTORY_GAP", run_id: "two" };
    expect(concludeRuns(runs).map(({ chain }) => chain)).toEqual([gap, gap]);
  });

  it("concludes the same whatever the order of the runs", () => {
    const runs = [
      run("open", { previous: "four", code: null }),
      run("four", { previous: "three" }),
      run("three", { previous: "two" }),
      run("two", { previous: "one", code: "HASH_MISMATCH" }),
      run("one"),
      run("beside", { previous: "one" }),
    ];
    const chains = (some: readonly LinkedRun[]): unknown =>
      concludeRuns(some).map(({ chain }, at) => [some[at]?.run_id, chain]);
    expect(chains(runs)).toEqual([
      ["open", { code: null, run_id: "open" }],
      ["four", { code: "HASH_MISMATCH", run_id: "two" }],
      ["three", { code: "HASH_MISMATCH", run_id: "two" }],
      ["two", { code: "HASH_MISMATCH", run_id: "two" }],
      ["one", SOUND],
      ["beside", SOUND],
    ]);
    const long = Array.from({ length: 100_000 }, (_, at) =>
      run(`${at}`, { previous: at === 0 ? null : `${at - 1}` }),
    ).reverse();
    expect(new Set(concludeRuns(long).map(({ chain }) => chain.code))).toEqual(new Set(["OK"]));
  });

  it("ends where links that a worker forged lead around", () => {
    const runs = [run("one", { previous: "two" }), run("two", { previous: "one" })];
    expect(concludeRuns(runs).map(({ chain }) => chain.code)).toEqual(["HISTORY_GAP", "HISTORY_GAP"]);
  });

  it("takes an accepted bundle for one of the same root that is not", () => {
    const runs = [
      run("one", { code: "SIGNER_UNKNOWN" }),
      run("same", { root: "one" }),
      run("copy", { root: "one", code: "SIGNER_UNKNOWN" }),
      run("two", { previous: "one" }),
    ];
    expect(concludeRuns(runs)[3]?.chain).toEqual(SOUND);
  });

  it("concludes a parent over its parts", () => {
    const parent = run("whole", { parts: ["a-p1", "a-p2"] });
    const ends = [
      [[run("p1"), run("p2"), parent], SOUND],
      [[run("p1"), parent], { code: "RUN_NOT_FOUND", run_id: "whole" }],
      [[run("p1", { code: "OUTPUT_MISSING" }), run("p2"), parent], { code: "OUTPUT_MISSING", run_id: "p1" }],
      [[run("p1"), run("p2", { code: null }), parent], { code: null, run_id: "p2" }],
      [[run("p1"), run("p2", { artifacts: "other" }), parent], { code: "RUN_NOT_FOUND", run_id: "whole" }],
    ] as const;
    for (const [runs, end] of ends) expect(concludeRuns(runs).at(-1)?.parts).toEqual({ ...end, count: 2 });
    expect(concludeRuns([run("one")])[0]?.parts).toBeNull();
  });
});
