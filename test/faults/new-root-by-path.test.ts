import "../support/without-proc.ts";
import { afterAll, describe, expect, it } from "vitest";
import { runCell } from "../support/error-cell.ts";
import { newRootErrors } from "../support/error-scenarios.ts";
import { FaultScenes } from "../support/fault-scenes.ts";
import type { Fault } from "../support/faulty-file-system.ts";
import { Explorer } from "../support/kill-explore.ts";
import { newRootKills } from "../support/kill-scenarios.ts";
import { KillScenes } from "../support/kill-scenes.ts";
import { formatMatrix, type MatrixRow } from "../support/matrix.ts";
import { SEED, sampleOf } from "../support/ring.ts";

/** Of the calls of an act, every so-manieth fails, and every so-manieth recovery is killed too. */
const IS_FULL = process.env["RUNSEAL_FAULTS"] === "full";
const EVERY_CALL = IS_FULL ? 1 : 5;
const RECOVERIES = IS_FULL ? [1] : [5];

type Way = Omit<Fault, "at" | "errno">;

const WAYS: readonly (readonly [string, Way])[] = [
  ["one call fails", { kind: "any", when: "before", persists: false }],
  ["one call fails after its effect", { kind: "change", when: "after", persists: false }],
  ["all calls fail from then on", { kind: "any", when: "before", persists: true }],
  ["all changes fail from then on", { kind: "change", when: "after", persists: true }],
];

const scenes = await FaultScenes.make();
const killScenes = await KillScenes.make();
const errors = (await newRootErrors(scenes)).flatMap((scenario) =>
  WAYS.map(([what, way]) => ({ name: scenario.name, what, scenario, way })),
);
const kills = (await newRootKills(killScenes)).map((scenario) => ({ name: scenario.name, scenario }));

const rows: MatrixRow[] = [];
const killRows: MatrixRow[] = [];

afterAll(() => {
  scenes[Symbol.dispose]();
  killScenes[Symbol.dispose]();
  console.log(formatMatrix("errors, new roots by path", ["cells", "broken"], rows));
  console.log(formatMatrix("kills, new roots by path", ["kills", "recovery kills", "broken"], killRows));
});

describe("a restore into a new root where folders are reached by their paths", () => {
  it.each(IS_FULL ? errors : sampleOf(errors, 6))(
    "$name, $what: what is said is what is on the disk",
    async ({ name, scenario, way, what }) => {
      const undisturbed = await runCell(scenes, scenario, {
        ...way,
        at: Number.POSITIVE_INFINITY,
        errno: "EIO",
      });
      expect(undisturbed.ending).toBe("everything");
      const broken: string[] = [];
      let cells = 0;
      const step = way.persists && IS_FULL ? 3 : EVERY_CALL;
      for (let at = SEED % step; at < undisturbed.calls.length; at += step) {
        const { calls, ending, why } = await runCell(scenes, scenario, { ...way, at, errno: "EIO" });
        cells++;
        if (ending === "broken") broken.push(`${at}, ${calls[at]}: ${why}`);
      }
      rows.push([`${name}, ${what}`, cells, broken.length]);
      expect(broken).toEqual([]);
      expect(cells).toBeGreaterThan(0);
    },
  );

  it.each(IS_FULL ? kills : sampleOf(kills, 2))(
    "$name, killed before each change, recovered, and killed in that: is nothing or everything",
    async ({ name, scenario }) => {
      const generations = await new Explorer(scenario, killScenes).explore(RECOVERIES);
      const broken = generations.flatMap((generation) => generation.broken);
      const [first = 0, ...later] = generations.map((generation) => generation.kills);
      killRows.push([name, first, later.reduce((sum, count) => sum + count, 0), broken.length]);
      expect(broken).toEqual([]);
      expect(generations[0]?.kills).toBeGreaterThan(0);
    },
  );
});
