/** The progress of an audit as server-sent events. @module */

import type { Socket } from "node:net";
import { Readable } from "node:stream";
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
  readonly #followers = new Set<Readable>();

  constructor(pool: Queries) {
    this.#pool = pool;
  }

  /**
   * Follows an audit for a client, whom `isAllowed` is asked about at each look; undefined: too many are there. A client counts until its
   * events are closed. The socket is what says that it is gone: an answer that waits behind another one on it is never told.
   */
  follow(audit: string, socket: Socket, isAllowed: () => Promise<boolean>): Readable | undefined {
    if (socket.destroyed || this.#followers.size >= BOUNDS.followers) return undefined;
    const events = Readable.from(this.#events(audit, () => !socket.destroyed, isAllowed));
    const stop = (): void => void events.destroy();
    this.#followers.add(events);
    socket.once("close", stop);
    events.once("close", () => {
      this.#followers.delete(events);
      socket.off("close", stop);
    });
    return events;
  }

  /** A `status` whenever something changed, and `end` after the last one. */
  async *#events(
    audit: string,
    isThere: () => boolean,
    isAllowed: () => Promise<boolean>,
  ): AsyncGenerator<string> {
    const until = Date.now() + BOUNDS.followTime;
    let [last, quiet] = ["", 0];
    while (Date.now() < until && isThere()) {
      const status = await this.#look(audit);
      if (status === undefined || !(await isAllowed())) return;
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
