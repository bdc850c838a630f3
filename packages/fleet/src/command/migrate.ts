/** `runseal-fleet migrate`: brings the database to the schema of this version. @module */

import { openPool } from "../database/connection.ts";
import { migrate } from "../database/migrate.ts";
import { type Command, UsageError } from "./command.ts";

/** Makes or changes the schema. The user of DATABASE_URL owns it from then on, and must be allowed to create roles. */
export const migrateCommand: Command = {
  usage: "migrate",
  options: {},
  run: async (_values, operands, { environment }) => {
    if (operands.length > 0) throw new UsageError("migrate takes no operand");
    const pool = openPool(environment, 2);
    try {
      const migrated = await migrate(pool);
      return migrated.ok ? { ok: true, exitCode: 0, json: { ...migrated.value } } : migrated;
    } finally {
      await pool.end();
    }
  },
};
