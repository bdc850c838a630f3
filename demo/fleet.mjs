// `npm run demo:fleet`: some 200 runs in a registry, three of them bad, audited by two workers over a database. Ends with exit code 0 only
// if the three are found, each with its code. Everything is private to the demo, and is gone afterwards, also after Ctrl-C.
//
//     npm run demo:fleet -- --embedded   PGlite and an OCI layout, also where PostgreSQL and docker-registry are installed
//     npm run demo:fleet -- --runs 40    so many runs
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { push as pushRuns, seal } from "runseal";
import { postgresPrograms, query, startPglite, startPostgres } from "../packages/fleet/scene/database.mjs";
import { endFleet, environmentIn, makeKey, runFleet, startFleet } from "../packages/fleet/scene/fleet.mjs";
import { hasRegistry, makeLayouts, startRegistry } from "../packages/fleet/scene/registry.mjs";

const { values: options } = parseArgs({
  options: { embedded: { type: "boolean", default: false }, runs: { type: "string", default: "200" } },
});
const RUNS = Number(options.runs);
const REPOSITORY = "team/runs";
/** What stands in the run whose bytes rot. */
const ROTTING = "these bytes rot in storage\n";
/** The codes of the bad runs. */
const EXPECTED = {
  "run-rotten": "REGISTRY_MALFORMED",
  "run-foreign": "SIGNER_UNKNOWN",
  "run-forged": "BUNDLE_ROOT_MISMATCH",
};

/** What takes down what was started, the last one first. */
const endings = [];
const stopping = new AbortController();
const { signal } = stopping;
for (const name of ["SIGINT", "SIGTERM"])
  process.on(name, () => {
    console.log(`\n${name}: everything is taken down`);
    stopping.abort();
    void endFleet();
  });

try {
  await demo();
} catch (thrown) {
  if (!signal.aborted) throw thrown;
  process.exitCode = 130;
} finally {
  for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
}

async function demo() {
  const scene = mkdtempSync(join(tmpdir(), "runseal-fleet-demo-"));
  endings.push(() => rmSync(scene, { recursive: true, force: true }));

  title("Start a database and a registry that only this demo uses");
  const database = await started(
    options.embedded || postgresPrograms() === undefined ? startPglite : startPostgres,
  );
  const registry = await started(options.embedded || !hasRegistry() ? makeLayouts : startRegistry);
  endings.push(endFleet);
  console.log(`${database.name}, and ${registry.name} for the runs`);
  const environment = environmentIn(join(scene, "home"));
  const fleet = { ...environment, DATABASE_URL: database.url() };
  await run(fleet, 0, "migrate");

  title(`Seal and push ${RUNS} runs, three of them bad`);
  const trust = await makeRuns(scene, environment, registry);

  title("Submit an audit, and start two workers");
  const from = registry.repository(REPOSITORY);
  const { audit } = await run(fleet, 0, "submit", from, "--policy", trust, "--attempts", "2");
  startWorkers({ ...environment, DATABASE_URL: await userUrl(database, "machine", "worker") });
  await ended(fleet, audit);

  title("What the audit found");
  const { results } = JSON.parse((await runFleet(fleet, ["report", audit])).stdout);
  const found = results.filter(({ code }) => code !== "OK");
  for (const { code, run_id: id, state, worker } of found)
    console.log(`${id}: ${code} (${state} by ${worker})`);
  expect(results.length === RUNS, `the audit has ${results.length} runs`);
  const codes = Object.fromEntries(found.map(({ code, run_id: id }) => [id, code]));
  for (const [id, code] of Object.entries(EXPECTED)) expect(codes[id] === code, `${id} must be ${code}`);
  expect(found.length === Object.keys(EXPECTED).length, "no other run may be bad");
  console.log(`the other ${RUNS - found.length} runs are accepted`);
  await showPage(fleet, { ...environment, DATABASE_URL: await userUrl(database, "web", "service") });
}

/** Starts a part of the scene, and takes it down in the end. */
async function started(start) {
  const part = await start();
  endings.push(part.stop);
  return part;
}

/** Makes the runs and pushes them; then does to two of them what storage and attackers do. Gives the trust file. */
async function makeRuns(scene, environment, registry) {
  const project = join(scene, "project");
  const trust = makeKey(environment, project, "team");
  const good = Array.from({ length: RUNS - 3 }, (_, run) => `run-${run + 1}`);
  const tags = await push(environment, project, registry, [...good, "run-rotten", "run-forged"]);
  const stranger = environmentIn(join(scene, "stranger"));
  makeKey(stranger, join(scene, "elsewhere"), "stranger");
  await push(stranger, join(scene, "elsewhere"), registry, ["run-foreign"]);
  rot(registry);
  await forge(registry, tags.get("run-forged"));
  return trust;
}

/** Gives the tags of the runs. */
async function push(environment, project, registry, ids) {
  for (const id of ids) {
    const folder = join(project, id);
    mkdirSync(folder);
    writeFileSync(join(folder, "result.txt"), id === "run-rotten" ? ROTTING : `the result of ${id}\n`);
    writeFileSync(join(folder, "log.txt"), `${id} took ${id.length} minutes\n`);
    succeeded(await seal({ environment, project, paths: [folder], id, signal }));
  }
  const to = registry.repository(REPOSITORY);
  const { runs } = succeeded(await pushRuns({ environment, project, bundles: ids, to, signal }));
  return new Map(runs.map(({ tags: [tag] }, index) => [ids[index], tag]));
}

/** Changes one byte of a blob that only this run has. */
function rot(registry) {
  const blob = registry.blobs().find((file) => readFileSync(file).includes(ROTTING));
  const bytes = readFileSync(blob);
  bytes[bytes.indexOf(ROTTING)] ^= 1;
  writeFileSync(blob, bytes);
}

/** Claims other bytes of an output than were sealed, in a manifest that fits the claim. */
async function forge(registry, tag) {
  const manifest = await registry.manifestOf(REPOSITORY, tag);
  const layer = manifest.layers.find(({ annotations }) =>
    annotations["org.opencontainers.image.title"].endsWith("/OUTPUT_HASHES.json"),
  );
  const original = registry.blobs().find((file) => file.includes(layer.digest.slice("sha256:".length)));
  const forged = readFileSync(original, "utf8").replace(/[0-9a-f]{64}/, (digest) =>
    digest.split("").reverse().join(""),
  );
  layer.digest = `sha256:${await registry.put(REPOSITORY, Buffer.from(forged))}`;
  await registry.setTag(REPOSITORY, tag, manifest);
}

/** The database as a new user that may do what a worker or the service may, and no more. */
async function userUrl(database, user, part) {
  await query(database.url(), `CREATE ROLE ${user} LOGIN IN ROLE runseal_fleet_${part}`);
  return database.url(user);
}

function startWorkers(environment) {
  for (const name of ["worker-1", "worker-2"]) startFleet(environment, ["worker", "--name", name]);
}

/** Prints how far an audit is, until it has ended. */
async function ended(environment, audit) {
  for (let shown = ""; ; await sleep(500, undefined, { signal })) {
    const {
      ended_at: endedAt,
      open,
      runs,
    } = JSON.parse((await runFleet(environment, ["status", audit])).stdout);
    const line = `${runs - open} of ${runs} runs have ended`;
    if (line !== shown) console.log(line);
    shown = line;
    if (endedAt !== null) return;
  }
}

/** Starts the page of the audits. In a terminal it stays until Ctrl-C. */
async function showPage(owner, web) {
  title("Open the page of the audits");
  const { token } = await run(owner, 0, "token", "add", "--role", "read");
  const service = startFleet(web, ["serve", "--listen", "127.0.0.1:0"], ["ignore", "pipe", "inherit"]);
  const [line] = await Promise.race([
    once(service.stdout.setEncoding("utf8"), "data", { signal }),
    once(service, "close", { signal }),
  ]);
  expect(typeof line === "string", `the service ended with exit code ${line}`);
  console.log(`${JSON.parse(line).listening}/ takes the token ${token}`);
  if (!process.stdout.isTTY) return;
  console.log("Ctrl-C takes everything down");
  await once(signal, "abort");
}

/** Runs a command of the fleet, shows it, and checks its exit code. Gives the JSON that it prints. */
async function run(environment, expected, ...args) {
  console.log(`$ runseal-fleet ${args.join(" ")}`);
  const { exitCode, stderr, stdout } = await runFleet(environment, args);
  process.stdout.write(stdout + stderr);
  expect(exitCode === expected, `exit code ${exitCode} in place of ${expected}`);
  return JSON.parse(stdout);
}

function succeeded(result) {
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return result.value;
}

function title(text) {
  signal.throwIfAborted();
  console.log(`\n# ${text}`);
}

function expect(holds, problem) {
  if (!holds) throw new Error(problem);
}
