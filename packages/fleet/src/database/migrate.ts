/** Brings a database to the schema of this version. @module */

import { runMigrations } from "graphile-worker";
import type pg from "pg";
import type { Result } from "runseal";
import { ok } from "runseal/core";
import { type FleetFault, fleetFault } from "../outcome/fault.ts";
import { QUEUE_SCHEMA, RIGHTS, WORKER_ROLE } from "./rights.ts";
import { MIGRATIONS } from "./schema.ts";
import { SERVICE_RIGHTS, SERVICE_ROLE } from "./service.ts";

/** What a migration did. */
export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/** A lock of the database, so that two migrations wait for each other. Any number will do that is always the same. */
const LOCK = 7_214_201;

/** The version of the schema; undefined if there is none. */
async function versionOf(client: pg.ClientBase | pg.Pool): Promise<number | undefined> {
  const there = await client.query<{ there: boolean }>(
    "SELECT to_regproc('runseal_fleet.schema_version') IS NOT NULL AS there",
  );
  if (there.rows[0]?.there !== true) return undefined;
  const read = await client.query<{ version: number }>("SELECT runseal_fleet.schema_version() AS version");
  return read.rows[0]?.version ?? 0;
}

/**
 * Applies the migrations that are missing, all or none. Fails with SCHEMA_NEWER where a newer version was here. The queue's own
 * migrations come first, each in a transaction of graphile-worker's.
 */
export async function migrate(pool: pg.Pool): Promise<Result<Migrated, FleetFault>> {
  const known = await versionOf(pool);
  if (known !== undefined && known > MIGRATIONS.length) return newer(known);
  await runMigrations({ pgPool: pool, schema: QUEUE_SCHEMA });
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    const from = await versionOf(client);
    if (from !== undefined && from > MIGRATIONS.length) {
      await client.query("ROLLBACK");
      return newer(from);
    }
    await prepare(client);
    for (const [index, text] of MIGRATIONS.entries()) {
      if (index < (from ?? 0)) continue;
      await client.query(text);
      await client.query("INSERT INTO runseal_fleet.migration (version) VALUES ($1)", [index + 1]);
    }
    await client.query(RIGHTS + SERVICE_RIGHTS);
    await client.query("COMMIT");
    client.release();
    return ok({ from: from ?? 0, to: MIGRATIONS.length });
  } catch (thrown) {
    // The connection is closed, and the transaction ends with it.
    client.release(true);
    throw thrown;
  }
}

/** Fails unless the schema is that of this version. */
export async function checkSchema(pool: pg.Pool): Promise<FleetFault | undefined> {
  const version = await versionOf(pool);
  if (version === undefined)
    return fleetFault("SCHEMA_MISSING", "the database has no schema of the fleet; run runseal-fleet migrate");
  if (version > MIGRATIONS.length) return newer(version);
  if (version < MIGRATIONS.length)
    return fleetFault("SCHEMA_OLDER", "the schema is of an older version; run runseal-fleet migrate");
  return undefined;
}

function newer(version: number): FleetFault {
  const words = `the schema has version ${version}, and this program knows ${MIGRATIONS.length}; install a newer one`;
  return fleetFault("SCHEMA_NEWER", words);
}

/** The schema, and the groups of users, which another database of the cluster may have made. */
async function prepare(client: pg.ClientBase): Promise<void> {
  await client.query("CREATE SCHEMA IF NOT EXISTS runseal_fleet");
  for (const role of [WORKER_ROLE, SERVICE_ROLE]) {
    const found = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
    if (found.rowCount === 0) await client.query(`CREATE ROLE ${role} NOLOGIN`);
  }
}
