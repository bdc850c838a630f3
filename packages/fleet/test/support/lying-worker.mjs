// A worker that lies: of a share of ranges, it says that the first output is missing. Everything else is the worker that ships.
//
//     node lying-worker.mjs SHARE
import { openPool } from "../../dist/database/connection.js";
import { work } from "../../dist/work/worker.js";

const share = Number(process.argv[2]);
const pool = openPool(process.env, 4);
const query = pool.query.bind(pool);
/** What stands for a missing output in a fact (src/audit/fact.ts). */
const MISSING = 2;

pool.query = (text, values, ...rest) => {
  if (typeof text === "string" && text.includes("runseal_fleet.found(") && Math.random() < share) {
    values[4][0] = MISSING;
    console.error("lied");
  }
  return query(text, values, ...rest);
};
const stopping = new AbortController();
process.once("SIGTERM", () => stopping.abort());
await work({
  ...{ pool, concurrency: 2, lostAfter: 30, name: "liar", rangeSize: { bytes: 1024 ** 3, rows: 4 } },
  connectionString: process.env["DATABASE_URL"],
  log: () => undefined,
  signal: stopping.signal,
});
await pool.end();
