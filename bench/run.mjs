/**
 * `npm run bench`: runseal beside the tools that do such work, in one run on one machine (docs/benchmarks.md).
 *
 *     npm run bench                          everything: an hour or two, 24 GiB free, a quiet machine
 *     npm run bench -- --quick               the same shapes, small: a minute or two, to see that it works
 *     npm run bench -- --only W2,CH          some of START W1 TWO W2 W3 W4 S2 S3 S4 GUARD CARRY CH G-FILES G-BYTES G-BUNDLES
 *     npm run bench -- --dir DIR --keep      where the workloads go; leave them there
 *
 * Prints tables, and writes bench/results/DATE.json and DATE.svg.
 */
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { GROUPS } from "./groups.mjs";
import { judge } from "./judge.mjs";
import { describeMachine, warnIfBusy } from "./machine.mjs";
import { ROUNDS } from "./measure.mjs";
import { plotGrowth } from "./plot.mjs";
import { Interrupted } from "./scene.mjs";
import { tablesOf, targetTable } from "./table.mjs";
import { SIZES } from "./workloads.mjs";

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
const RESULTS = join(REPOSITORY, "bench/results");
const GIB = 2 ** 30;

/** What must be free for a quick run, and for groups of a full one: all tools' copies of their files at once. */
const FREE_GIB = {
  quick: 4,
  full: {
    START: 1,
    W1: 24,
    TWO: 20,
    W2: 4,
    W3: 7,
    W4: 7,
    S2: 4,
    S3: 9,
    S4: 12,
    GUARD: 6,
    CARRY: 18,
    CH: 2,
    "G-FILES": 24,
    "G-BYTES": 24,
    "G-BUNDLES": 7,
  },
};

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: Object.keys(GROUPS).join(",") },
    dir: { type: "string", default: join(REPOSITORY, "..") },
    keep: { type: "boolean", default: false },
  },
});

// Ctrl-C ends the command that is being measured; then this program cleans up behind itself.
process.on("SIGINT", () => undefined);
process.exitCode = main();

function main() {
  const names = options.only.split(",");
  const unknown = names.filter((name) => !Object.hasOwn(GROUPS, name));
  if (unknown.length > 0)
    return refuse(`--only takes ${Object.keys(GROUPS).join(", ")}: not ${unknown.join(", ")}`);
  const extent = options.quick ? "quick" : "full";
  const free = freeBytes(options.dir) / GIB;
  const wanted = options.quick ? FREE_GIB.quick : Math.max(...names.map((name) => FREE_GIB.full[name]));
  if (free < wanted) {
    return refuse(`${options.dir}: ${wanted} GiB must be free, ${Math.floor(free)} are`);
  }
  const busy = warnIfBusy();
  if (busy !== undefined) console.error(`bench: ${busy}`);
  const folder = mkdtempSync(join(options.dir, "runseal-bench-"));
  try {
    return runGroups(names, extent, folder);
  } catch (thrown) {
    if (thrown instanceof Interrupted) return 130;
    throw thrown;
  } finally {
    if (options.keep) console.error(`bench: kept ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

function runGroups(names, extent, folder) {
  const say = (text) => console.error(`bench: ${text}`);
  const run = { folder, keep: options.keep, sizes: SIZES[extent], rounds: ROUNDS[extent], say };
  const date = `${new Date().toISOString().slice(0, 16).replace(":", "")}${options.quick ? "-quick" : ""}`;
  const results = {
    date,
    quick: options.quick,
    machine: describeMachine(folder, REPOSITORY),
    rows: [],
    targets: [],
  };
  for (const name of names) {
    const rows = GROUPS[name](run);
    results.rows.push(...rows);
    results.targets = judge(results.rows);
    console.log(`${tablesOf(rows)}\n`);
    // After each group, for the next may be what fills the disk.
    writeResults(results);
  }
  const workloads = names.map((name) => name.split("-")[0]);
  const judged = results.targets.filter(({ workload }) => workloads.includes(workload.split("-")[0]));
  console.log(`### Targets\n\n${targetTable(judged)}`);
  return 0;
}

function writeResults(results) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${results.date}.json`), `${JSON.stringify(results, null, 2)}\n`);
  const plot = plotGrowth(results.rows);
  if (plot !== undefined) writeFileSync(join(RESULTS, `${results.date}.svg`), plot);
}

function freeBytes(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function refuse(text) {
  console.error(`bench: ${text}`);
  return 2;
}
