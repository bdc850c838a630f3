import { afterAll, describe, expect, it } from "vitest";
import { FaultScenes } from "../support/faults/fault-scenes.ts";
import { listNamedFsyncs } from "../support/faults/named-fsyncs.ts";
import { PowerCutter, sampleDisks, type Tally } from "../support/faults/power-cuts.ts";
import {
  killsOf,
  powerScenarios,
  recordAct,
  recordAfterCuts,
  recordAfterKills,
  stepAfter,
  type Take,
} from "../support/faults/power-takes.ts";
import { Matrix, TAKES_ALL } from "../support/rings/matrix.ts";

/** How many disks of a cut, and of a cut of a recovery, are looked at. */
const [ONCE, AGAIN] = TAKES_ALL
  ? [
      { all: 512, random: 128 },
      { all: 32, random: 8 },
    ]
  : [
      { all: 16, random: 4 },
      { all: 4, random: 2 },
    ];

/** Of each act CI cuts so many points, so many recoveries after a kill, and so many after a cut. */
const CUTS = 10;
const AFTER_KILLS = 1;
const AFTER_CUTS = 1;

/** Of the disks that are left by a cut, the recovery of every so-manieth is a point. */
const DISK_STEP = 40;

const scenes = await FaultScenes.make();
const cutter = new PowerCutter(scenes);
const takes: Take[] = [];
for (const scenario of await powerScenarios(scenes)) takes.push(await recordAct(scenes, scenario));

/** The note of a revert is in the guard's folder. These acts have only the folder that is reverted. */
const OF_GUARDS = ["revert-note [revert-note]"];

/** The fsyncs of all transactions. */
const NAMES = ["back/restore", "back/revert", "back/transaction"]
  .flatMap((folder) => listNamedFsyncs(folder))
  .filter((name) => !OF_GUARDS.includes(name));

const columns = ["cuts", "disks", "nothing", "everything", "broken"];
const matrix = new Matrix("power cuts", columns);
const omissions = new Matrix("without one fsync", columns);

afterAll(() => {
  scenes[Symbol.dispose]();
  matrix.print();
  omissions.print();
});

describe("the power is cut at every point, and any part of what was not fsynced is lost", () => {
  it.each(takes)("$scenario.name: is nothing or everything, and what was said stays so", async (take) => {
    const { name } = take.scenario;
    const tally = await cutter.cutAll([take], ONCE, { choose: matrix.drawer(name, CUTS) });
    matrix.row(name, ...countsOf(tally));
    expect(tally.broken).toEqual([]);
  });

  it.each(takes)("$scenario.name, killed, recovered, and the recovery is cut off: the same", async (take) => {
    const name = `${take.scenario.name}, killed, recovered`;
    const kills = matrix.draw(name, killsOf(take, stepAfter(take, 1)), AFTER_KILLS);
    const tally = await cutter.cutAll(recordAfterKills(scenes, take, kills), AGAIN);
    matrix.row(name, ...countsOf(tally));
    expect(tally.broken).toEqual([]);
  });

  it.each(takes)(
    "$scenario.name, cut off, recovered, and the recovery is cut off: the same",
    async (take) => {
      const name = `${take.scenario.name}, cut off, recovered`;
      const disks = [...sampleDisks(take, AGAIN, stepAfter(take, DISK_STEP))];
      const tally = await cutter.cutAll(
        recordAfterCuts(scenes, take, matrix.draw(name, disks, AFTER_CUTS)),
        AGAIN,
      );
      matrix.row(name, ...countsOf(tally));
      expect(tally.broken).toEqual([]);
    },
  );
});

describe("no fsync can be left out", () => {
  it("each one that is made has a name in the source, and each name is that of one that is made", async () => {
    const names = [...NAMES].sort();
    const made = new Set<string>();
    for await (const take of allTakes()) {
      for (const site of sitesOf(take)) made.add(site);
      if (made.size >= names.length) break;
    }
    expect([...made].sort()).toEqual(names);
  });

  it.each(NAMES)("without %s a cut leaves neither nothing nor everything", async (omitted) => {
    const enough = TAKES_ALL ? Number.POSITIVE_INFINITY : 1;
    let tally = await cutter.cutAll([], ONCE);
    for await (const take of takesWith(omitted)) {
      tally = await cutter.cutAll([take], ONCE, { omitted, enough });
      if (tally.broken.length > 0) break;
    }
    omissions.control(omitted, ...countsOf(tally));
    expect(tally.broken).not.toEqual([]);
  });
});

/** Acts, and then recoveries, those of undos and of late kills first: they have fsyncs of their own. */
async function* allTakes(): AsyncGenerator<Take> {
  yield* takes;
  for (const take of takes.toReversed()) yield* recordAfterKills(scenes, take, killsOf(take, 1).toReversed());
}

async function* takesWith(site: string): AsyncGenerator<Take> {
  for await (const take of allTakes()) if (sitesOf(take).includes(site)) yield take;
}

function sitesOf({ trace }: Take): readonly string[] {
  return trace.changes.flatMap((change) => ("site" in change ? change.site : []));
}

function countsOf({ broken, cuts, disks, everything, nothing }: Tally): readonly number[] {
  return [cuts, disks, nothing, everything, broken.length];
}
