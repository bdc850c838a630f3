/** Opens the database for a command, and closes it again. @module */

import type pg from "pg";
import { openPool } from "../database/connection.ts";
import { checkSchema } from "../database/migrate.ts";
import type { CommandEnd, Io } from "./command.ts";

/** Does something with the database, if its schema is that of this version. */
export async function withDatabase(
  { environment }: Io,
  connections: number,
  act: (pool: pg.Pool) => Promise<CommandEnd>,
): Promise<CommandEnd> {
  const pool = openPool(environment, connections);
  try {
    return (await checkSchema(pool)) ?? (await act(pool));
  } finally {
    await pool.end();
  }
}
