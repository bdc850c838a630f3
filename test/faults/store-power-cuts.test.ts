import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { DeadSockets } from "../support/faults/kill-sockets.ts";
import { listNamedFsyncs } from "../support/faults/named-fsyncs.ts";
import { disksAfter } from "../support/faults/power-model.ts";
import { Recorder, type Trace } from "../support/faults/power-trace.ts";
import { type DiskImage, layOut, listDisk } from "../support/files/disk-image.ts";
import { makeFolder, removeTree } from "../support/files/tree.ts";
import { type Choose, Matrix, TAKES_ALL } from "../support/rings/matrix.ts";
import { lacking, STORE_ACTS, type StoreAct, untidy } from "../support/store/store-power.ts";

/** How many of the disks that one cut can leave are looked at. */
const EFFORT = TAKES_ALL ? { all: 256, random: 64 } : { all: 12, random: 4 };

/** At so many points of an act CI cuts the power. */
const CUTS = 12;

const folder = makeFolder();
const sockets = await DeadSockets.make(inside("sockets"));
let folders = 0;
const columns = ["cuts", "disks", "broken"];
const matrix = new Matrix("power cuts of stores", columns);
const omissions = new Matrix("store, without one fsync", columns);

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
  matrix.print();
  omissions.print();
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

/** What is cut: without an fsync, until one disk is broken; or at some points, and behind the last one. */
type Bounds = { readonly omitted: string } | { readonly choose: Choose };

async function cut({ act, trace }: Take, bounds: Bounds): Promise<Tally> {
  const omitted = "omitted" in bounds ? bounds.omitted : undefined;
  const points = [...trace.changes.keys()];
  const tally: Tally = { cuts: 0, disks: 0, broken: [] };
  const seen = new Set<string>();
  for (const point of [...("choose" in bounds ? bounds.choose(points) : points), points.length]) {
    tally.cuts++;
    const isOver = point === trace.changes.length;
    for (const disk of disksAfter({ trace, point, omitted }, EFFORT)) {
      const key = `${isOver} ${listDisk(disk).join("\n")}`;
      if (seen.has(key)) continue;
      seen.add(key);
      tally.disks++;
      const problems = await judge(act, disk, isOver);
      if (problems.length > 0) tally.broken.push(`${act.name}, change ${point}: ${problems.join(", ")}`);
      if (omitted !== undefined && tally.broken.length > 0) return tally;
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
  it.each(takes)(
    "$act.name: nothing that was there is lost, what was said stays so, and the next command works",
    async (take) => {
      const { name } = take.act;
      const { broken, cuts, disks } = await cut(take, { choose: matrix.drawer(name, CUTS) });
      matrix.row(name, cuts, disks, broken.length);
      expect(broken).toEqual([]);
    },
    600_000,
  );
});

describe("no fsync of a store can be left out", () => {
  const names = [...listNamedFsyncs("system/packs"), ...listNamedFsyncs("records/store")].sort();

  it("each one that is made has a name in the source, and each name is that of one that is made", () => {
    const made = new Set(
      takes.flatMap(({ trace }) => trace.changes.flatMap((change) => ("site" in change ? change.site : []))),
    );
    expect([...made].sort()).toEqual(names);
  });

  it.each(names)(
    "without %s a cut loses something",
    async (omitted) => {
      let tally: Tally | undefined;
      for (const take of takes) {
        if (!take.trace.changes.some((change) => "site" in change && change.site === omitted)) continue;
        tally = await cut(take, { omitted });
        if (tally.broken.length > 0) break;
      }
      omissions.control(omitted, tally?.cuts ?? 0, tally?.disks ?? 0, tally?.broken.length ?? 0);
      expect(tally?.broken).not.toEqual([]);
    },
    600_000,
  );
});
