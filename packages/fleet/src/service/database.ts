/** The database as the service asks it: each failure has a name, and its words stay here. @module */

import pg from "pg";
import type { Queries } from "../database/connection.ts";

/** A query that failed. */
export class QueryFailure extends Error {
  override readonly name = "QueryFailure";
  /** Whether the database is away, or took too long: another try may pass. */
  readonly mayPass: boolean;
  /** The code of PostgreSQL or of the system, for the log. */
  readonly code: string;

  constructor(thrown: unknown) {
    super("a query failed", { cause: thrown });
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    this.code = typeof code === "string" ? code : "UNKNOWN";
    // Lost connections, too few resources, an operator's stop and timeouts.
    this.mayPass = !(thrown instanceof pg.DatabaseError) || /^(?:08|53|57|58)/.test(this.code);
  }
}

/** Names the failures of a pool. */
export function namingFailures(pool: Queries): Queries {
  return {
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[]) => {
      try {
        return await pool.query<Row>(text, values);
      } catch (thrown) {
        throw new QueryFailure(thrown);
      }
    },
  };
}
