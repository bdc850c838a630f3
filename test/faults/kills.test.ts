import { afterAll, describe, expect, it } from "vitest";
import { type Depth, Explorer, type Generation } from "../support/faults/kill-explore.ts";
import { type Going, letPersonGoOn, recoverByInodes } from "../support/faults/kill-person.ts";
import { ProcessKiller, type Toll } from "../support/faults/kill-processes.ts";
import { killRevertControl } from "../support/faults/kill-reverts.ts";
import { killControl, killScenarios } from "../support/faults/kill-scenarios.ts";
import { type KillScenario, KillScenes } from "../support/faults/kill-scenes.ts";
import { killObstacle } from "../support/faults/kill-strace.ts";
import { type Choose, Matrix, TAKES_ALL } from "../support/rings/matrix.ts";

/** Of each row CI kills so many real processes, and the recovery of so many disks at each of its calls. */
const PROCESSES = 9;
const RECOVERIES = 7;

/** Of each row in which a person goes on, so many kills with what the person does then. */
const GOING_ON = 60;

/** Of the disks that two kills leave, all matrices take every so-manieth. */
const THIRD_KILL_STEP = 3;

const obstacle = killObstacle();
const scenes = await KillScenes.make();
const scenarios = await killScenarios(scenes);
const [control, revertControl] = [await killControl(scenes), await killRevertControl(scenes)];

const ends = ["nothing", "everything"];
const simulated = new Matrix("kills, simulated", [
  ...["kill points", ...ends, "recovery kills", ...ends, "disks", "broken"],
]);
const real = new Matrix("kills, real processes", [
  "kill points",
  "killed at",
  ...ends,
  "unforeseen",
  "broken",
]);
const going = new Matrix("killed, then a person goes on", ["points", "well", "named", "lost"]);

afterAll(() => {
  scenes[Symbol.dispose]();
  simulated.print();
  going.print();
  if (obstacle === undefined) real.print();
});

const rows = scenarios.map((scenario) => [scenario.name, scenario] as const);
const explorers = new Map<KillScenario, Explorer>();

describe("killed before each call that changes something, recovered, and killed in that again", () => {
  it.each(rows)(
    "%s: is nothing or everything, and a second recover changes nothing",
    async (name, scenario) => {
      const explorer = new Explorer(scenario, scenes);
      explorers.set(scenario, explorer);
      const generations = await explorer.explore(depthOf(name));
      simulated.row(name, ...countsOf(generations));
      expect(generations.flatMap(({ broken }) => broken)).toEqual([]);
    },
  );

  it.each([
    ["a restore that stages and renames", control],
    ["a revert that removes and writes", revertControl],
  ] as const)("finds %s without a journal broken", async (what, scenario) => {
    const generations = await new Explorer(scenario, scenes).explore([]);
    simulated.control(`${scenario.name}, ${what}`, ...countsOf(generations));
    expect(generations[0]?.broken.length).toBeGreaterThan(0);
  });
});

describe("killed, then a person edits, replaces, makes, moves or deletes files, and recovers", () => {
  const acting = rows.filter(([name, { isRecovery }]) => !isRecovery && !name.includes("new root"));

  it.each(acting)("%s: nothing that the person wrote is lost", async (name, scenario) => {
    const gone = await letPersonGoOn(scenario, scenes, going.drawer(name, GOING_ON));
    going.row(name, ...countsOfGoing(gone));
    expect(gone.lost).toEqual([]);
  });

  it("finds a recovery that removes by inodes broken", async () => {
    const [, revert] = acting.find(([name]) => name === "revert") ?? [];
    if (revert === undefined) throw new TypeError("there are reverts");
    const gone = await letPersonGoOn(revert, scenes, eachFortieth, recoverByInodes);
    going.control("control: by inodes", ...countsOfGoing(gone));
    expect(gone.lost.length).toBeGreaterThan(0);
  });
});

describe("a process, killed by SIGKILL before a system call that changes something", () => {
  it.for(rows)(
    "%s: leaves what the simulation foresees: nothing or everything",
    async ([name, scenario], { skip }) => {
      skip(obstacle !== undefined, obstacle);
      const killer = new ProcessKiller(scenario, scenes, explorers.get(scenario));
      const toll = await killer.kill(real.drawer(name, PROCESSES));
      real.row(name, ...tollOf(toll));
      expect({ unforeseen: toll.unforeseen, broken: toll.broken }).toEqual({ unforeseen: [], broken: [] });
    },
  );

  it("finds a restore that stages and renames without a journal broken", async ({ skip }) => {
    skip(obstacle !== undefined, obstacle);
    const toll = await new ProcessKiller(control, scenes).kill((points) => points);
    real.control(control.name, ...tollOf(toll));
    expect(toll.broken.length).toBeGreaterThan(0);
  });
});

const eachFortieth: Choose = (points) => points.filter((_, at) => at % 41 === 0);

/** Three kills one after the other where all points are taken, else two. */
function depthOf(row: string): Depth {
  const second = simulated.drawer(row, RECOVERIES);
  return TAKES_ALL ? [second, (disks) => disks.filter((_, at) => at % THIRD_KILL_STEP === 0)] : [second];
}

function countsOf([first, ...later]: readonly Generation[]): readonly number[] {
  const sum = (count: (generation: Generation) => number, of: readonly (Generation | undefined)[]): number =>
    of.reduce((total, generation) => total + (generation === undefined ? 0 : count(generation)), 0);
  const counts = [
    ({ kills }: Generation) => kills,
    ({ nothing }: Generation) => nothing,
    ({ everything }: Generation) => everything,
  ];
  return [
    ...counts.map((count) => sum(count, [first])),
    ...counts.map((count) => sum(count, later)),
    sum(({ disks }) => disks, [first, ...later]),
    sum(({ broken }) => broken.length, [first, ...later]),
  ];
}

function countsOfGoing({ lost, named, points, well }: Going): readonly number[] {
  return [points, well, named, lost.length];
}

function tollOf({ broken, everything, kills, nothing, points, unforeseen }: Toll): readonly number[] {
  return [points, kills, nothing, everything, unforeseen.length, broken.length];
}
