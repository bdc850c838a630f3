/**
 * What the fleet costs (docs/fleet.md), with PostgreSQL and docker-registry on this machine:
 *
 *     node packages/fleet/bench/measure.mjs                minutes, on a quiet machine
 *     node packages/fleet/bench/measure.mjs --quick        the same shapes, small: to see that it works
 *     node packages/fleet/bench/measure.mjs --only files   some of runs files bytes queue
 *     node packages/fleet/bench/measure.mjs --json FILE    keep the figures, for the simulation
 *
 * CPU seconds are of whole processes, start included. PostgreSQL waits for no disk (fsync=off), and all files are in memory where
 * /dev/shm has room for them.
 */
import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const MIB = 2 ** 20;
const SHARED_MEMORY = "/dev/shm";
/** The files of the largest workload, with what is made of them. */
const ROOM = 6144 * MIB;
if (existsSync(SHARED_MEMORY)) {
  const { bavail, bsize } = statfsSync(SHARED_MEMORY);
  if (bavail * bsize > ROOM) process.env.TMPDIR = SHARED_MEMORY;
}
const { query, startPostgres } = await import("../scene/database.mjs");
const { endFleet, environmentIn, makeKey, runFleet } = await import("../scene/fleet.mjs");
const { startRegistry } = await import("../scene/registry.mjs");
const { auditBy, verifyAlone } = await import("./audits.mjs");
const { queueWith } = await import("./queue.mjs");
const { serviceTimes } = await import("./service-times.mjs");
const { makeRuns } = await import("./workload.mjs");

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "runs,files,bytes,queue" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
/** Of more runs, `runseal` alone verifies so many: in one process all of them would take minutes. */
const MOST_ALONE = 400;
/** About those of a verdict in JSON. */
const VERDICT_BYTES = 1300;
const FULL = {
  workloads: [
    { name: "runs", runs: 2000, files: 2, bytes: 1024, range: 50_000 },
    { name: "files", runs: 1, files: 200_000, bytes: 1024, range: 50_000 },
    { name: "bytes", runs: 1, files: 8, bytes: 64 * MIB, range: 2 },
  ],
  queue: { jobs: 2000, connections: [1, 4, 16, 64, 256, 1000] },
};
const QUICK = {
  workloads: [
    { name: "runs", runs: 60, files: 2, bytes: 1024, range: 50_000 },
    { name: "files", runs: 1, files: 100_000, bytes: 1024, range: 25_000 },
    { name: "bytes", runs: 1, files: 8, bytes: 8 * MIB, range: 2 },
  ],
  queue: { jobs: 400, connections: [1, 16, 100] },
};
const extent = options.quick ? QUICK : FULL;
const endings = [];
for (const name of ["SIGINT", "SIGTERM"])
  process.once(name, () => void takeDown().then(() => process.exit(130)));
try {
  await measure();
} finally {
  await takeDown();
}

async function measure() {
  const [load] = loadavg();
  console.log(
    `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, load ${load.toFixed(1)} at the start`,
  );
  const place = await setUp();
  const audits = {};
  const only = options.only.split(",");
  for (const workload of extent.workloads.filter(({ name }) => only.includes(name))) {
    await makeRuns(place, workload);
    const alone = await measureAlone(place, workload);
    const byOne = await auditBy(place, workload, 1);
    if (workload.name === "runs") await printSpace(place.database, workload.runs);
    const byTwo = await auditBy(place, workload, 2);
    const service = await serviceTimes(place, workload);
    audits[workload.name] = { workload, alone, byOne, byTwo, service };
    printAudits(audits[workload.name]);
  }
  const queue = only.includes("queue") ? await measureQueue(place.database) : [];
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ load, audits, queue }, null, 2)}\n`);
  console.log(`\nmeasured in ${Math.round(performance.now() / 1000)} s`);
}

/** `runseal` alone over all runs, or over some of many, from which it is counted up to all. */
async function measureAlone(place, workload) {
  if (workload.runs <= MOST_ALONE) return verifyAlone(place, workload);
  const some = { ...workload, name: `${workload.name}-alone`, runs: MOST_ALONE };
  await makeRuns(place, some);
  const { start, whole } = verifyAlone(place, some);
  return { start, whole: start + ((whole - start) * workload.runs) / MOST_ALONE };
}

async function measureQueue(database) {
  const verdict = {
    code: "OK",
    json: { files: 2, verdict: "v".repeat(VERDICT_BYTES) },
    artifacts: Buffer.alloc(32),
    version: "0",
  };
  const rows = [];
  console.log(
    "\n| jobs at once | jobs a second | CPU ms a job: PostgreSQL | client |\n| --- | --- | --- | --- |",
  );
  for (const connections of extent.queue.connections) {
    const row = await queueWith(database, { connections, jobs: extent.queue.jobs, verdict });
    rows.push(row);
    const each = (seconds) => ((seconds * 1000) / row.jobs).toFixed(2);
    console.log(
      `| ${connections} | ${Math.round(row.perSecond)} | ${each(row.cpu.database)} | ${each(row.cpu.client)} |`,
    );
  }
  return rows;
}

async function setUp() {
  const scene = mkdtempSync(join(tmpdir(), "fleet-bench-"));
  endings.push(() => rmSync(scene, { recursive: true, force: true }));
  const database = await startPostgres({ connections: 1100 });
  endings.push(database.stop);
  const registry = await startRegistry();
  endings.push(registry.stop, endFleet);
  const environment = environmentIn(join(scene, "home"));
  const trust = makeKey(environment, join(scene, "key"), "team");
  const { exitCode, stderr } = await runFleet({ ...environment, DATABASE_URL: database.url() }, ["migrate"]);
  if (exitCode !== 0) throw new Error(stderr);
  return { database, environment, registry, scene, storage: registry.storage, trust };
}

function printAudits({ alone, byOne, byTwo, service, workload: { bytes, files, name, runs } }) {
  console.log(
    `\n${name}: ${runs} run(s) of ${files} files of ${bytes} bytes. \`runseal\` alone: ${alone.whole.toFixed(2)} CPU s, of them ${alone.start.toFixed(2)} for its start`,
  );
  console.log(
    "| workers | seconds | CPU s: workers | PostgreSQL | docker-registry | workers ÷ alone | facts; files of each worker |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  for (const { cpu, seconds, shares, workers } of [byOne, byTwo]) {
    const sum = cpu.workers.reduce((one, other) => one + other, 0);
    const start = cpu.starts.reduce((one, other) => one + other, 0);
    const each = cpu.workers.map((one) => one.toFixed(2)).join(" + ");
    const work = shares.map((share) => `${share.facts}; ${share.files}`).join(" / ");
    console.log(
      `| ${workers} | ${seconds.toFixed(2)} | ${each} | ${cpu.database.toFixed(2)} | ${cpu.registry.toFixed(2)} | ${(sum / alone.whole).toFixed(2)} (${((sum - start) / (alone.whole - alone.start)).toFixed(2)} without starts) | ${work} |`,
    );
  }
  const parts = Object.entries(service).map(([part, seconds]) => `${part} ${(seconds * 1000).toFixed(1)}`);
  console.log(`CPU ms a run in one process: ${parts.join(", ")}`);
  console.log(`speed-up by the clock: ${(byOne.seconds / byTwo.seconds).toFixed(2)}`);
}

/** Rows and bytes that an audit of so many runs leaves, indexes included. */
async function printSpace(database, runs) {
  console.log("\n| table | rows a run | bytes a run |\n| --- | --- | --- |");
  for (const table of ["run", "fact"]) {
    const [{ bytes, rows }] = await query(
      database.url(),
      `SELECT pg_total_relation_size('runseal_fleet.${table}')::float AS bytes, count(*)::float AS rows FROM runseal_fleet.${table}`,
    );
    console.log(`| ${table} | ${(rows / runs).toFixed(1)} | ${Math.round(bytes / runs)} |`);
  }
}

async function takeDown() {
  for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
}
