/**
 * What durability costs a restore: 10,000 files of 16 KiB, as it is, with `--durability none`, and beside `cp -a`.
 * All of it in one run on one disk, interleaved; printed are the medians.
 *
 *     npm run build && node test/faults/restore-cost.mjs [FOLDER]     FOLDER: on the disk to measure
 */

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FILES = 10_000;
const BYTES = 16 * 1024;
const A_FOLDER = 100;
const ROUNDS = 3;

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), "runseal-cost-"));
const project = join(folder, "project");
const there = join(folder, "there");
const environment = { PATH: process.env.PATH, HOME: join(folder, "home") };

function run(command, args) {
  const { status, stderr } = spawnSync(command, args, { cwd: project, env: environment, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${status}\n${stderr}`);
}

function runseal(args) {
  run(process.execPath, [MAIN, ...args]);
}

function prepare() {
  mkdirSync(environment.HOME, { recursive: true });
  for (let index = 0; index < FILES; index++) {
    const below = join(project, "out", String(Math.floor(index / A_FOLDER)));
    if (index % A_FOLDER === 0) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, String(index)), randomBytes(BYTES));
  }
  runseal(["init", "--no-passphrase"]);
  runseal(["seal", "out", "--id", "cost"]);
}

const RESTORE = ["restore", ".runseal/runs/cost", "--to", there];

/** What is timed; each makes `there` the same tree. */
const WAYS = {
  "runseal restore": () => runseal(RESTORE),
  "runseal restore, no fsync": () => runseal([...RESTORE, "--durability", "none"]),
  "cp -a": () => run("cp", ["-a", "out", there]),
  "cp -a; sync -f": () => {
    run("cp", ["-a", "out", there]);
    run("sync", ["-f", there]);
  },
};

function time(way) {
  rmSync(there, { recursive: true, force: true });
  mkdirSync(there);
  run("sync", ["-f", folder]);
  const start = process.hrtime.bigint();
  way();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const folders = readdirSync(join(there, "out")).length;
  if (folders !== FILES / A_FOLDER) throw new Error(`${folders} folders are there`);
  return seconds;
}

function median(times) {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

try {
  prepare();
  const times = new Map(Object.keys(WAYS).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(WAYS)) times.get(name).push(time(way));
  }
  const last = median(times.get("cp -a; sync -f"));
  console.log(`${FILES} files of ${BYTES} bytes in ${FILES / A_FOLDER} folders; medians of ${ROUNDS}`);
  for (const [name, each] of times) {
    const ratio = (median(each) / last).toFixed(2);
    const all = each.map((seconds) => seconds.toFixed(2)).join(" ");
    console.log(
      `${name.padEnd(28)}${median(each).toFixed(2).padStart(7)} s  ${ratio.padStart(5)} ×  (${all})`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
