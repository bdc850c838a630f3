import "../support/command/without-proc.ts";
import { afterAll, describe, expect, it } from "vitest";
import { runCell } from "../support/faults/error-cell.ts";
import { errorScenarios } from "../support/faults/error-scenarios.ts";
import { FaultScenes } from "../support/faults/fault-scenes.ts";
import { Explorer } from "../support/faults/kill-explore.ts";
import { killScenarios } from "../support/faults/kill-scenarios.ts";
import { KillScenes } from "../support/faults/kill-scenes.ts";
import type { Fault } from "../support/files/faulty-file-system.ts";
import { Matrix } from "../support/rings/matrix.ts";

/** What is played: new roots, and one of each kind in a folder that is there. */
const ERRORS = [
  "the first restore of all",
  "restore a chain of trees",
  "restore a chain of trees, new root",
  "undo a chain of trees",
  "revert",
  "revert above half a revert",
  "recover a new root, filled",
  "recover a new root, arrived",
  "recover half a chain of trees",
];
const KILLS = [
  "restore",
  "restore a chain of trees",
  "restore a chain of trees, new root",
  "restore that fails, new root",
  "recover a new root, filled",
  "recover a new root, arrived",
  "undo",
  "revert",
  "recover half a revert",
];

/** So many calls of a row that fail in CI, and so many disks whose recovery is killed. */
const CALLS = 8;
const RECOVERIES = 2;

function chosen<Named extends { readonly name: string }>(
  names: readonly string[],
  all: readonly Named[],
): readonly Named[] {
  return names.map((name) => {
    const found = all.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no scenario is named ${name}`);
    return found;
  });
}

type Way = Omit<Fault, "at" | "errno">;

const WAYS: readonly (readonly [string, Way])[] = [
  ["one call fails", { kind: "any", when: "before", persists: false }],
  ["one call fails after its effect", { kind: "change", when: "after", persists: false }],
  ["all calls fail from then on", { kind: "any", when: "before", persists: true }],
  ["all changes fail from then on", { kind: "change", when: "after", persists: true }],
];

const scenes = await FaultScenes.make();
const killScenes = await KillScenes.make();
const errors = chosen(ERRORS, await errorScenarios(scenes)).flatMap((scenario) =>
  WAYS.map(([what, way]) => ({ name: scenario.name, what, scenario, way })),
);
const kills = chosen(KILLS, await killScenarios(killScenes)).map((scenario) => ({
  name: scenario.name,
  scenario,
}));

const errorMatrix = new Matrix("errors, by path", ["cells", "broken"]);
const killMatrix = new Matrix("kills, by path", ["kills", "recovery kills", "broken"]);

afterAll(() => {
  scenes[Symbol.dispose]();
  killScenes[Symbol.dispose]();
  errorMatrix.print();
  killMatrix.print();
});

describe("a transaction where folders are reached by their paths", () => {
  it.each(errors)("$name, $what: what is said is what is on the disk", async (row) => {
    const { name, scenario, way, what } = row;
    const undisturbed = await runCell(scenes, scenario, {
      ...way,
      at: Number.POSITIVE_INFINITY,
      errno: "EIO",
    });
    expect(undisturbed.ending).toBe("everything");
    const broken: string[] = [];
    const points = errorMatrix.draw(`${name}, ${what}`, [...undisturbed.calls.keys()], CALLS);
    for (const at of points) {
      const { calls, ending, why } = await runCell(scenes, scenario, { ...way, at, errno: "EIO" });
      if (ending === "broken") broken.push(`${at}, ${calls[at]}: ${why}`);
    }
    errorMatrix.row(`${name}, ${what}`, points.length, broken.length);
    expect(broken).toEqual([]);
    expect(points).not.toEqual([]);
  });

  it.each(kills)(
    "$name, killed before each change, recovered, and killed in that: is nothing or everything",
    async ({ name, scenario }) => {
      const generations = await new Explorer(scenario, killScenes).explore([
        killMatrix.drawer(name, RECOVERIES),
      ]);
      const broken = generations.flatMap((generation) => generation.broken);
      const [first = 0, ...later] = generations.map((generation) => generation.kills);
      killMatrix.row(
        name,
        first,
        later.reduce((sum, count) => sum + count, 0),
        broken.length,
      );
      expect(broken).toEqual([]);
      expect(generations[0]?.kills).toBeGreaterThan(0);
    },
  );
});
