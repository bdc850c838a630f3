import { describe, expect, it } from "vitest";
import type { CarriedRun } from "../../../../src/node/judge/source/bundle-source.ts";
import {
  reportOnRuns,
  type SourceVerifyRequest,
} from "../../../../src/node/judge/verify/verify-bundle-files.ts";
import { reportOnChain } from "../../../../src/node/judge/verify/verify-chain-files.ts";
import { sealBundle, sealLinkedRuns, type TestBundle } from "../../../support/bundles/bundle.ts";
import { EMPTY_TREE } from "../../../support/bundles/output-trees.ts";
import { type Carried, CarriedRuns } from "../../../support/registry/carried-runs.ts";

/** The codes of the runs of a carrier, or of the whole. */
async function codesOf(source: CarriedRuns, request: SourceVerifyRequest = {}): Promise<readonly string[]> {
  const reports = await reportOnRuns(source, request);
  if (!reports.ok) return [reports.code];
  return reports.value.map(({ verdict }) => (verdict.ok ? "OK" : verdict.code));
}

function carry(bundle: TestBundle, carried: Carried = {}): CarriedRuns {
  return new CarriedRuns([bundle], carried);
}

/** Puts other bytes in the place of an artifact. */
function withArtifact(name: "SIGNATURE.json" | "STATUS.json", bytes: string): NonNullable<Carried["change"]> {
  return ({ opened, ...run }: CarriedRun): CarriedRun => {
    const artifacts = { ...opened.artifacts, [name]: { kind: "bytes", bytes: Buffer.from(bytes) } as const };
    return { ...run, opened: { ...opened, artifacts } };
  };
}

describe("a carried run", () => {
  it("whose signature does not hold has no output read", async () => {
    const other = sealBundle({ bind: true, outputs: { other: "x" } });
    const signature = String(other.artifacts["SIGNATURE.json"]);
    const source = carry(sealBundle({ bind: true }), { change: withArtifact("SIGNATURE.json", signature) });
    expect(await codesOf(source)).toEqual(["SIGNATURE_INVALID"]);
    expect(source.searches).toEqual([]);
  });

  it("that is not the expected one has no output read", async () => {
    const source = carry(sealBundle({ bind: true }));
    expect(await codesOf(source, { expectedBundleRoot: "0".repeat(64) })).toEqual(["EXPECTATION_FAILED"]);
    expect(source.searches).toEqual([]);
  });

  it("whose tree is not as signed has no output read", async () => {
    const source = carry(sealBundle({ bind: true, outputTree: { ...EMPTY_TREE, scope: ["out"] } }), {
      change: (run) => ({ ...run, tree: { kind: "bytes", bytes: Buffer.from("{}") } }),
    });
    expect(await codesOf(source)).toEqual(["TREE_MISMATCH"]);
    expect(source.searches).toEqual([]);
  });

  it("with a tree hands it to the carrier, before its outputs are looked for", async () => {
    const outputs = { "out/a.txt": "alpha\n" };
    const source = carry(sealBundle({ bind: true, outputs, outputTree: { ...EMPTY_TREE, scope: ["out"] } }));
    expect(await codesOf(source, { exact: true })).toEqual(["OK"]);
    expect(source.asked[0]?.wanted[0]?.tree?.scope).toHaveLength(1);
  });

  it("keeps what broke its carrier", async () => {
    const fault = { ok: false, code: "READ_FAILED", message: "", details: { path: "a" } } as const;
    expect(await codesOf(carry(sealBundle({ bind: true }), { fault }))).toEqual(["READ_FAILED"]);
  });
});

describe("several carried runs", () => {
  it("are judged each by itself, and only outputs of sound ones are read", async () => {
    const [first, second] = sealLinkedRuns(2);
    if (first === undefined || second === undefined) return expect.unreachable();
    const change: Carried["change"] = (run) =>
      run.opened.runId === first.runId ? withArtifact("STATUS.json", "{}")(run) : run;
    const source = new CarriedRuns([first, second], { change });
    const [code, other] = await codesOf(source);
    expect(code).not.toBe("OK");
    expect(other).toBe("OK");
    expect(source.asked[0]?.wanted.map(({ run }) => run)).toEqual([1]);
  });

  it("hold as a chain in their order, and in no other", async () => {
    const runs = sealLinkedRuns(3);
    const chained = await reportOnChain({ source: new CarriedRuns(runs) });
    expect(chained.verdict).toMatchObject({ ok: true });
    expect(chained.runs).toMatchObject([{ source: "archive" }, { source: "archive" }, { source: "archive" }]);
    const reversed = await reportOnChain({ source: new CarriedRuns(runs.toReversed()) });
    expect(reversed.verdict).toMatchObject({ ok: false });
  });

  it("of one id are refused as a chain before an output is read", async () => {
    const bundle = sealBundle({ bind: true });
    const source = new CarriedRuns([bundle, bundle]);
    expect((await reportOnChain({ source })).verdict).toMatchObject({ code: "CHAIN_DUPLICATE_RUN" });
    expect(source.searches).toEqual([]);
  });
});
