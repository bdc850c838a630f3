import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";

describe.skipIf(!hasPostgres())("the schema", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres?.[Symbol.asyncDispose]());

  it("is made once, and a second migration changes nothing", async () => {
    await using fleet = await Fleet.make(postgres);
    expect(JSON.parse((await fleet.run(["migrate"])).stdout)).toEqual({ from: 1, to: 1 });
  });

  it("that is missing, older or newer is refused by each command that needs it", async () => {
    await using fleet = await Fleet.make(postgres);
    await fleet.query("INSERT INTO runseal_fleet.migration VALUES (2)");
    for (const args of [
      ["migrate"],
      ["worker"],
      ["status", "x"],
      ["submit", "127.0.0.1:1/a", "--any-signer"],
    ])
      expect((await fleet.run(args)).stderr).toMatch(/^error: SCHEMA_NEWER: /);
    await fleet.query("DELETE FROM runseal_fleet.migration");
    expect(await fleet.run(["worker"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(/^error: SCHEMA_OLDER: /),
    });
    await fleet.query("DROP SCHEMA runseal_fleet CASCADE");
    expect(await fleet.run(["worker"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(/^error: SCHEMA_MISSING: /),
    });
  });

  it("comes as a whole or not at all", async () => {
    const database = await postgres.createDatabase();
    // One of the functions is there already, so that the migration fails behind its tables.
    await postgres.query(database, "CREATE SCHEMA runseal_fleet");
    await postgres.query(
      database,
      "CREATE FUNCTION runseal_fleet.facts_of(uuid, bytea) RETURNS void LANGUAGE sql AS ''",
    );
    await using fleet = new Fleet(postgres, database);
    expect((await fleet.run(["migrate"])).stderr).toContain("error: DATABASE_FAILED: 42723");
    const tables = await postgres.query(
      database,
      "SELECT relname FROM pg_class WHERE relnamespace = 'runseal_fleet'::regnamespace",
    );
    expect(tables).toEqual([]);
  });

  it("lets a worker call its functions, and neither read nor write a table of the fleet", async () => {
    await using fleet = await Fleet.make(postgres);
    const asWorker = async (text: string): Promise<string> => {
      const client = new pg.Client({ connectionString: postgres.url(fleet.database, "toiler") });
      await client.connect();
      try {
        await client.query(text);
        return "done";
      } catch (thrown) {
        return thrown instanceof pg.DatabaseError ? (thrown.code ?? "") : "";
      } finally {
        await client.end();
      }
    };
    const tables = await fleet.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'runseal_fleet'::regnamespace",
    );
    expect(tables.length).toBeGreaterThan(5);
    for (const { name } of tables) {
      expect(await asWorker(`SELECT FROM runseal_fleet.${name}`), name).toBe("42501");
      expect(await asWorker(`DELETE FROM runseal_fleet.${name}`), name).toBe("42501");
    }
    const nothing = "'00000000-0000-0000-0000-000000000000', '\\x00'";
    expect(await asWorker(`SELECT runseal_fleet.run_of(${nothing})`)).toBe("done");
    expect(await asWorker(`SELECT runseal_fleet.end_run(${nothing}, 'OK', NULL, 'x')`)).toBe("42501");
    expect(
      await asWorker("SELECT runseal_fleet.submit('x', false, NULL, NULL, 1, 0, 0, 0, false, '{}', '{}')"),
    ).toBe("42501");
    expect(await asWorker("SELECT runseal_fleet.plan(NULL, 'x', NULL, NULL, 60)")).toBe("42501");
    expect(await asWorker(`SELECT runseal_fleet.add_alert(${nothing}, 'x', 'x')`)).toBe("42501");
    for (const text of [
      "DELETE FROM runseal_fleet_queue.migrations",
      "INSERT INTO runseal_fleet_queue.migrations VALUES (1000)",
      "DELETE FROM runseal_fleet_queue._private_tasks",
      "UPDATE runseal_fleet_queue._private_jobs SET key = 'runseal/x'",
      "INSERT INTO runseal_fleet_queue._private_jobs (task_id) VALUES (1)",
      "SELECT runseal_fleet_queue.add_job('runseal_judge')",
      "SELECT runseal_fleet_queue.remove_job('x')",
      "CREATE TABLE runseal_fleet_queue.own ()",
    ])
      expect(await asWorker(text), text).toBe("42501");
    expect(await asWorker("SELECT FROM runseal_fleet_queue.jobs")).toBe("done");
  });
});
