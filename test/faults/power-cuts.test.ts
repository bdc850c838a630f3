import { afterAll, describe, expect, it } from "vitest";
import { FaultScenes } from "../support/fault-scenes.ts";
import { formatMatrix, type MatrixRow } from "../support/matrix.ts";
import { listNamedFsyncs } from "../support/named-fsyncs.ts";
import { PowerCutter, sampleDisks, type Tally } from "../support/power-cuts.ts";
import {
  pointStep,
  powerScenarios,
  recordAct,
  recordAfterCuts,
  recordAfterKills,
  stepAfter,
  type Take,
} from "../support/power-takes.ts";
import { faultStep, REVERT_STEP, sampleOf } from "../support/ring.ts";

const isFull = process.env["RUNSEAL_FAULTS"] === "full";

/**
 * How many disks of a cut, and of a cut of a recovery; and which recoveries are cut: those after every so-manieth
 * `kill`, and those of every so-manieth disk that is left by a `cut`.
 */
const { once, again, kill, cut } = isFull
  ? { once: { all: 512, random: 128 }, again: { all: 32, random: 8 }, kill: 1, cut: 40 }
  : { once: { all: 16, random: 4 }, again: { all: 4, random: 2 }, kill: 23, cut: 301 };

const scenes = await FaultScenes.make();
const cutter = new PowerCutter(scenes);
const takes: Take[] = [];
for (const scenario of await powerScenarios(scenes)) takes.push(await recordAct(scenes, scenario));
const drawn = isFull ? takes : sampleOf(takes, 2);

/** The note of a revert is in the guard's folder. These acts have only the folder that is reverted. */
const OF_GUARDS = ["revert-note [revert-note]"];

/** The fsyncs of all transactions. */
const NAMES = [...listNamedFsyncs("restore"), ...listNamedFsyncs("revert")].filter(
  (name) => !OF_GUARDS.includes(name),
);

const COLUMNS = ["cuts", "disks", "nothing", "everything", "broken"];
const rows: MatrixRow[] = [];
const controls: MatrixRow[] = [];

afterAll(() => {
  scenes[Symbol.dispose]();
  console.log(formatMatrix("power cuts", COLUMNS, rows));
  console.log(formatMatrix("without one fsync", COLUMNS, controls));
});

describe("the power is cut at every point, and any part of what was not fsynced is lost", () => {
  it.each(drawn)("$scenario.name: is nothing or everything, and what was said stays so", async (take) => {
    const tally = await cutter.cutAll([take], once, { every: pointsOf(take) });
    expect(told(rows, take.scenario.name, tally).broken).toEqual([]);
  });

  it.each(drawn)("$scenario.name, killed, recovered, and the recovery is cut off: the same", async (take) => {
    const tally = await cutter.cutAll(recordAfterKills(scenes, take, thinned(take, kill)), again);
    expect(told(rows, `${take.scenario.name}, killed, recovered`, tally).broken).toEqual([]);
  });

  it.each(drawn)(
    "$scenario.name, cut off, recovered, and the recovery is cut off: the same",
    async (take) => {
      const disks = sampleDisks(take, again, thinned(take, cut));
      const tally = await cutter.cutAll(recordAfterCuts(scenes, take, disks), again);
      expect(told(rows, `${take.scenario.name}, cut off, recovered`, tally).broken).toEqual([]);
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

  it.each(isFull ? NAMES : sampleOf(NAMES, 2))(
    "without %s a cut leaves neither nothing nor everything",
    async (omitted) => {
      const enough = isFull && REVERT_STEP === 1 ? Number.POSITIVE_INFINITY : 1;
      let tally = await cutter.cutAll([], once);
      for await (const take of takesWith(omitted)) {
        tally = await cutter.cutAll([take], once, { omitted, enough });
        if (tally.broken.length > 0) break;
      }
      expect(told(controls, omitted, tally).broken).not.toEqual([]);
    },
  );
});

/** At which points of a take the power is cut: every so-manieth. */
function pointsOf(take: Take): number {
  return isFull ? faultStep(take.scenario.name) : pointStep(take);
}

/** Which recoveries after a take are cut: every so-manieth. */
function thinned(take: Take, step: number): number {
  return stepAfter(take, step) * faultStep(take.scenario.name);
}

/** Acts, and then recoveries, those of undos first: they have fsyncs of their own. */
async function* allTakes(): AsyncGenerator<Take> {
  yield* takes;
  for (const take of takes.toReversed()) yield* recordAfterKills(scenes, take, 1);
}

async function* takesWith(site: string): AsyncGenerator<Take> {
  for await (const take of allTakes()) if (sitesOf(take).includes(site)) yield take;
}

function sitesOf({ trace }: Take): readonly string[] {
  return trace.changes.flatMap((change) => ("site" in change ? change.site : []));
}

function told(table: MatrixRow[], name: string, tally: Tally): Tally {
  const { broken, cuts, disks, everything, nothing } = tally;
  table.push([name, cuts, disks, nothing, everything, broken.length]);
  return tally;
}
