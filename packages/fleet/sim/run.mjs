/**
 * Simulates fleets of 10 to 1,000 machines with the service times in measured.json, which `bench/measure.mjs --json` writes:
 *
 *     node packages/fleet/sim/run.mjs              prints tables, and writes simulation.svg
 *     node packages/fleet/sim/run.mjs --one JSON   simulates what the JSON says over the defaults, and prints JSON
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { simulate } from "./model.mjs";
import { plot } from "./plot.mjs";

const GB = 1e9;
const MACHINES = [10, 30, 100, 300, 1000];
const EGRESS = [1.25 * GB, 12.5 * GB, 125 * GB];
/** A manifest has 97.5 bytes for a file (docs/fleet.md). */
const MANIFEST = 97.5;
/** Artifacts of a run beside that. */
const ARTIFACTS = 4000;
const LOADS = {
  "10,000,000 runs of 2 files of 1 KiB": { runs: 10_000_000, files: 2, bytes: 1024 },
  "1,000 runs of 1,000,000 files of 1 KiB": { runs: 1000, files: 1_000_000, bytes: 1024 },
  "the same, a range for each run": { runs: 1000, files: 1_000_000, bytes: 1024, rangeFiles: 1_000_000 },
};
/** Of equal small runs, so many are simulated: more of them take as long each. */
const MOST_RUNS = 100_000;
/** A tail above this share of the time is what limits, unless a part is busy for more than the other one. */
const LONG_TAIL = 0.3;
const BUSY = 0.9;

const measured = JSON.parse(readFileSync(new URL("./measured.json", import.meta.url), "utf8"));

/** The service times, from three workloads: small runs, many files, many bytes. */
function timesOf({ audits: { bytes, files, runs }, queue }) {
  const hashFile = files.service.find / files.workload.files;
  const large = bytes.workload.files * bytes.workload.bytes;
  const serveRun = runs.byOne.cpu.registry / runs.workload.runs;
  const served = files.workload.files * (files.workload.bytes + MANIFEST);
  const fast = queue.reduce((best, row) => (row.cpu.database < best.cpu.database ? row : best));
  return {
    openRun: runs.service.open,
    openFile: files.service.open / files.workload.files,
    findRun: runs.service.find,
    hashFile,
    hashByte: Math.max(0, bytes.service.find - bytes.workload.files * hashFile) / large,
    concludeFile: files.service.conclude / files.workload.files,
    serveRun,
    serveByte: Math.max(0, files.byOne.cpu.registry - serveRun) / served,
    job: fast.cpu.database / fast.jobs,
  };
}

function simulated({ load, ...fleet }) {
  return simulate({
    ...{
      databaseCores: 8,
      registryCores: 32,
      egress: EGRESS[0],
      machines: 10,
      network: 1.25 * GB,
      rangeFiles: load.rangeFiles ?? 50_000,
    },
    ...fleet,
    times: { ...timesOf(measured), ...fleet.times },
    load: { artifacts: ARTIFACTS, manifest: MANIFEST, ...load },
  });
}

function limitOf({ busy, seconds, tail }) {
  const [part, share] = Object.entries(busy).reduce((most, one) => (one[1] > most[1] ? one : most));
  return share < BUSY && tail > LONG_TAIL * seconds ? "tail" : part;
}

function duration(seconds) {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function tables() {
  console.log(`service times, CPU s: ${JSON.stringify(timesOf(measured))}`);
  const panels = Object.entries(LOADS).map(([title, load]) => {
    console.log(`\n${title}\n| machines | ${EGRESS.map((rate) => `${rate / GB} GB/s`).join(" | ")} |`);
    console.log("| --- | --- | --- | --- |");
    const share = Math.max(1, load.runs / MOST_RUNS);
    const rows = MACHINES.map((machines) =>
      EGRESS.map((egress) => {
        const found = simulated({ machines, egress, load: { ...load, runs: load.runs / share } });
        return { machines, egress, seconds: found.seconds * share, limit: limitOf(found) };
      }),
    );
    for (const row of rows) {
      const cells = row.map(({ limit, seconds }) => `${duration(seconds)}, ${limit}`);
      console.log(`| ${row[0].machines} | ${cells.join(" | ")} |`);
    }
    return { title, rows: rows.flat() };
  });
  writeFileSync(fileURLToPath(new URL("./simulation.svg", import.meta.url)), plot(panels));
}

const { values } = parseArgs({ options: { one: { type: "string" } } });
if (values.one === undefined) tables();
else console.log(JSON.stringify(simulated(JSON.parse(values.one))));
