import { afterAll, describe, expect, it } from "vitest";
import { ProcessKiller, type Toll } from "../support/kill-processes.ts";
import { killControl, killScenarios } from "../support/kill-scenarios.ts";
import { KillScenes } from "../support/kill-scenes.ts";
import { killObstacle } from "../support/kill-strace.ts";
import { formatMatrix, type MatrixRow } from "../support/matrix.ts";
import { faultStep, sampleOf } from "../support/ring.ts";

const IS_FULL = process.env["RUNSEAL_FAULTS"] === "full";

/** At how many of its calls a victim is killed: a few, spread over all of them, or at each. */
const SAMPLE = IS_FULL ? Number.POSITIVE_INFINITY : 5;

/** The same where CI takes a part. */
const THINNED = 30;

const COLUMNS = ["kill points", "killed at", "nothing", "everything", "unforeseen", "broken"];

const obstacle = killObstacle();
const scenes = await KillScenes.make();
const all = await killScenarios(scenes);
const scenarios = IS_FULL ? all : sampleOf(all, 2);
const control = await killControl(scenes);
const rows: MatrixRow[] = [];
const controls: MatrixRow[] = [];

afterAll(() => {
  scenes[Symbol.dispose]();
  if (obstacle === undefined) {
    console.log(formatMatrix("kills, real processes", COLUMNS, rows, controls));
  }
});

describe("a process, killed by SIGKILL before a system call that changes something", () => {
  it.for(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    "%s: leaves what the simulation foresees: nothing or everything",
    async ([name, scenario], { skip }) => {
      skip(obstacle !== undefined, obstacle);
      const toll = await new ProcessKiller(scenario, scenes).kill(sampleSize(name));
      rows.push(rowOf(name, toll));
      expect({ unforeseen: toll.unforeseen, broken: toll.broken }).toEqual({ unforeseen: [], broken: [] });
    },
  );

  it("finds a restore that stages and renames without a journal broken", async ({ skip }) => {
    skip(obstacle !== undefined, obstacle);
    const toll = await new ProcessKiller(control, scenes).kill(IS_FULL ? SAMPLE : 2 * SAMPLE);
    controls.push(rowOf(control.name, toll));
    expect(toll.broken.length).toBeGreaterThan(0);
  });
});

/** Where the faults of reverts are thinned, so are the calls at which a process is killed. */
function sampleSize(scenario: string): number {
  return IS_FULL && faultStep(scenario) > 1 ? THINNED : SAMPLE;
}

function rowOf(name: string, toll: Toll): MatrixRow {
  const { broken, everything, kills, nothing, points, unforeseen } = toll;
  return [name, points, kills, nothing, everything, unforeseen.length, broken.length];
}
