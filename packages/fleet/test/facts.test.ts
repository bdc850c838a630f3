import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";

describe.skipIf(!hasPostgres())("facts", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres?.[Symbol.asyncDispose]());

  /** An audit of one run. */
  async function submitted(fleet: Fleet, doubleCheck = 0): Promise<readonly [audit: string, digest: Buffer]> {
    const digest = randomBytes(32);
    const [made] = await fleet.query<{ audit: string }>(
      "SELECT runseal_fleet.submit('127.0.0.1:1/a', false, NULL, NULL, 3, $3, 0, 0, false, $1, $2) AS audit",
      [[digest], ["one"], doubleCheck],
    );
    return [made?.audit ?? "", digest];
  }

  /** The same, cut into two ranges. */
  async function cutRun(fleet: Fleet, doubleCheck = 0): Promise<readonly [audit: string, digest: Buffer]> {
    const run = await submitted(fleet, doubleCheck);
    await fleet.query("SELECT runseal_fleet.cut($1, $2, '{0,5}', '{5,9}')", [...run]);
    return run;
  }

  async function found(
    fleet: Fleet,
    [audit, digest]: readonly [string, Buffer],
    [first, end]: readonly [number, number],
    findings: string,
    user?: string,
  ): Promise<string | undefined> {
    const [row] = await fleet.query<{ found: string }>(
      "SELECT runseal_fleet.found($1, $2, $3, $4, $5, 'w')",
      [audit, digest, first, end, Buffer.from(findings)],
      user,
    );
    return row?.found;
  }

  async function conclude(fleet: Fleet, run: readonly [string, Buffer], verdict: object): Promise<unknown> {
    const values = [...run, JSON.stringify(verdict), randomBytes(32)];
    const [row] = await fleet.query<{ conclude: boolean }>(
      "SELECT runseal_fleet.conclude($1, $2, 'OK', $3, $4, '1', 'w', '\"signed\"')",
      values,
    );
    return row?.conclude;
  }

  async function keysOf(fleet: Fleet): Promise<readonly string[]> {
    const rows = await fleet.query<{ key: string }>("SELECT key FROM runseal_fleet_queue.jobs ORDER BY key");
    return rows.map(({ key }) => key.split("/").slice(3).join("/"));
  }

  it("come with one job that concludes, however often each is given", async () => {
    await using fleet = await Fleet.make(postgres);
    const run = await cutRun(fleet);
    expect(await found(fleet, run, [0, 5], "a")).toBe("new");
    expect(await found(fleet, run, [0, 5], "a")).toBe("same");
    expect(await keysOf(fleet)).not.toContain("conclude");
    expect(await found(fleet, run, [5, 9], "b")).toBe("new");
    expect(await found(fleet, run, [5, 9], "b")).toBe("same");
    expect(await keysOf(fleet)).toEqual(["conclude", "judge", "range/0/5", "range/5/9"]);
  });

  it("of a range that was not cut change nothing", async () => {
    await using fleet = await Fleet.make(postgres);
    const run = await cutRun(fleet);
    expect(await found(fleet, run, [0, 9], "a")).toBe("unknown");
    expect(await found(fleet, [run[0], randomBytes(32)], [0, 5], "a")).toBe("unknown");
  });

  it("that differ take the verdict away, also where it was reached before", async () => {
    await using fleet = await Fleet.make(postgres);
    const run = await cutRun(fleet);
    await found(fleet, run, [0, 5], "a");
    await found(fleet, run, [5, 9], "b");
    expect(await conclude(fleet, run, { files: 9 })).toBe(true);
    expect(await fleet.status(run[0])).toMatchObject({ accepted: 1, open: 0 });
    expect(await found(fleet, run, [5, 9], "c")).toBe("conflict");
    const report = await fleet.ended(run[0]);
    expect(report).toMatchObject({ accepted: 0, codes: { FACT_CONFLICT: 1 }, open: 0 });
    expect(report.results).toMatchObject([
      { state: "parked", verdict: null, attestation: null, details: { first_row: 5, end_row: 9 } },
    ]);
    expect(await found(fleet, run, [0, 5], "d")).toBe("conflict");
    const kept = await fleet.query(
      "SELECT first_row, end_row, worker, worker_user, verdict, attestation FROM runseal_fleet.conflict ORDER BY found_at",
    );
    const owner = { worker: "w", worker_user: "owner" };
    expect(kept).toEqual([
      { first_row: 5, end_row: 9, ...owner, verdict: { files: 9 }, attestation: "signed" },
      { first_row: 0, end_row: 5, ...owner, verdict: null, attestation: null },
    ]);
  });

  it("are needed of each range before a run is accepted", async () => {
    await using fleet = await Fleet.make(postgres);
    const run = await cutRun(fleet);
    await found(fleet, run, [0, 5], "a");
    await expect(conclude(fleet, run, { files: 9 })).rejects.toThrow("before all of its ranges were found");
    await found(fleet, run, [5, 9], "b");
    for (const verdict of [{}, { files: 8 }, { files: 10 }])
      await expect(conclude(fleet, run, verdict)).rejects.toThrow("other files than were found");
    expect(await fleet.status(run[0])).toMatchObject({ accepted: 0, open: 1 });
  });

  it("are needed of a run that was not cut, unless it has no file", async () => {
    await using fleet = await Fleet.make(postgres);
    const [run, empty] = [await submitted(fleet), await submitted(fleet)];
    await expect(conclude(fleet, run, { files: 2 })).rejects.toThrow("other files than were found");
    const values = [...run, Buffer.from("a"), JSON.stringify({ files: 2 }), randomBytes(32)];
    const atOnce = "SELECT runseal_fleet.conclude_at_once($1, $2, 1, $3, 'OK', $4, $5, '1', 'w')";
    await expect(fleet.query(atOnce, values)).rejects.toThrow("other files than were found");
    expect(await conclude(fleet, empty, { files: 0 })).toBe(true);
  });

  it("wait for the run before they lock their range, as its end does", async () => {
    await using fleet = await Fleet.make(postgres);
    const run = await cutRun(fleet);
    const ending = new pg.Client({ connectionString: postgres.url(fleet.database) });
    await ending.connect();
    await ending.query("BEGIN");
    await ending.query("SELECT FROM runseal_fleet.run FOR UPDATE");
    const finding = found(fleet, run, [0, 5], "a");
    await sleep(500);
    await ending.query("SELECT FROM runseal_fleet.fact FOR UPDATE NOWAIT");
    await ending.query("COMMIT");
    await ending.end();
    expect(await finding).toBe("new");
  });

  it("that are drawn count once a worker of another user has found the same", async () => {
    await using fleet = await Fleet.make(postgres);
    const run = await cutRun(fleet, 1);
    expect(await found(fleet, run, [0, 5], "a")).toBe("new");
    expect(await found(fleet, run, [5, 9], "b")).toBe("new");
    expect(await found(fleet, run, [5, 9], "b")).toBe("same");
    expect(await keysOf(fleet)).toEqual([
      "judge",
      "range/0/5",
      "range/0/5/again",
      "range/5/9",
      "range/5/9/again",
    ]);
    const flags = await fleet.query(
      "SELECT DISTINCT flags FROM runseal_fleet_queue.jobs WHERE flags IS NOT NULL",
    );
    expect(flags).toEqual([{ flags: { owner: true } }]);
    expect(await found(fleet, run, [5, 9], "b", "toiler")).toBe("same");
    expect(await keysOf(fleet)).not.toContain("conclude");
    expect(await found(fleet, run, [0, 5], "a", "toiler")).toBe("same");
    expect(await found(fleet, run, [0, 5], "a", "toiler_2")).toBe("same");
    expect((await keysOf(fleet)).filter((key) => key === "conclude")).toHaveLength(1);
  });

  it("are drawn by the share that the audit says", async () => {
    await using fleet = await Fleet.make(postgres);
    const [audit, digest] = await cutRun(fleet, 0.1);
    await fleet.query(
      `WITH made AS (
        INSERT INTO runseal_fleet.fact (audit, digest, first_row, end_row)
        SELECT $1, $2, row, row + 1 FROM generate_series(100, 1099) AS row RETURNING first_row
      ) SELECT count(*) FROM made`,
      [audit, digest],
    );
    await fleet.query(
      "SELECT runseal_fleet.found($1, $2, row, row + 1, 'x', 'w') FROM generate_series(100, 1099) AS row",
      [audit, digest],
    );
    const [drawn] = await fleet.query<{ facts: number }>(
      "SELECT count(*)::integer AS facts FROM runseal_fleet.fact WHERE is_awaited",
    );
    // Five standard deviations around 100 of 1,000: one run of two million is outside by chance.
    expect(drawn?.facts).toBeGreaterThan(52);
    expect(drawn?.facts).toBeLessThan(148);
  });

  it("end an audit once, whatever comes again", async () => {
    await using fleet = await Fleet.make(postgres);
    const run = await cutRun(fleet);
    for (let times = 0; times < 3; times++)
      await fleet.query("SELECT runseal_fleet.park($1, $2, 'REGISTRY_UNREACHABLE', '{}', 'w')", [...run]);
    expect(await fleet.status(run[0])).toMatchObject({ open: 0, codes: { REGISTRY_UNREACHABLE: 1 } });
  });
});

describe.skipIf(!hasPostgres())("a sweep", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres?.[Symbol.asyncDispose]());

  async function lockedJob(fleet: Fleet, attempts: number): Promise<string> {
    const [made] = await fleet.query<{ audit: string }>(
      "SELECT runseal_fleet.submit('127.0.0.1:1/a', false, NULL, NULL, 3, 0, 0, 0, false, $1, $2) AS audit",
      [[randomBytes(32)], ["one"]],
    );
    await fleet.query(
      "UPDATE runseal_fleet_queue._private_jobs SET attempts = $1, locked_by = 'pool-1', locked_at = now() - interval '31 s'",
      [attempts],
    );
    return made?.audit ?? "";
  }

  async function sweep(fleet: Fleet): Promise<unknown> {
    const first = "00000000-0000-0000-0000-000000000000";
    const [row] = await fleet.query("SELECT * FROM runseal_fleet.sweep($1, interval '30 s')", [first]);
    return row;
  }

  it("frees the jobs of a process that is silent, and leaves those of one that beats", async () => {
    await using fleet = await Fleet.make(postgres);
    await lockedJob(fleet, 1);
    const id = "11111111-1111-1111-1111-111111111111";
    await fleet.query("SELECT runseal_fleet.beat($1, 'w', '{pool-1}', '1')", [id]);
    expect(await sweep(fleet)).toEqual({ freed: 0, parked: 0 });
    await fleet.query("UPDATE runseal_fleet.process SET seen_at = now() - interval '31 s'");
    expect(await sweep(fleet)).toEqual({ freed: 1, parked: 0 });
    expect(await fleet.query("SELECT locked_by FROM runseal_fleet_queue.jobs")).toEqual([
      { locked_by: null },
    ]);
  });

  it("parks a run whose job failed each time without a lost worker, and leaves jobs with odd names", async () => {
    await using fleet = await Fleet.make(postgres);
    const audit = await lockedJob(fleet, 3);
    await fleet.query("UPDATE runseal_fleet_queue._private_jobs SET locked_at = NULL, locked_by = NULL");
    await fleet.query("SELECT runseal_fleet_queue.add_job('x', job_key => 'runseal/x', max_attempts => 1)");
    await fleet.query("UPDATE runseal_fleet_queue._private_jobs SET attempts = 1 WHERE key = 'runseal/x'");
    expect(await sweep(fleet)).toEqual({ freed: 0, parked: 1 });
    expect(await fleet.ended(audit)).toMatchObject({ open: 0, codes: { TASK_FAILED: 1 } });
    expect(await fleet.query("SELECT key FROM runseal_fleet_queue.jobs")).toEqual([{ key: "runseal/x" }]);
  });

  it("parks a run that waits for a worker of another user where there is none", async () => {
    await using fleet = await Fleet.make(postgres);
    const audit = await lockedJob(fleet, 0);
    const id = "11111111-1111-1111-1111-111111111111";
    const beat = async (user: string): Promise<unknown> =>
      await fleet.query("SELECT runseal_fleet.beat($1, 'w', '{}', '1')", [id], user);
    await fleet.query(
      `UPDATE runseal_fleet_queue._private_jobs
       SET locked_at = NULL, locked_by = NULL, flags = '{"toiler": true}', created_at = now() - interval '11 min'`,
    );
    await beat("toiler_2");
    expect(await sweep(fleet)).toEqual({ freed: 0, parked: 0 });
    await fleet.query("DELETE FROM runseal_fleet.process");
    await beat("toiler");
    expect(await sweep(fleet)).toEqual({ freed: 0, parked: 1 });
    expect(await fleet.ended(audit)).toMatchObject({ open: 0, codes: { SECOND_WORKER_MISSING: 1 } });
  });

  it("parks a run whose job took a worker with it each time, so that the audit ends", async () => {
    await using fleet = await Fleet.make(postgres);
    const audit = await lockedJob(fleet, 3);
    expect(await sweep(fleet)).toEqual({ freed: 1, parked: 1 });
    expect(await fleet.ended(audit)).toMatchObject({ open: 0, codes: { WORKER_LOST: 1 } });
    expect(await fleet.query("SELECT FROM runseal_fleet_queue.jobs")).toEqual([]);
  });
});
