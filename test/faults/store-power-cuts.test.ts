import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type DiskImage, layOut, listDisk } from "../support/disk-image.ts";
import { DeadSockets } from "../support/kill-sockets.ts";
import { formatMatrix, type MatrixRow } from "../support/matrix.ts";
import { listNamedFsyncs } from "../support/named-fsyncs.ts";
import { disksAfter } from "../support/power-model.ts";
import { Recorder, type Trace } from "../support/power-trace.ts";
import { sampleOf } from "../support/ring.ts";
import { lacking, STORE_ACTS, type StoreAct, untidy } from "../support/store-power.ts";
import { makeFolder, removeTree } from "../support/tree.ts";

const isFull = process.env["RUNSEAL_FAULTS"] === "full";

/** How many of the disks that one cut can leave are looked at. */
const EFFORT = isFull ? { all: 256, random: 64 } : { all: 12, random: 4 };

const folder = makeFolder();
const sockets = await DeadSockets.make(inside("sockets"));
let folders = 0;
const rows: MatrixRow[] = [];
const controls: MatrixRow[] = [];
const COLUMNS = ["cuts", "disks", "broken"];

function inside(name: string): string {
  const made = join(folder, name);
  mkdirSync(made);
  return made;
}

/** An act as it was recorded, undisturbed. */
interface Take {
  readonly act: StoreAct;
  readonly trace: Trace;
}

const takes: Take[] = [];
for (const act of STORE_ACTS) takes.push({ act, trace: await record(act) });

afterAll(() => {
  removeTree(folder);
  console.log(formatMatrix("power cuts of stores", COLUMNS, rows));
  console.log(formatMatrix("without one fsync", COLUMNS, controls));
});

async function record(act: StoreAct): Promise<Trace> {
  const container = inside(`record-${folders++}`);
  await act.prepare(container);
  const recorder = new Recorder(container);
  await act.act(container, recorder.fs);
  return recorder;
}

interface Tally {
  cuts: number;
  disks: number;
  readonly broken: string[];
}

/** Cuts the power at every point. As soon as one disk is broken, `untilBroken` ends it. */
async function cut({ act, trace }: Take, omitted: string | undefined, untilBroken = false): Promise<Tally> {
  const tally: Tally = { cuts: 0, disks: 0, broken: [] };
  const seen = new Set<string>();
  for (let point = 0; point <= trace.changes.length; point++) {
    tally.cuts++;
    const isOver = point === trace.changes.length;
    for (const disk of disksAfter({ trace, point, omitted }, EFFORT)) {
      const key = `${isOver} ${listDisk(disk).join("\n")}`;
      if (seen.has(key)) continue;
      seen.add(key);
      tally.disks++;
      const problems = await judge(act, disk, isOver);
      if (problems.length > 0) tally.broken.push(`${act.name}, change ${point}: ${problems.join(", ")}`);
      if (untilBroken && tally.broken.length > 0) return tally;
    }
  }
  return tally;
}

async function judge(act: StoreAct, disk: DiskImage, isOver: boolean): Promise<readonly string[]> {
  const container = join(folder, `disk-${folders++}`);
  layOut(disk, container, sockets);
  try {
    const problems = [...lacking(container, isOver ? act.after : act.before)];
    if (isOver && act.removesPacks !== true) problems.push(...untidy(container));
    await act.next(container);
    return [...problems, ...lacking(container, act.after), ...untidy(container)];
  } catch (thrown) {
    return [`what comes next fails: ${String(thrown)}`];
  } finally {
    removeTree(container);
  }
}

describe("the power is cut at every point of what writes to a store, and any part of what was not fsynced is lost", () => {
  it.each(isFull ? takes : sampleOf(takes, 3))(
    "$act.name: nothing that was there is lost, what was said stays so, and the next command works",
    async (take) => {
      const { broken, cuts, disks } = await cut(take, undefined);
      rows.push([take.act.name, cuts, disks, broken.length]);
      expect(broken).toEqual([]);
    },
    600_000,
  );
});

describe("no fsync of a store can be left out", () => {
  const names = [...listNamedFsyncs("packs"), ...listNamedFsyncs("store")].sort();

  it("each one that is made has a name in the source, and each name is that of one that is made", () => {
    const made = new Set(
      takes.flatMap(({ trace }) => trace.changes.flatMap((change) => ("site" in change ? change.site : []))),
    );
    expect([...made].sort()).toEqual(names);
  });

  it.each(isFull ? names : sampleOf(names, 2))(
    "without %s a cut loses something",
    async (omitted) => {
      let tally: Tally | undefined;
      for (const take of takes) {
        if (!take.trace.changes.some((change) => "site" in change && change.site === omitted)) continue;
        tally = await cut(take, omitted, true);
        if (tally.broken.length > 0) break;
      }
      controls.push([omitted, tally?.cuts ?? 0, tally?.disks ?? 0, tally?.broken.length ?? 0]);
      expect(tally?.broken).not.toEqual([]);
    },
    600_000,
  );
});
