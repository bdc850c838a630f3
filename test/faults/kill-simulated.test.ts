import { afterAll, describe, expect, it } from "vitest";
import { type Depth, Explorer, type Generation } from "../support/kill-explore.ts";
import { killRevertControl } from "../support/kill-reverts.ts";
import { killControl, killScenarios } from "../support/kill-scenarios.ts";
import { KillScenes } from "../support/kill-scenes.ts";
import { formatMatrix, type MatrixRow } from "../support/matrix.ts";
import { faultStep, sampleOf } from "../support/ring.ts";

/** Three kills one after the other, the second one after each first; or two. */
const FULL: Depth = [1, 3];
const BOUNDED: Depth = [5];
const IS_FULL = process.env["RUNSEAL_FAULTS"] === "full";
const DEPTH = IS_FULL ? FULL : BOUNDED;

const COLUMNS = [
  "kill points",
  "nothing",
  "everything",
  "recovery kills",
  "nothing",
  "everything",
  "disks",
  "broken",
];

const scenes = await KillScenes.make();
const all = await killScenarios(scenes);
const scenarios = IS_FULL ? all : sampleOf(all, 3);
const control = await killControl(scenes);
const revertControl = await killRevertControl(scenes);
const rows: MatrixRow[] = [];
const controls: MatrixRow[] = [];

afterAll(() => {
  scenes[Symbol.dispose]();
  console.log(formatMatrix("kills, simulated", COLUMNS, rows, controls));
});

describe("killed before each call that changes something, recovered, and killed in that again", () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    "%s: is nothing or everything, and a second recover changes nothing",
    async (_name, scenario) => {
      const generations = await new Explorer(scenario, scenes).explore(depthOf(scenario.name));
      rows.push(rowOf(scenario.name, generations));
      expect(generations.flatMap(({ broken }) => broken)).toEqual([]);
    },
  );

  it("finds a restore that stages and renames without a journal broken", async () => {
    const generations = await new Explorer(control, scenes).explore([]);
    controls.push(rowOf(control.name, generations));
    expect(generations[0]?.broken.length).toBeGreaterThan(0);
  });

  it("finds a revert that removes and writes without a journal broken", async () => {
    const generations = await new Explorer(revertControl, scenes).explore([]);
    controls.push(rowOf(`${revertControl.name}, revert`, generations));
    expect(generations[0]?.broken.length).toBeGreaterThan(0);
  });
});

/** The recoveries that are killed too. Killing those after each kill of a revert takes minutes. */
function depthOf(scenario: string): Depth {
  return DEPTH.map((every) => every * faultStep(scenario));
}

function rowOf(name: string, [first, ...later]: readonly Generation[]): MatrixRow {
  const sum = (count: (generation: Generation) => number, of: readonly (Generation | undefined)[]): number =>
    of.reduce((total, generation) => total + (generation === undefined ? 0 : count(generation)), 0);
  const kills = ({ kills }: Generation): number => kills;
  const nothing = ({ nothing }: Generation): number => nothing;
  const everything = ({ everything }: Generation): number => everything;
  return [
    name,
    ...[kills, nothing, everything].map((count) => sum(count, [first])),
    ...[kills, nothing, everything].map((count) => sum(count, later)),
    sum(({ disks }) => disks, [first, ...later]),
    sum(({ broken }) => broken.length, [first, ...later]),
  ];
}
