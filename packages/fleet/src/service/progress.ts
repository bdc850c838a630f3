/** The progress of an audit as server-sent events. @module */

import type { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type AuditStatus, readStatus } from "../audit/read-audit.ts";
import type { Queries } from "../database/connection.ts";
import { BOUNDS } from "./bounds.ts";

/** Between two looks at an audit. Clients that follow the same audit share them. */
const LOOK_MS = 1000;

/** A comment is sent after so many looks without news, so that a proxy keeps the connection. */
const QUIET_LOOKS = 15;

/** Follows audits for clients. */
export class Progress {
  readonly #pool: Queries;
  readonly #looks = new Map<string, Promise<AuditStatus | undefined>>();
  #followers = 0;

  constructor(pool: Queries) {
    this.#pool = pool;
  }

  /** Counts a client until its answer is closed; false: too many are there. */
  enter(answer: EventEmitter): boolean {
    if (this.#followers >= BOUNDS.followers) return false;
    this.#followers++;
    answer.once("close", () => this.#followers--);
    return true;
  }

  /** A `status` whenever something changed, and `end` after the last one. */
  async *events(audit: string): AsyncGenerator<string> {
    const until = Date.now() + BOUNDS.followTime;
    let [last, quiet] = ["", 0];
    while (Date.now() < until) {
      const status = await this.#look(audit);
      if (status === undefined) return;
      const data = JSON.stringify(status);
      if (data !== last) yield `event: status\ndata: ${data}\n\n`;
      else if (++quiet % QUIET_LOOKS === 0) yield ":\n\n";
      if (status.ended_at !== null) {
        yield "event: end\ndata: {}\n\n";
        return;
      }
      last = data;
      await sleep(LOOK_MS);
    }
  }

  async #look(audit: string): Promise<AuditStatus | undefined> {
    const recent = this.#looks.get(audit);
    if (recent !== undefined) return await recent;
    const look = readStatus(this.#pool, audit).then((status) => (status.ok ? status.value : undefined));
    this.#looks.set(audit, look);
    setTimeout(() => this.#looks.delete(audit), LOOK_MS / 2).unref();
    return await look;
  }
}
