/**
 * `npm run bench:profile`: where the time of `runseal verify` goes in both of its threads, by V8's sampling profiler (--cpu-prof),
 * beside that of bare Node (bare-node.mjs), which makes the same calls for a file and does nothing else.
 *
 *     npm run bench:profile                  W2 and W3, five runs each
 *     npm run bench:profile -- --dir DIR     where the workloads go; take a file system in memory
 *
 * Prints, of all time in which a thread was busy, the shares in percent.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PREPARE_LIST } from "./peers.mjs";
import { PREPARE_RUNSEAL } from "./runseal-ways.mjs";
import { Scene } from "./scene.mjs";
import { SIZES, writeFiles } from "./workloads.mjs";

const ROUNDS = 5;
const PROFILED = '"$NODE" --cpu-prof --cpu-prof-interval 200 --cpu-prof-dir "$WORK/profiles"';

const WAYS = [
  {
    who: "runseal verify",
    line: `${PROFILED} --require "$BENCH/profiled-threads.cjs" "$RUNSEAL" verify .runseal/runs/bench`,
  },
  { who: "bare Node", line: `${PROFILED} "$BENCH/bare-node.mjs" "$WORK/half-a" "$WORK/half-b"` },
];

/** Nothing is done then. */
const IDLE = new Set(["(idle)", "wait", "untilProfilesAreWritten"]);

const CALL = /^(open|close|read|fstat|lstat|stat|write|readdir|statfs|readlink|access)/;
const HASH = /^(hash|oneShotDigest|update|digest|hexSlice|Hash)$/;
const LOAD = /compileFunction|wrapSafe|compileForInternalLoader|internalBinding/;

/** What kinds of work there are, in the order of the table. */
const KINDS = ["calls", "hashing", "the program", "loading", "collecting garbage", "Node's own"];

const { values: options } = parseArgs({
  options: { dir: { type: "string", default: fileURLToPath(new URL("../..", import.meta.url)) } },
});

console.log(`| workload | who | calls and hashing, five runs | ${KINDS.join(" | ")} |`);
console.log(`| --- | --- | --- | ${KINDS.map(() => "---").join(" | ")} |`);
for (const workload of ["W2", "W3"]) profileWorkload(workload);

function profileWorkload(workload) {
  const scene = new Scene(options.dir, workload);
  try {
    writeFiles(scene.out, workload, SIZES.full[workload]);
    scene.shell(PREPARE_LIST);
    scene.shell(PREPARE_RUNSEAL);
    const runs = WAYS.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, { line }] of WAYS.entries()) runs[index].push(sharesOf(scene, line));
    }
    for (const [index, { who }] of WAYS.entries()) console.log(rowOf(workload, who, runs[index]));
  } finally {
    scene.dispose(false);
  }
}

/** Runs a line, and gives the share of each kind of work in percent. */
function sharesOf(scene, line) {
  const folder = join(scene.env.WORK, "profiles");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  scene.shell(line);
  const profiles = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
  if (profiles.length !== 2) throw new Error(`${profiles.length} profiles in place of two threads'`);
  const times = new Map(KINDS.map((kind) => [kind, 0]));
  for (const profile of profiles) {
    const frames = new Map(profile.nodes.map(({ callFrame, id }) => [id, callFrame]));
    for (const [index, id] of profile.samples.entries()) {
      const frame = frames.get(id);
      if (IDLE.has(frame.functionName)) continue;
      const kind = kindOf(frame);
      // A sample stands for the time until the next one.
      times.set(kind, times.get(kind) + (profile.timeDeltas[index + 1] ?? 0));
    }
  }
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
  return Object.fromEntries([...times].map(([kind, time]) => [kind, (100 * time) / busy]));
}

function kindOf({ functionName, url }) {
  const isNodes = url === "" || url.startsWith("node:");
  if (functionName === "(garbage collector)") return "collecting garbage";
  if (LOAD.test(functionName) || url.startsWith("node:internal/modules")) return "loading";
  if (url.startsWith("node:internal/fs/") || ((url === "" || url === "node:fs") && CALL.test(functionName)))
    return "calls";
  if (isNodes && HASH.test(functionName)) return "hashing";
  return isNodes ? "Node's own" : "the program";
}

/** All runs' sums, and the parts of the middle one. */
function rowOf(workload, who, runs) {
  const sum = (run) => run.calls + run.hashing;
  const sorted = [...runs].sort((a, b) => sum(a) - sum(b));
  const middle = sorted[Math.floor(sorted.length / 2)];
  const sums = sorted.map((run) => sum(run).toFixed(1)).join(", ");
  return `| ${workload} | ${who} | ${sums} | ${KINDS.map((kind) => middle[kind].toFixed(1)).join(" | ")} |`;
}
