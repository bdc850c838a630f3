import { afterAll, describe, expect, it } from "vitest";
import { FaultScenes, type Scenario } from "../support/fault-scenes.ts";
import { formatMatrix, type MatrixRow } from "../support/matrix.ts";
import { listNamedFsyncs } from "../support/named-fsyncs.ts";
import { PowerCutter, sampleDisks, type Tally } from "../support/power-cuts.ts";
import {
  powerScenarios,
  recordAct,
  recordRecovery,
  recordSecond,
  type Take,
} from "../support/power-takes.ts";

const isFull = process.env["RUNSEAL_FAULTS"] === "full";

/** How much of it; `kills` and `cuts`: every so-manieth is followed by a recovery that is cut in turn. */
const { once, again, kills, cuts } = isFull
  ? { once: { all: 512, random: 128 }, again: { all: 32, random: 8 }, kills: 1, cuts: 40 }
  : { once: { all: 16, random: 4 }, again: { all: 4, random: 2 }, kills: 23, cuts: 301 };

const scenes = await FaultScenes.make();
const cutter = new PowerCutter(scenes);
const takes = await Promise.all((await powerScenarios(scenes)).map((each) => recordAct(scenes, each)));

const COLUMNS = ["cuts", "disks", "nothing", "everything", "broken"];
const rows: MatrixRow[] = [];
const controls: MatrixRow[] = [];

afterAll(() => {
  scenes[Symbol.dispose]();
  console.log(formatMatrix("power cuts", COLUMNS, rows));
  console.log(formatMatrix("without one fsync", COLUMNS, controls));
});

describe("the power is cut at every point, and any part of what was not fsynced is lost", () => {
  it.each(takes)("$scenario.name: is nothing or everything, and what was said stays so", async (take) => {
    const tally = await cutter.cutAll([take], once);
    expect(told(rows, take.scenario.name, tally).broken).toEqual([]);
  });

  it.each(takes)("recovery after a kill of $scenario.name: the same", async ({ scenario, trace }) => {
    const tally = await cutter.cutAll(await recoveries(scenario, trace.changes.length), again);
    expect(told(rows, `kill, then recovery: ${scenario.name}`, tally).broken).toEqual([]);
  });

  it.each(takes)("recovery after a power cut of $scenario.name: the same", async (take) => {
    const { name } = take.scenario;
    const recoveries: Take[] = [];
    for (const disk of sampleDisks(take, again, cuts)) {
      recoveries.push(await recordSecond(scenes, take.scenario, disk));
    }
    const tally = await cutter.cutAll(recoveries, again);
    expect(told(rows, `cut, then recovery: ${name}`, tally).broken).toEqual([]);
  });
});

describe("no fsync can be left out", () => {
  it("each one that is made has a name in the source, and each name is that of one that is made", () => {
    const made = takes.flatMap(({ trace }) => trace.changes.flatMap((change) => siteOf(change)));
    expect([...new Set(made)].sort()).toEqual([...listNamedFsyncs()].sort());
  });

  it.each(listNamedFsyncs())("without %s a cut leaves neither nothing nor everything", async (omitted) => {
    const concerned = takes.filter(({ trace }) => trace.changes.some((change) => siteOf(change) === omitted));
    let tally = await cutter.cutAll([], once);
    for (const take of concerned) {
      tally = await cutter.cutAll([take], once, isFull ? { omitted } : { omitted, enough: 1 });
      if (tally.broken.length > 0) break;
    }
    expect(told(controls, omitted, tally).broken).not.toEqual([]);
  });
});

async function recoveries(scenario: Scenario, changes: number): Promise<readonly Take[]> {
  const found: Take[] = [];
  for (let change = 1; change < changes; change += kills) {
    const take = await recordRecovery(scenes, scenario, change);
    if (take !== undefined) found.push(take);
  }
  return found;
}

function siteOf(change: Take["trace"]["changes"][number]): string | [] {
  return change.kind === "sync" ? change.site : [];
}

function told(table: MatrixRow[], name: string, tally: Tally): Tally {
  const { broken, cuts, disks, everything, nothing } = tally;
  table.push([name, cuts, disks, nothing, everything, broken.length]);
  return tally;
}
