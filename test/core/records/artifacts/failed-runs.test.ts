import { describe, expect, it } from "vitest";
import {
  failedRunsMembers,
  MAX_FAILED_RUNS,
  readFailedRuns,
} from "../../../../src/core/records/artifacts/failed-runs.ts";
import { type HexDigest, isHexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { type JsonObject, jsonObject } from "../../../../src/core/system/json/json-value.ts";
import { sealBundle } from "../../../support/bundles/bundle.ts";
import { judge } from "../../../support/bundles/judge.ts";
import { readVectors } from "../../../support/bundles/vectors.ts";

const VECTORS = readVectors("failed_runs");

function digest(byte: string): HexDigest {
  const text = byte.repeat(32);
  if (!isHexDigest(text)) throw new TypeError("not a digest");
  return text;
}

function bindingOf(runs: Parameters<typeof failedRunsMembers>[0]): JsonObject {
  return jsonObject({ ...failedRunsMembers(runs) });
}

describe("failed_runs vectors (PROTOCOL 11)", () => {
  it("include 37 cases with distinct names", () => {
    expect(new Set(VECTORS.map(({ name }) => name)).size).toBe(37);
  });

  it.each(VECTORS)("$name", ({ expect: expected, params }) => {
    const members = params["members"];
    if (typeof members !== "object") throw new TypeError("the vector has no members");
    const verdict = judge(sealBundle({ bind: (right) => ({ ...right, ...members }) }));
    if (expected.ok === true) return expect(verdict).toMatchObject({ ok: true });
    const { code, field } = expected;
    expect(verdict).toMatchObject({ ok: false, code, phase: "acceptance", details: { field } });
  });
});

describe("the list of failed runs in a binding", () => {
  it("is absent if no run failed, so that the binding does not change", () => {
    expect([...bindingOf([]).keys()]).toEqual([]);
  });

  it("lists runs with a bundle first, and keeps the given order in both parts", () => {
    const runs = [
      { runId: "k1", bundleRoot: undefined },
      { runId: "f1", bundleRoot: digest("ab") },
      { runId: "k2", bundleRoot: undefined },
      { runId: "f2", bundleRoot: digest("cd") },
    ];
    const read = readFailedRuns(bindingOf(runs));
    expect(read.ok && read.value.listed.map(({ runId }) => runId)).toEqual(["f1", "f2", "k1", "k2"]);
  });

  it("counts runs beyond 1,000, and lists runs with a bundle first", () => {
    const killed = Array.from({ length: MAX_FAILED_RUNS + 5 }, (_, at) => ({
      runId: `k${at}`,
      bundleRoot: undefined,
    }));
    const read = readFailedRuns(bindingOf([...killed, { runId: "f", bundleRoot: digest("ab") }]));
    expect(read).toMatchObject({ ok: true, value: { more: 6 } });
    expect(read.ok && read.value.listed).toHaveLength(MAX_FAILED_RUNS);
    expect(read.ok && read.value.listed[0]).toEqual({ runId: "f", bundleRoot: digest("ab") });
  });
});
