/** The functions of the schema that workers call for schedules and alerts, with their types. Each call is one transaction. @module */

import type pg from "pg";
import type { JsonValue } from "../outcome/json.ts";
import type { ListedRuns } from "./functions.ts";

/** What to list for a schedule. */
export interface DueSchedule {
  readonly source: string;
  readonly plainHttp: boolean;
}

/** What to send, and where to. */
export interface OpenAlert {
  readonly url: string;
  readonly body: JsonValue;
}

/** What workers may ask of the database about schedules and alerts. */
export class PlanFunctions {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** What to list; undefined if the schedule is not due, or gone. */
  async scheduleOf(id: string): Promise<DueSchedule | undefined> {
    const { rows } = await this.#pool.query<{ source: string; plain_http: boolean }>(
      "SELECT * FROM runseal_fleet.schedule_of($1)",
      [id],
    );
    const [row] = rows;
    return row && { source: row.source, plainHttp: row.plain_http };
  }

  /** Submits the audit that is due, unless another worker did. */
  async submitDue(id: string, { broken, digests, more, others, runIds }: ListedRuns): Promise<void> {
    const values = [id, others, broken, more, digests, runIds];
    await this.#pool.query("SELECT runseal_fleet.submit_due($1, $2, $3, $4, $5, $6)", values);
  }

  /** Keeps why the runs could not be listed. */
  async scheduleFailed(id: string, code: string): Promise<void> {
    await this.#pool.query("SELECT runseal_fleet.schedule_failed($1, $2)", [id, code]);
  }

  /** What to send; undefined if that is done, or was given up. */
  async alertOf(id: string): Promise<OpenAlert | undefined> {
    const { rows } = await this.#pool.query<OpenAlert>("SELECT * FROM runseal_fleet.alert_of($1)", [id]);
    return rows[0];
  }

  /** Says how a try to send ended: delivered where there is no error. */
  async alertTried(id: string, error: string | undefined, isLast: boolean): Promise<void> {
    const values = [id, error ?? null, isLast];
    await this.#pool.query("SELECT runseal_fleet.alert_tried($1, $2, $3)", values);
  }
}
