/** Connections to the database that DATABASE_URL names; without it, PGHOST and the others that `pg` reads. @module */

import pg from "pg";

/** The environment of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a reader of the database needs of it: a pool, or what stands before one. */
export interface Queries {
  query<Row extends pg.QueryResultRow>(
    text: string,
    values: unknown[],
  ): Promise<{ readonly rows: readonly Row[] }>;
}

/** Longest wait for an answer. The statements of the fleet take seconds at most, where nothing blocks them. */
const QUERY_MS = 120_000;

/** Opens a pool of at most so many connections. None is made before the first query. The server ends statements that take longer. */
export function openPool({ DATABASE_URL }: Environment, most: number, statementMs?: number): pg.Pool {
  const pool = new pg.Pool({
    ...(DATABASE_URL === undefined ? {} : { connectionString: DATABASE_URL }),
    application_name: "runseal-fleet",
    connectionTimeoutMillis: 10_000,
    // A server that is gone without a word: its connections end, and so does a query that waits for it.
    keepAlive: true,
    query_timeout: QUERY_MS,
    // Not as a parameter of the start: pgbouncer refuses those that it does not know.
    ...(statementMs === undefined
      ? {}
      : { onConnect: async (client) => void (await client.query(`SET statement_timeout = ${statementMs}`)) }),
    max: most,
  });
  // A connection that breaks while it is idle is replaced by the pool. Without a listener it would end the process.
  pool.on("error", () => undefined);
  // The same of one that is in use: its query fails.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}
