import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../../test/support/command/cli.ts";
import {
  hasRegistry,
  type RealRegistry,
  startRegistry,
} from "../../../test/support/registry/real-registry.ts";
import { Fleet, pushRuns, writeTrust } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";

const MIB = 1024 * 1024;

describe.skipIf(!hasPostgres() || !hasRegistry())("an audit of a registry", () => {
  let postgres: Postgres;
  let registry: RealRegistry;
  let project: Project;
  let repository: string;
  let trust: string;
  const few = Object.fromEntries(Array.from({ length: 20 }, (_, file) => [`f${file}`, `content ${file}\n`]));

  beforeAll(async () => {
    [postgres, registry] = await Promise.all([Postgres.start(), startRegistry()]);
    project = await makeProjectWithKey({});
    trust = await writeTrust(project);
    repository = `${registry.host}/team/runs`;
    await pushRuns(project, repository, {
      one: few,
      two: { "a.txt": "alpha\n" },
      large: { ...few, "big-1": randomBytes(3 * MIB), "big-2": randomBytes(2 * MIB) },
    });
  });
  afterAll(async () => {
    project?.[Symbol.dispose]();
    await Promise.all([postgres?.[Symbol.asyncDispose](), registry?.[Symbol.asyncDispose]()]);
  });

  it("accepts each run with the JSON that `runseal verify` prints", async () => {
    await using fleet = await Fleet.make(postgres);
    const audit = await fleet.submit(repository, "--policy", trust);
    fleet.startWorker();
    const report = await fleet.ended(audit);
    expect(report).toMatchObject({ runs: 3, accepted: 3, open: 0, codes: { OK: 3 }, more: false, others: 0 });
    expect((await fleet.run(["status", audit])).exitCode).toBe(0);
    for (const { digest, verdict } of report.results) {
      const shown = await project.json(["verify", `${repository}@sha256:${digest}`, "--trust", trust]);
      expect(verdict).toEqual(shown);
    }
  });

  it("comes to the same verdicts where a run is cut into ranges", async () => {
    await using fleet = await Fleet.make(postgres);
    const audit = await fleet.submit(repository, "--policy", trust);
    fleet.startWorker("--range-files", "3", "--range-bytes", String(2 * MIB), "--concurrency", "4");
    const report = await fleet.ended(audit);
    expect(report).toMatchObject({ accepted: 3 });
    const ranges = await fleet.query<{ run_id: string; ranges: number; findings: number }>(
      `SELECT r.run_id, count(*)::int AS ranges, count(f.findings)::int AS findings
       FROM runseal_fleet.fact f JOIN runseal_fleet.run r USING (audit, digest) WHERE f.audit = $1 GROUP BY 1 ORDER BY 1`,
      [audit],
    );
    expect(ranges).toEqual([
      { run_id: "large", ranges: 9, findings: 0 },
      { run_id: "one", ranges: 7, findings: 0 },
      { run_id: "two", ranges: 1, findings: 0 },
    ]);
    for (const { digest, verdict } of report.results) {
      const shown = await project.json(["verify", `${repository}@sha256:${digest}`, "--trust", trust]);
      expect(verdict).toEqual(shown);
    }
    expect(await fleet.query("SELECT FROM runseal_fleet_queue.jobs")).toEqual([]);
  });

  it("does not trust a signer that its policy does not name", async () => {
    await using fleet = await Fleet.make(postgres);
    project.write({ "others.txt": `bob runseal-ed25519 ${"ab".repeat(32)}\n` });
    const others = project.at("others.txt");
    const audit = await fleet.submit(`${repository}`, "--policy", others);
    fleet.startWorker();
    const report = await fleet.ended(audit);
    expect(report).toMatchObject({ accepted: 0, codes: { SIGNER_UNKNOWN: 3 } });
    const [first] = report.results;
    const from = `${repository}@sha256:${first?.digest}`;
    const { hint: _hint, ...shown } = await project.json(["verify", from, "--trust", others]);
    expect(first?.verdict).toEqual(shown);
    expect((await fleet.run(["status", audit])).exitCode).toBe(1);
  });

  it("is about one run where a tag or a digest names it", async () => {
    await using fleet = await Fleet.make(postgres);
    const { exitCode, stdout } = await fleet.run(["submit", `${repository}:r-none`, "--any-signer"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
    const [tag] = await tagsOf();
    const audit = await fleet.submit(`${repository}:${tag}`, "--any-signer");
    fleet.startWorker();
    expect(await fleet.ended(audit)).toMatchObject({ runs: 1, codes: { OK: 1 } });
  });

  it("does not count as accepted where the manifest of a tag is not that of a run, though it says so", async () => {
    await using fleet = await Fleet.make(postgres);
    const own = `${registry.host}/team/broken`;
    await pushRuns(project, own, { whole: { "a.txt": "alpha\n" } });
    const url = `http://${own.replace("/", "/v2/")}/manifests`;
    const [tag] = await tagsOf("team/broken");
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const read = await fetch(`${url}/${tag}`, { headers: { accept: mediaType } });
    const { annotations: _none, ...rest } = (await read.json()) as Readonly<Record<string, unknown>>;
    const put = { method: "PUT", headers: { "content-type": mediaType }, body: JSON.stringify(rest) };
    expect((await fetch(`${url}/broken`, put)).status).toBe(201);
    const audit = await fleet.submit(own, "--any-signer");
    fleet.startWorker();
    expect(await fleet.ended(audit)).toMatchObject({ runs: 1, broken: 1, others: 0, accepted: 1 });
    expect((await fleet.run(["status", audit])).exitCode).toBe(1);
  });

  it("has ended where there is no run", async () => {
    await using fleet = await Fleet.make(postgres);
    const audit = await fleet.submit(`${registry.host}/team/empty`, "--any-signer");
    expect(await fleet.ended(audit)).toMatchObject({ runs: 0, open: 0, results: [] });
    expect((await fleet.run(["status", audit])).exitCode).toBe(1);
  });

  it("refuses a malformed trust file, an unknown audit and wrong calls", async () => {
    await using fleet = await Fleet.make(postgres);
    project.write({ "bad.txt": "alice\n" });
    const ends = [
      ["submit", repository, "--policy", project.at("bad.txt")],
      ["submit", repository, "--policy", project.at("none.txt")],
      ["submit", repository, "--policy", "/dev/zero"],
      ["status", "1"],
      ["status", "00000000-0000-0000-0000-000000000000"],
      ["submit", repository],
      ["submit", "not a reference", "--any-signer"],
      ["worker", "--concurrency", "0"],
      ["worker", "--unknown"],
      ["unknown"],
    ];
    const codes = [];
    for (const args of ends) {
      const { exitCode, stderr } = await fleet.run(args);
      codes.push(`${exitCode} ${/^error: ([A-Z_]+)/.exec(stderr)?.[1]}`);
    }
    expect(codes).toEqual([
      "4 POLICY_UNREADABLE",
      "4 POLICY_UNREADABLE",
      "4 POLICY_UNREADABLE",
      "4 AUDIT_NOT_FOUND",
      "4 AUDIT_NOT_FOUND",
      "2 USAGE",
      "2 USAGE",
      "2 USAGE",
      "2 USAGE",
      "2 USAGE",
    ]);
  });

  async function tagsOf(name = "team/runs"): Promise<readonly string[]> {
    const answer = await fetch(`http://${registry.host}/v2/${name}/tags/list`);
    return ((await answer.json()) as { readonly tags: readonly string[] }).tags;
  }
});
