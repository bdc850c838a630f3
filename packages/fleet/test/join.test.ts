import { existsSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../../test/support/command/cli.ts";
import { ModelRegistry } from "../../../test/support/registry/model-registry.ts";
import {
  hasRegistry,
  type RealRegistry,
  startRegistry,
} from "../../../test/support/registry/real-registry.ts";
import { Fleet, pushRuns, writeTrust } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";

describe.skipIf(!hasPostgres() || !hasRegistry())("the parent of parts", () => {
  let postgres: Postgres;
  let registry: RealRegistry;
  let project: Project;
  let trust: string;

  beforeAll(async () => {
    [postgres, registry] = await Promise.all([Postgres.start(), startRegistry()]);
    project = await makeProjectWithKey({});
    trust = await writeTrust(project);
  });
  afterAll(async () => {
    project?.[Symbol.dispose]();
    await Promise.all([postgres?.[Symbol.asyncDispose](), registry?.[Symbol.asyncDispose]()]);
  });

  /** Pushes two parts, and audits them. */
  async function audited(fleet: Fleet, name: string): Promise<{ repository: string; audit: string }> {
    const repository = `${registry.host}/team/${name}`;
    await pushRuns(project, repository, {
      [`${name}-1`]: { "a.txt": `alpha of ${name}\n` },
      [`${name}-2`]: Object.fromEntries(
        Array.from({ length: 6 }, (_, file) => [`f${file}`, `${name} ${file}\n`]),
      ),
    });
    const audit = await fleet.submit(repository, "--policy", trust);
    return { repository, audit };
  }

  async function join(fleet: Fleet, audit: string, ...options: readonly string[]): Promise<string> {
    const args = ["join", audit, "--project", project.root, ...options];
    const { exitCode, stderr, stdout } = await fleet.run(args, "owner", project.env);
    if (exitCode !== 0) return `${exitCode} ${stderr.split("\n")[0]}`;
    return stdout;
  }

  it("is sealed over the bundles of an audit, and verified with its parts in the repository and out of it", async () => {
    await using fleet = await Fleet.make(postgres);
    const { audit, repository } = await audited(fleet, "sound");
    expect(await join(fleet, audit)).toBe("4 error: AUDIT_NOT_ENDED: the audit has not ended");
    fleet.startWorker();
    await fleet.ended(audit);
    expect(await join(fleet, audit, "--parts", "3")).toMatch(
      /^4 error: PARTS_MISSING: the audit has 2 runs without parts, and 3 were expected$/,
    );
    const options = ["--parts", "2", "--folder", "sound", "--id", "sound", "--push", "--tag", "whole"];
    const end = await join(fleet, audit, ...options);
    expect(end).toMatch(/^\{/);
    const joined = JSON.parse(end) as Readonly<Record<string, string>>;
    expect(joined).toMatchObject({ run_id: "sound", parts: 2, left_out: 0 });
    expect(readdirSync(project.at("sound"))).toEqual(["sound-1", "sound-2"]);
    const accepted = {
      ok: true,
      runs: [{ part: "sound/sound-1" }, { part: "sound/sound-2" }, { run_id: "sound" }],
    };
    expect(joined["reference"]).toContain(`${repository}@sha256:`);
    for (const run of [`${repository}:whole`, "sound"])
      expect(await project.json(["verify", run, "--parts", "--trust", trust])).toMatchObject(accepted);
    const again = await fleet.ended(await fleet.submit(repository, "--policy", trust));
    const chain = { code: "OK", run_id: null };
    // Runs of the same second are listed by their names.
    const results = again.results.toSorted((one, other) => (one.run_id < other.run_id ? -1 : 1));
    expect(results).toMatchObject([
      { run_id: "sound", chain, parts: { count: 2, code: "OK", run_id: null } },
      { run_id: "sound-1", chain, parts: null },
      { run_id: "sound-2", chain, parts: null },
    ]);
    // The parent is among the runs now, and is not a part of another one.
    const second = await join(fleet, again.audit, "--parts", "2", "--folder", "again", "--id", "again");
    expect(JSON.parse(second)).toMatchObject({ run_id: "again", parts: 2, left_out: 1 });
    expect(readdirSync(project.at("again"))).toEqual(["sound-1", "sound-2"]);
    const alone = await fleet.ended(await fleet.submit(`${repository}:whole`, "--policy", trust));
    expect(alone.results).toMatchObject([
      {
        ...{ code: "OK", chain: { code: "HISTORY_GAP", run_id: "sound" } },
        parts: { count: 2, code: "RUN_NOT_FOUND", run_id: "sound" },
      },
    ]);
    expect(await join(fleet, audit, ...options)).toMatch(/^4 error: PARTS_NOT_WRITTEN/);
    expect(existsSync(project.at("sound/sound-1/SIGNATURE.json"))).toBe(true);
  });

  it("is not sealed over a part that is not accepted, and names it", async () => {
    await using fleet = await Fleet.make(postgres);
    const { audit } = await audited(fleet, "lying");
    fleet.startLiar(1);
    await fleet.ended(audit);
    const end = await join(fleet, audit, "--folder", "lying");
    expect(end).toMatch(
      /^4 error: PART_NOT_ACCEPTED: of 2 parts, 1 are not accepted: "lying-2" \(OUTPUT_MISSING\)$/,
    );
    expect(existsSync(project.at("lying"))).toBe(false);
  });

  it("is not sealed over a bundle that is not the one of the row", async () => {
    await using fleet = await Fleet.make(postgres);
    const { audit } = await audited(fleet, "changed");
    fleet.startWorker();
    await fleet.ended(audit);
    await fleet.query(
      "UPDATE runseal_fleet.run SET artifacts = sha256('other') WHERE audit = $1 AND run_id = 'changed-2'",
      [audit],
    );
    const end = await join(fleet, audit, "--folder", "changed");
    expect(end).toMatch(/^4 error: PART_CHANGED: the bundle of "changed-2" is not the one that was judged$/);
    expect(existsSync(project.at("changed"))).toBe(false);
  });

  it("leaves out no part that a worker says to be a parent", async () => {
    await using fleet = await Fleet.make(postgres);
    const { audit } = await audited(fleet, "hidden");
    fleet.startWorker();
    await fleet.ended(audit);
    await fleet.query(
      `UPDATE runseal_fleet.link l SET parts = ARRAY[sha256('x')] FROM runseal_fleet.run r
       WHERE r.audit = $1 AND l.audit = r.audit AND l.digest = r.digest AND r.run_id = 'hidden-2'`,
      [audit],
    );
    const end = await join(fleet, audit, "--folder", "hidden");
    expect(end).toMatch(/^4 error: PART_CHANGED: the bundle of "hidden-2" has other parts/);
    expect(existsSync(project.at("hidden"))).toBe(false);
  });

  describe("where something fails", () => {
    let fleet: Fleet;
    let model: ModelRegistry;
    let audit: string;

    beforeAll(async () => {
      fleet = await Fleet.make(postgres);
      model = await ModelRegistry.start();
      const repository = `${model.host}/team/parts`;
      await pushRuns(project, repository, { "p-1": { a: "one\n" }, "p-2": { a: "two\n" } });
      audit = await fleet.submit(repository, "--policy", trust);
      fleet.startWorker();
      await fleet.ended(audit);
    });
    afterAll(async () => {
      await fleet?.[Symbol.asyncDispose]();
      await model?.[Symbol.asyncDispose]();
    });

    it("refuses a wrong tag and a wrong id before it seals", async () => {
      const calls = [
        ["--push", "--tag", "not a tag"],
        ["--id", "latest"],
      ];
      for (const call of calls)
        expect(await join(fleet, audit, "--folder", "wrong", ...call)).toMatch(
          /^2 error: USAGE: --(tag|id) takes a/,
        );
      expect(existsSync(project.at("wrong"))).toBe(false);
    });

    it("prints the run that it sealed and could not push", async () => {
      model.meddler = ({ request, response }) => {
        if (request.method === "GET" || request.method === "HEAD") return false;
        response.writeHead(403).end();
        return true;
      };
      const options = ["--project", project.root, "--folder", "kept", "--id", "kept", "--push"];
      const end = await fleet.run(["join", audit, ...options], "owner", project.env);
      expect(end).toMatchObject({ exitCode: 4, stderr: expect.stringMatching(/^error: REGISTRY_DENIED/) });
      expect(JSON.parse(end.stdout)).toMatchObject({ run_id: "kept", parts: 2, reference: null });
      expect(existsSync(project.at("kept/p-1/SIGNATURE.json"))).toBe(true);
    });

    it("removes its folder when it is interrupted", async () => {
      let asked: (() => void) | undefined;
      const silent = new Promise<void>((resolve) => {
        asked = resolve;
      });
      model.meddler = ({ line }) => {
        const isSilent = line.includes("/blobs/");
        if (isSilent) asked?.();
        return isSilent;
      };
      const options = ["--project", project.root, "--folder", "stopped"];
      const { child, ended, lines } = fleet.startCommand(["join", audit, ...options], project.env);
      await silent;
      expect(existsSync(project.at("stopped"))).toBe(true);
      child.kill("SIGINT");
      expect(await ended).toBe(130);
      expect(lines).toEqual(["error: INTERRUPTED: the command was interrupted"]);
      expect(existsSync(project.at("stopped"))).toBe(false);
      model.meddler = () => false;
    });

    it("is not waited for by a submission that is interrupted", async () => {
      let asked: (() => void) | undefined;
      const silent = new Promise<void>((resolve) => {
        asked = resolve;
      });
      model.meddler = () => {
        asked?.();
        return true;
      };
      const { child, ended, lines } = fleet.startCommand(
        ["submit", `${model.host}/team/parts`, "--any-signer"],
        project.env,
      );
      await silent;
      child.kill("SIGTERM");
      expect(await ended).toBe(143);
      expect(lines).toEqual(["error: INTERRUPTED: the command was interrupted"]);
      model.meddler = () => false;
    });

    it("removes its folder when the database fails", async () => {
      await fleet.query("DROP FUNCTION runseal_fleet.run_of");
      const options = ["--project", project.root, "--folder", "thrown"];
      const end = await fleet.run(["join", audit, ...options], "owner", project.env);
      expect(end.stderr).toContain("error: DATABASE_FAILED: 42883");
      expect(existsSync(project.at("thrown"))).toBe(false);
    });
  });
});
