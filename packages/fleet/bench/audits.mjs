/** Audits by one and two workers, and `runseal` over the same runs in one process. */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { query } from "../scene/database.mjs";
import { runFleet, startFleet } from "../scene/fleet.mjs";
import { cpuOf, cpuOfCommand, cpuOfTree } from "./cpu.mjs";

const RUNSEAL = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

const ENDED = `
SELECT extract(epoch FROM ended_at - submitted_at)::float AS seconds, (SELECT count(*)::integer FROM runseal_fleet.run WHERE code = 'OK' AND audit = id) AS accepted
FROM runseal_fleet.audit WHERE id = $1 AND ended_at IS NOT NULL`;
const BY_WORKER = `
SELECT worker, count(*)::integer AS facts, sum(end_row - first_row)::integer AS files
FROM runseal_fleet.fact WHERE audit = $1 GROUP BY worker ORDER BY worker`;

/** Audits a repository. Gives `{ seconds, cpu: { starts, workers, database, registry }, shares }`. */
export async function auditBy(place, workload, workers) {
  const { database, environment, registry, trust } = place;
  const env = { ...environment, DATABASE_URL: database.url() };
  await query(database.url(), "DELETE FROM runseal_fleet.process");
  const started = Array.from({ length: workers }, (_, index) =>
    startFleet(env, ["worker", "--name", `worker-${index + 1}`, "--range-files", String(workload.range)]),
  );
  const alive = async () => (await query(database.url(), "SELECT FROM runseal_fleet.process")).length;
  while ((await alive()) < workers) await sleep(50);
  const before = { database: cpuOfTree(database.pid), registry: cpuOf(registry.pid) };
  const starts = started.map(({ pid }) => cpuOf(pid));
  const from = registry.repository(workload.name);
  const submitted = await runFleet(env, ["submit", from, "--policy", trust, "--attempts", "2"]);
  if (submitted.exitCode !== 0) throw new Error(submitted.stderr);
  const { audit } = JSON.parse(submitted.stdout);
  const { accepted, seconds } = await endOf(database, audit);
  if (accepted !== workload.runs) throw new Error(`${accepted} of ${workload.runs} runs were accepted`);
  const cpu = {
    starts,
    workers: started.map(({ pid }) => cpuOf(pid)),
    database: cpuOfTree(database.pid) - before.database,
    registry: cpuOf(registry.pid) - before.registry,
  };
  await Promise.all(started.map(ended));
  return { workers, seconds, cpu, shares: await query(database.url(), BY_WORKER, [audit]) };
}

/** CPU seconds of `runseal` where it verifies the same in one process, and of its start alone. */
export function verifyAlone({ environment, registry, trust }, { name }) {
  const runseal = (...args) => cpuOfCommand(environment, [process.execPath, RUNSEAL, ...args]);
  const whole = runseal("log", registry.repository(name), "--verify", "--trust", trust);
  return { whole, start: runseal("--help") };
}

async function endOf(database, audit) {
  for (;;) {
    const [row] = await query(database.url(), ENDED, [audit]);
    if (row !== undefined) return row;
    await sleep(200);
  }
}

async function ended(child) {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await exited;
}
