/**
 * Jobs a second by number of connections: jobs of real audits, each with its fact and its verdict, by graphile-worker and the functions of
 * the schema. Nothing is fetched or hashed, so that the queue alone is measured.
 */
import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { Logger, run } from "graphile-worker";
import { openPool } from "../dist/database/connection.js";
import { WorkerFunctions } from "../dist/database/functions.js";
import { query } from "../scene/database.mjs";
import { cpuOfTree } from "./cpu.mjs";

const SUBMIT =
  "SELECT runseal_fleet.submit('127.0.0.1:1/a', false, NULL, NULL, 8, 0, 0, 0, false, $1, $2) AS audit";

/** graphile-worker listens on one connection, and asks for jobs on another, as a worker has it too. */
const OTHER_CONNECTIONS = 2;

/** Works on so many jobs with so many connections. Gives `{ connections, seconds, perSecond, cpu: { client, database } }`. */
export async function queueWith(database, { connections, jobs, verdict }) {
  const digests = Array.from({ length: jobs }, () => randomBytes(32));
  await query(database.url(), SUBMIT, [digests, digests.map((_, index) => `run-${index}`)]);
  const pool = openPool({ DATABASE_URL: database.url() }, connections + OTHER_CONNECTIONS);
  // Connecting is not part of it.
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
  for (const client of clients) client.release();
  const functions = new WorkerFunctions(pool, "measured");
  let left = jobs;
  const finished = new EventEmitter();
  const end = once(finished, "end");
  const before = { client: process.cpuUsage(), database: cpuOfTree(database.pid), at: performance.now() };
  const runner = await run({
    ...{ pgPool: pool, schema: "runseal_fleet_queue", concurrency: connections, noHandleSignals: true },
    logger: new Logger(() => () => undefined),
    taskList: {
      runseal_judge: async ({ audit, digest }) => {
        const key = { audit, digest };
        await functions.runOf(key);
        await functions.concludeAtOnce(key, { first: 0, end: 2, findings: randomBytes(14) }, verdict);
        left -= 1;
        if (left === 0) finished.emit("end");
      },
    },
  });
  await end;
  const seconds = (performance.now() - before.at) / 1000;
  const { system, user } = process.cpuUsage(before.client);
  const cpu = { client: (user + system) / 1e6, database: cpuOfTree(database.pid) - before.database };
  await runner.stop();
  await pool.end();
  return { connections, jobs, seconds, perSecond: jobs / seconds, cpu };
}
