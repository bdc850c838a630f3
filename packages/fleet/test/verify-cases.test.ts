import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf, readVectors, type VectorCase } from "../../../test/support/bundles/vectors.ts";
import { makeProjectWithKey, type Project } from "../../../test/support/command/cli.ts";
import { drawn } from "../../../test/support/rings/ring.ts";
import type { AuditedRun } from "../src/audit/read-audit.ts";
import { Fleet } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";
import { type RawRun, writeLayout } from "./support/raw-layout.ts";

/** A case as a run of a repository; undefined where no manifest could carry it: a link, a folder or a further file. */
function rawRun({ name, params, tree = {} }: VectorCase): RawRun | undefined {
  const folder = String(params["run"]);
  const files = new Map<string, Buffer>();
  const outputs: Buffer[] = [];
  for (const [path, entry] of Object.entries(tree)) {
    if ("dir" in entry) {
      if (path.startsWith(`${folder}/`)) return undefined;
      continue;
    }
    const own = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
    if ("symlink" in entry || "fifo" in entry) {
      if (own !== undefined) return undefined;
    } else if (own === undefined) outputs.push(Buffer.from(bytesOf(entry)));
    else if (
      /^(?:TASK_SPEC|STATUS|OUTPUT_HASHES|PROOF|VALIDATOR_IDENTITY|SIGNED_PAYLOAD|SIGNATURE)\.json$/.test(own)
    )
      files.set(own, Buffer.from(bytesOf(entry)));
    else return undefined;
  }
  return {
    tag: `v-${name.replaceAll(/[^\w.-]/g, "_").slice(0, 100)}`,
    runId: folder.split("/").at(-1) ?? "",
    files,
    outputs,
  };
}

describe.skipIf(!hasPostgres())("the published cases of a verification", () => {
  let postgres: Postgres;
  let project: Project;
  beforeAll(async () => {
    [postgres, project] = await Promise.all([Postgres.start(), makeProjectWithKey({})]);
  });
  afterAll(async () => {
    project?.[Symbol.dispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  it("end with the same JSON in an audit as with the command", async () => {
    const runs = readVectors("verify_bundle").flatMap((vector) => rawRun(vector) ?? []);
    writeLayout(project.at("layout"), runs);
    const layout = `oci-layout:${project.at("layout")}`;
    await using fleet = await Fleet.make(postgres);
    const audit = await fleet.submit(layout, "--any-signer");
    fleet.startWorker("--concurrency", "4", "--range-files", "2");
    const { results } = await fleet.ended(audit);
    expect(results.length).toBeGreaterThan(200);
    const seen = new Set<string>();
    for (const run of drawn(results, 60)) {
      const { hint: _hint, ...shown } = await project.json([
        "verify",
        `${layout}@sha256:${run.digest}`,
        "--any-signer",
      ]);
      expect(run.code, run.run_id).toBe(shown["code"]);
      if (run.verdict !== null) expect(run.verdict).toEqual(anySigner(shown));
      else expectFault(run, shown);
      seen.add(String(run.code));
    }
    expect(seen.size).toBeGreaterThan(10);
  });
});

/** The command names its option in the reason. */
function anySigner(shown: Readonly<Record<string, unknown>>): object {
  const trust = shown["trust"] as { readonly code: string | null };
  return trust.code === "ANY_SIGNER" ? { ...shown, trust: { ...trust, reason: expect.any(String) } } : shown;
}

/** Of a run that could not be judged, the command has no verdict either. */
function expectFault({ details }: AuditedRun, shown: Readonly<Record<string, unknown>>): void {
  expect(shown["verdict"] ?? null).toBeNull();
  expect(shown["details"]).toMatchObject(details as object);
}
