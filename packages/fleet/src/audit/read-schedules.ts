/** Reads and removes schedules. @module */

import type pg from "pg";
import type { JsonValue } from "../outcome/json.ts";

const LIST = `
SELECT s.id AS schedule, a.source, s.every AS every_seconds, s.next_at, s.next_at < now() - interval '10 minutes' AS is_overdue,
  s.tried_at, s.error, a.id AS audit, a.trust_days,
  substring(a.alert_url FROM '^[a-z]+://[^/?#]+') AS alert
FROM runseal_fleet.schedule s JOIN runseal_fleet.audit a ON a.id = s.audit ORDER BY s.next_at, s.id`;

const REMOVE = "DELETE FROM runseal_fleet.schedule WHERE id::text = $1";

/** All schedules, the next one that is due first, each with its last audit. Of a webhook the host alone: its path may be a secret. */
export async function listSchedules(pool: pg.Pool): Promise<readonly JsonValue[]> {
  const { rows } = await pool.query<Readonly<Record<string, string | number | boolean | Date | null>>>(LIST);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
    ),
  );
}

/** Removes a schedule, and gives whether it was there. Its audits stay. */
export async function removeSchedule(pool: pg.Pool, id: string): Promise<boolean> {
  return (await pool.query(REMOVE, [id])).rowCount === 1;
}
