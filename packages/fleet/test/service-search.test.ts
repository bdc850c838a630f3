import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../../test/support/command/cli.ts";
import {
  hasRegistry,
  type RealRegistry,
  startRegistry,
} from "../../../test/support/registry/real-registry.ts";
import { Fleet, pushRuns, writeTrust } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";
import { addServant, addToken, RunningService } from "./support/service.ts";

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

describe.skipIf(!hasPostgres() || !hasRegistry())("audits that are submitted to the service", () => {
  let postgres: Postgres;
  let registry: RealRegistry;
  let project: Project;
  let fleet: Fleet;
  let service: RunningService;
  let token: string;
  let policy: string;
  const ask = async (path: string): Promise<unknown> => JSON.parse((await service.ask({ path, token })).text);
  const submit = async (json: object): Promise<readonly unknown[]> => {
    const { status, text } = await service.post("/v1/audits", token, json);
    return [status, JSON.parse(text)];
  };

  beforeAll(async () => {
    [postgres, registry] = await Promise.all([Postgres.start(), startRegistry()]);
    project = await makeProjectWithKey({});
    policy = readFileSync(await writeTrust(project)).toString("base64");
    await pushRuns(project, `${registry.host}/team/runs`, {
      one: { "a.txt": "both\n", "b.txt": "both\n", "c.txt": "one\n" },
      two: { "a.txt": "both\n" },
    });
    await pushRuns(project, `${registry.host}/team/plain`, { three: { "a.txt": "plain\n" } });
    fleet = await Fleet.make(postgres);
    await addServant(fleet);
    ({ token } = await addToken(fleet, "submit"));
    const prefixes = `${registry.host}/team,127.0.0.1:1/team/`;
    service = await RunningService.start(fleet, "--listen", "127.0.0.1:0", "--repositories", prefixes);
  });
  afterAll(async () => {
    project?.[Symbol.dispose]();
    await service?.[Symbol.asyncDispose]();
    await fleet?.[Symbol.asyncDispose]();
    await Promise.all([postgres?.[Symbol.asyncDispose](), registry?.[Symbol.asyncDispose]()]);
  });

  it("are judged by their policy, and found by the digests of their files if that was asked for", async () => {
    const from = { repository: `${registry.host}/team/runs`, policy };
    const [status, submitted] = await submit({ ...from, index_files: true });
    expect([status, submitted]).toMatchObject([201, { runs: 2, others: 0, broken: 0, more: false }]);
    const { audit } = submitted as { readonly audit: string };
    const plain = await submit({ repository: `${registry.host}/team/plain`, any_signer: true });
    fleet.startWorker();
    const { text } = await service.ask({ path: `/v1/audits/${audit}/progress`, token });
    expect(text).toContain('"accepted":2');
    await fleet.ended((plain[1] as { readonly audit: string }).audit);

    const both = await ask(`/v1/files/${digestOf("both\n")}/runs`);
    expect(both).toMatchObject({
      runs: [
        { audit, code: "OK" },
        { audit, code: "OK" },
      ],
      next: null,
    });
    const ids = (both as { readonly runs: readonly { readonly run_id: string }[] }).runs.map(
      ({ run_id }) => run_id,
    );
    expect([...ids].sort()).toEqual(["one", "two"]);
    const first = (await ask(`/v1/files/${digestOf("both\n")}/runs?limit=1`)) as { readonly next: string };
    const rest = await ask(`/v1/files/${digestOf("both\n")}/runs?after=${first.next}`);
    expect([first, rest]).toMatchObject([{ runs: [{}] }, { runs: [{}], next: null }]);
    expect(await ask(`/v1/files/${digestOf("one\n")}/runs`)).toMatchObject({ runs: [{ run_id: "one" }] });
    for (const text of ["plain\n", "none\n"])
      expect(await ask(`/v1/files/${digestOf(text)}/runs`)).toEqual({ runs: [], next: null });

    // Another audit of the same runs adds no row: the answer names the newest one.
    const again = await fleet.submit(from.repository, "--any-signer", "--index-files", "--plain-http");
    await fleet.ended(again);
    expect(await ask(`/v1/files/${digestOf("one\n")}/runs`)).toMatchObject({
      runs: [{ run_id: "one", audit: again, policy: null, trusted_previous: null }],
    });
    expect(await fleet.query("SELECT FROM runseal_fleet.file")).toHaveLength(3);

    // What a worker wrote counts only where the run was accepted in the same audit; the limit is one of runs that count.
    const { next } = first;
    await fleet.query(
      "UPDATE runseal_fleet.run SET code = 'FACT_CONFLICT', state = 'parked', verdict = NULL WHERE audit = $1 AND digest = decode($2, 'hex')",
      [audit, next],
    );
    const counted = await ask(`/v1/files/${digestOf("both\n")}/runs?limit=1`);
    expect(counted).toMatchObject({ runs: [{ audit: again, code: "OK" }], next: null });
    expect(JSON.stringify(counted)).not.toContain(next);
    await fleet.query("DELETE FROM runseal_fleet.audit WHERE id = $1", [audit]);
    expect(await ask(`/v1/files/${digestOf("both\n")}/runs`)).toEqual({ runs: [], next: null });
    // A later audit writes them as its own.
    await fleet.ended(await fleet.submit(from.repository, "--any-signer", "--index-files", "--plain-http"));
    expect(await ask(`/v1/files/${digestOf("both\n")}/runs`)).toMatchObject({ runs: [{}, {}] });
    expect(await fleet.query("SELECT FROM runseal_fleet.file")).toHaveLength(3);
  });

  it("are refused where the policy, the repository or its registry is not right", async () => {
    const repository = `${registry.host}/team/runs`;
    const any = { any_signer: true };
    const refusal = (code: string): unknown => expect.objectContaining({ code });
    expect(await submit({ repository, policy: Buffer.from("alice\n").toString("base64") })).toEqual([
      422,
      refusal("POLICY_UNREADABLE"),
    ]);
    for (const other of [
      `${registry.host}/teams/runs`,
      `${registry.host}/other`,
      `${registry.host}/team/../other`,
      `${repository}/..`,
      "registry.example/team/runs",
    ])
      expect(await submit({ repository: other, ...any }), other).toEqual([
        403,
        refusal("REPOSITORY_REFUSED"),
      ]);
    for (const other of [`${repository}:a:b`, `${repository}@sha256:00`])
      expect(await submit({ repository: other, ...any }), other).toEqual([400, refusal("REQUEST_MALFORMED")]);
    expect(await submit({ repository: "127.0.0.1:1/team/runs", ...any })).toEqual([
      502,
      refusal("LISTING_FAILED"),
    ]);
    expect(await submit({ repository: `${repository}:r-none`, ...any })).toEqual([
      502,
      refusal("LISTING_FAILED"),
    ]);
  });
});
