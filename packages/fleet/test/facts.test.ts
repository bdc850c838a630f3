import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";

describe.skipIf(!hasPostgres())("facts", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres?.[Symbol.asyncDispose]());

  /** An audit of one run, cut into two ranges. */
  async function cutRun(fleet: Fleet, doubleCheck = 0): Promise<readonly [audit: string, digest: Buffer]> {
    const digest = randomBytes(32);
    const [made] = await fleet.query<{ audit: string }>(
      "SELECT runseal_fleet.submit('127.0.0.1:1/a', false, NULL, NULL, 3, $3, 0, 0, false, $1, $2) AS audit",
      [[digest], ["one"], doubleCheck],
    );
    const audit = made?.audit ?? "";
    await fleet.query("SELECT runseal_fleet.cut($1, $2, '{0,5}', '{5,9}')", [audit, digest]);
    return [audit, digest];
  }

  async function found(
    fleet: Fleet,
    [audit, digest]: readonly [string, Buffer],
    [first, end]: readonly [number, number],
    findings: string,
    worker = "w",
  ): Promise<string | undefined> {
    const [row] = await fleet.query<{ found: string }>("SELECT runseal_fleet.found($1, $2, $3, $4, $5, $6)", [
      audit,
      digest,
      first,
      end,
      Buffer.from(findings),
      worker,
    ]);
    return row?.found;
  }

  async function keysOf(fleet: Fleet): Promise<readonly string[]> {
    const rows = await fleet.query<{ key: string }>("SELECT key FROM graphile_worker.jobs ORDER BY key");
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
    const values = [...run, "OK", "{}", randomBytes(32), "1", "w"];
    await fleet.query("SELECT runseal_fleet.conclude($1, $2, $3, $4, $5, $6, $7)", values);
    expect(await fleet.status(run[0])).toMatchObject({ accepted: 1, open: 0 });
    expect(await found(fleet, run, [5, 9], "c")).toBe("conflict");
    const report = await fleet.ended(run[0]);
    expect(report).toMatchObject({ accepted: 0, codes: { FACT_CONFLICT: 1 }, open: 0 });
    expect(report.results).toMatchObject([{ state: "parked", verdict: null }]);
    expect(await fleet.query("SELECT first_row, end_row, worker FROM runseal_fleet.conflict")).toEqual([
      { first_row: 5, end_row: 9, worker: "w" },
    ]);
  });

  it("are needed of each range before a run is accepted", async () => {
    await using fleet = await Fleet.make(postgres);
    const run = await cutRun(fleet);
    await found(fleet, run, [0, 5], "a");
    const values = [...run, "OK", "{}", randomBytes(32), "1", "w"];
    const concluded = fleet.query("SELECT runseal_fleet.conclude($1, $2, $3, $4, $5, $6, $7)", values);
    await expect(concluded).rejects.toThrow("before all of its ranges were found");
    expect(await fleet.status(run[0])).toMatchObject({ accepted: 0, open: 1 });
  });

  it("that are drawn count once a worker of another name has found the same", async () => {
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
      "SELECT DISTINCT flags FROM graphile_worker.jobs WHERE flags IS NOT NULL",
    );
    expect(flags).toEqual([{ flags: { w: true } }]);
    expect(await found(fleet, run, [5, 9], "b", "other")).toBe("same");
    expect(await keysOf(fleet)).not.toContain("conclude");
    expect(await found(fleet, run, [0, 5], "a", "other")).toBe("same");
    expect(await found(fleet, run, [0, 5], "a", "third")).toBe("same");
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
      "UPDATE graphile_worker._private_jobs SET attempts = $1, locked_by = 'pool-1', locked_at = now() - interval '31 s'",
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
    expect(await fleet.query("SELECT locked_by FROM graphile_worker.jobs")).toEqual([{ locked_by: null }]);
  });

  it("parks a run that waits for a worker of another name where there is none", async () => {
    await using fleet = await Fleet.make(postgres);
    const audit = await lockedJob(fleet, 0);
    const id = "11111111-1111-1111-1111-111111111111";
    const beat = async (name: string): Promise<unknown> =>
      await fleet.query("SELECT runseal_fleet.beat($1, $2, '{}', '1')", [id, name]);
    await fleet.query(
      `UPDATE graphile_worker._private_jobs
       SET locked_at = NULL, locked_by = NULL, flags = '{"w": true}', created_at = now() - interval '11 min'`,
    );
    await beat("other");
    expect(await sweep(fleet)).toEqual({ freed: 0, parked: 0 });
    await fleet.query("DELETE FROM runseal_fleet.process");
    await beat("w");
    expect(await sweep(fleet)).toEqual({ freed: 0, parked: 1 });
    expect(await fleet.ended(audit)).toMatchObject({ open: 0, codes: { SECOND_WORKER_MISSING: 1 } });
  });

  it("parks a run whose job took a worker with it each time, so that the audit ends", async () => {
    await using fleet = await Fleet.make(postgres);
    const audit = await lockedJob(fleet, 3);
    expect(await sweep(fleet)).toEqual({ freed: 1, parked: 1 });
    expect(await fleet.ended(audit)).toMatchObject({ open: 0, codes: { WORKER_LOST: 1 } });
    expect(await fleet.query("SELECT FROM graphile_worker.jobs")).toEqual([]);
  });
});
