import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../../test/support/command/cli.ts";
import {
  hasRegistry,
  type RealRegistry,
  startRegistry,
} from "../../../test/support/registry/real-registry.ts";
import { Fleet, pushRuns, writeTrust } from "./support/fleet.ts";
import { Gate } from "./support/gate.ts";
import { Hook } from "./support/hook.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";

describe.skipIf(!hasPostgres() || !hasRegistry())("audits that follow each other", () => {
  let postgres: Postgres;
  let registry: RealRegistry;
  let gate: Gate;
  let project: Project;
  let trust: string;

  beforeAll(async () => {
    [postgres, registry] = await Promise.all([Postgres.start(), startRegistry()]);
    gate = await Gate.before(registry.host);
    project = await makeProjectWithKey({});
    trust = await writeTrust(project);
  });
  afterAll(async () => {
    project?.[Symbol.dispose]();
    await gate?.[Symbol.asyncDispose]();
    await Promise.all([postgres?.[Symbol.asyncDispose](), registry?.[Symbol.asyncDispose]()]);
  });

  /** Asks until the answer is not empty. */
  async function until<Row extends object>(fleet: Fleet, text: string): Promise<readonly Row[]> {
    for (let tries = 0; ; tries++) {
      const rows = await fleet.query<Row>(text);
      if (rows.length > 0 || tries === 600) return rows;
      await sleep(200);
    }
  }

  async function makeDue(fleet: Fleet): Promise<void> {
    await fleet.query("UPDATE runseal_fleet.schedule SET next_at = now() - interval '1 s', tried_at = NULL");
  }

  it("are submitted once each when they are due, and say once what turned bad, also to a webhook that was down", async () => {
    const own = `${gate.host}/team/nightly`;
    await pushRuns(project, own, { fine: { a: "alpha\n" }, rotten: { b: "beta beta\n" } });
    let answers = 0;
    await using hook = await Hook.start((_request, response) => {
      answers++;
      response.writeHead(answers === 1 ? 503 : 204).end();
    });
    await using fleet = await Fleet.make(postgres);
    const alert = ["--alert", `http://${hook.host}/hook/secret-path`];
    const first = await fleet.submit(own, "--policy", trust, "--every", "24h", "--attempts", "2", ...alert);
    fleet.startWorker("--lost-after", "2");
    fleet.startOtherWorker("--lost-after", "2");
    expect(await fleet.ended(first)).toMatchObject({ accepted: 2, alerts: { made: 0 } });

    await gate.close();
    await makeDue(fleet);
    const failed = await until(fleet, "SELECT error FROM runseal_fleet.schedule WHERE error IS NOT NULL");
    expect(failed).toEqual([{ error: "REGISTRY_UNREACHABLE" }]);
    await gate.open();
    rot("beta beta\n");
    await makeDue(fleet);
    const last =
      "SELECT a.id FROM runseal_fleet.audit a WHERE a.ended_at IS NOT NULL ORDER BY a.submitted_at OFFSET";
    const [second] = await until<{ id: string }>(fleet, `${last} 1`);
    await until(fleet, "SELECT FROM runseal_fleet.alert WHERE delivered_at IS NOT NULL");
    await makeDue(fleet);
    await until(fleet, `${last} 2`);

    expect((await fleet.query("SELECT FROM runseal_fleet.audit")).length).toBe(3);
    expect(await fleet.status(second?.id ?? "")).toMatchObject({
      codes: { OK: 1, REGISTRY_MALFORMED: 1 },
      alerts: { made: 1, delivered: 1, given_up: 0, error: null },
    });
    expect(hook.messages.map(({ headers }) => headers["webhook-id"])).toEqual(
      Array(2).fill(hook.messages[0]?.headers["webhook-id"]),
    );
    expect(JSON.parse(hook.messages[1]?.body ?? "")).toMatchObject({
      ...{ id: hook.messages[1]?.headers["webhook-id"], audit: second?.id, repository: own },
      ...{ run_id: "rotten", code: "REGISTRY_MALFORMED" },
    });

    const listed = JSON.parse((await fleet.run(["schedules"])).stdout) as {
      readonly schedules: readonly { readonly schedule: string }[];
    };
    expect(listed.schedules).toMatchObject([
      { source: own, every_seconds: 86_400, error: null, alert: `http://${hook.host}` },
    ]);
    const remove = ["schedules", "--remove", listed.schedules[0]?.schedule ?? ""];
    expect(await fleet.run(remove)).toMatchObject({ exitCode: 0, stdout: '{"schedules":[]}\n' });
    expect((await fleet.run(remove)).stderr).toContain("error: SCHEDULE_NOT_FOUND");
  });

  it("hash no run again whose verdict may stand, and say so", async () => {
    const own = `${registry.host}/team/trusted`;
    await pushRuns(project, own, { one: { a: "one\n" }, two: { a: "two\n" } });
    await using fleet = await Fleet.make(postgres);
    fleet.startWorker();
    const first = await fleet.ended(await fleet.submit(own, "--policy", trust));
    await pushRuns(project, own, { three: { a: "three\n" } });
    const second = await fleet.ended(await fleet.submit(own, "--policy", trust, "--trust-previous", "7"));
    expect(first).toMatchObject({ accepted: 2, trusted_previous: 0 });
    expect(second).toMatchObject({ accepted: 3, trusted_previous: 2 });
    for (const { digest, run_id: id, trusted_previous: trusted, verdict } of second.results) {
      expect(trusted).toBe(id === "three" ? null : first.audit);
      expect(verdict).toEqual(await project.json(["verify", `${own}@sha256:${digest}`, "--trust", trust]));
    }
    const facts = "SELECT FROM runseal_fleet.fact WHERE audit = $1";
    expect((await fleet.query(facts, [second.audit])).length).toBe(1);
    const third = await fleet.ended(await fleet.submit(own, "--any-signer", "--trust-previous", "7"));
    expect(third).toMatchObject({ accepted: 3, trusted_previous: 0 });
  });

  it("refuse wrong calls", async () => {
    await using fleet = await Fleet.make(postgres);
    const calls = [
      ["--every", "24"],
      ["--every", "367d"],
      ["--alert", "http://alerts.example/"],
      ["--trust-previous", "0"],
    ];
    for (const call of calls)
      expect((await fleet.run(["submit", "127.0.0.1:1/a", "--any-signer", ...call])).exitCode).toBe(2);
  });

  /** Changes a byte of a content that the registry keeps. */
  function rot(content: string): void {
    const names = readdirSync(registry.storage, { recursive: true, encoding: "utf8" });
    const files = names
      .filter((name) => /\/blobs\/.*\/data$/.test(name))
      .map((name) => join(registry.storage, name));
    const found = files.find((file) => readFileSync(file).includes(content));
    if (found === undefined) throw new Error("no blob has that content");
    const bytes = readFileSync(found);
    const at = bytes.indexOf(content);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(found, bytes);
  }
});
