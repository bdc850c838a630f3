/**
 * Timing: each way is run once to warm the cache, to see that it works and for its peak memory, then several times in
 * turn with the others, so that a slow minute of the machine is everybody's.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "./scene.mjs";

const TIME = "/usr/bin/time";

/** How often, by how long the first run took. */
export const ROUNDS = {
  full: (seconds) => (seconds > 60 ? 1 : seconds > 5 ? 3 : 5),
  quick: (seconds) => (seconds > 0.5 ? 1 : 3),
  startUp: () => 21,
  /** Of growth, where a thousand files and a million differ by more than runs do: what takes long is run once, and that counts. */
  growth: (seconds) => (seconds > 5 ? 0 : 3),
};

/**
 * Measures ways against each other. A way is `{ who, line, needs?, missing?, before?, after?, printsSeconds? }`; gives a
 * row for each: its times in seconds, or what is missing or failed.
 */
export function measure(scene, operation, ways, rounds) {
  const rows = ways.map((way) => firstRun(scene, operation, way));
  const todo = rows.map((row) => ("failed" in row || "missing" in row ? 0 : rounds(row.warmUp)));
  for (let round = 0; round < Math.max(...todo); round++) {
    for (const step of ways.keys()) {
      // Each round begins with another program, so that none always follows the same one.
      const index = (step + round) % ways.length;
      if (round >= todo[index]) continue;
      const failed = attempt(() => rows[index].seconds.push(timeOnce(scene, ways[index]).seconds));
      if (failed === undefined) continue;
      rows[index].failed = failed;
      todo[index] = 0;
    }
  }
  return rows.map(finish);
}

/** The middle one. */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Whether a program is on the PATH. */
export function isInstalled(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

function firstRun(scene, operation, way) {
  const row = { workload: scene.workload, operation, who: way.who, seconds: [] };
  const absent = (way.needs ?? []).filter((program) => !isInstalled(program));
  if (absent.length > 0) return { ...row, missing: `${absent.join(", ")}: not installed` };
  if (way.missing !== undefined) return { ...row, missing: way.missing };
  if (way.unprepared !== undefined) return { ...row, failed: way.unprepared };
  const failed = attempt(() => {
    const { seconds, peakBytes } = timeOnce(scene, way, existsSync(TIME));
    Object.assign(row, { warmUp: seconds, peakBytes });
  });
  return failed === undefined ? row : { ...row, failed };
}

function timeOnce(scene, way, underTime = false) {
  if (way.before !== undefined) scene.shell(way.before);
  const peakFile = join(scene.env.WORK, "peak");
  const under = underTime ? [TIME, "-v", "-o", peakFile] : [];
  const start = process.hrtime.bigint();
  const stdout = scene.shell(way.line, under);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (way.after !== undefined) scene.shell(way.after);
  return {
    seconds: way.printsSeconds === true ? Number(stdout) : seconds,
    peakBytes: underTime ? peakIn(readFileSync(peakFile, "utf8")) : undefined,
  };
}

/** The most memory that one process of the line had resident. */
function peakIn(report) {
  return Number(/Maximum resident set size \(kbytes\): (\d+)/.exec(report)?.[1]) * 1024;
}

function finish({ warmUp, ...row }) {
  if ("failed" in row || "missing" in row) return row;
  // What takes minutes is run once: that time counts.
  const seconds = row.seconds.length > 0 ? row.seconds : [warmUp];
  return { ...row, seconds, median: median(seconds) };
}
