/**
 * The thread that says that this process is alive, and that frees the jobs of processes that are silent. It has a connection of its own:
 * the main thread may judge a long manifest meanwhile.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import pg from "pg";
import type { BeatMessage, HeartbeatData } from "./heartbeat.ts";

/** Beats while a process counts as alive: one may be lost, and one may be late. */
const BEATS_BEFORE_LOST = 6;

/** A sweep adds the jobs of schedules, so that it is needed often. */
const LONGEST_PAUSE_MS = 20_000;

const { connectionString, id, lostAfter, name, version }: HeartbeatData = workerData;
let locks: readonly string[] = [];
let isEnding = false;
const ending = new AbortController();

parentPort?.on("message", (message: BeatMessage) => {
  if (message.kind === "locks") locks = message.locks;
  else {
    isEnding = true;
    ending.abort();
  }
});

async function beatOn(client: pg.Client): Promise<void> {
  while (!isEnding) {
    await client.query("SELECT runseal_fleet.beat($1, $2, $3, $4)", [id, name, locks, version]);
    await client.query("SELECT FROM runseal_fleet.sweep($1, make_interval(secs => $2))", [id, lostAfter]);
    await pause();
  }
}

async function pause(): Promise<void> {
  await sleep(Math.min((lostAfter * 1000) / BEATS_BEFORE_LOST, LONGEST_PAUSE_MS), undefined, {
    signal: ending.signal,
  }).catch(() => undefined);
}

while (!isEnding) {
  const client = new pg.Client({
    ...(connectionString === undefined ? {} : { connectionString }),
    application_name: "runseal-fleet heartbeat",
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  // A broken connection fails the query that uses it.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await beatOn(client);
  } catch {
    // The database is away: jobs wait for it too. The next beat connects anew.
    await pause();
  } finally {
    await client.end().catch(() => undefined);
  }
}
parentPort?.close();
