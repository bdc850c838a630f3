import "../support/command/without-proc.ts";
import { constants, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Act, FaultScenes } from "../support/faults/fault-scenes.ts";
import type { DiskImage } from "../support/files/disk-image.ts";
import { type Call, interceptFileSystem } from "../support/files/faulty-file-system.ts";
import { compareSnapshots, snapshotTree } from "../support/files/tree.ts";
import { Matrix } from "../support/rings/matrix.ts";

/** So many calls before which folders are exchanged, of each row. */
const CALLS = 40;

/** Looks between that at the first of two folders and the call that changes both: two at the second folder. */
const MOST_LOOKS = 2;

const scenes = await FaultScenes.make();
const matrix = new Matrix("exchanged folders, by path", ["attacks", "in the instant", "escaped"]);

afterAll(() => {
  scenes[Symbol.dispose]();
  matrix.print();
});

/** What is attacked: the folder at `at` in the container. */
const ROWS: readonly (readonly [string, Act, string, () => Promise<DiskImage>])[] = [
  ["restore, its root", scenes.restore, "root", () => Promise.resolve(scenes.foreign)],
  ["restore, a folder in it", scenes.restore, "root/keep", () => Promise.resolve(scenes.foreign)],
  ["undo, its root", scenes.undo, "root", () => scenes.after(scenes.foreign, scenes.restore)],
  ["undo, a folder in it", scenes.undo, "root/data/deep", () => scenes.after(scenes.foreign, scenes.restore)],
  ["revert, its root", scenes.revert, "root", () => Promise.resolve(scenes.changed)],
];

describe("another process of the same user exchanges a folder for a link, where folders are reached by path", () => {
  it.each(ROWS)(
    "%s: nothing changes elsewhere, but by a call that was already looked at",
    async (name, act, at, startOf) => {
      const start = await startOf();
      const undisturbed = await attack(start, act, at, Number.POSITIVE_INFINITY);
      expect(undisturbed.isOk).toBe(true);
      // Before it is opened, a link in the place of the root is what the caller named.
      const opened = undisturbed.calls.findIndex(({ address }) => address.endsWith("/root"));
      const all = [...undisturbed.calls.keys()].filter((number) => number > opened);
      const changing = all.filter((number) => changes(undisturbed.calls[number]));
      const points = new Set([
        ...matrix.draw(name, all, CALLS),
        ...matrix.draw(`${name}, changes`, changing, CALLS),
      ]);
      const escaped: string[] = [];
      let instant = 0;
      for (const point of points) {
        const { calls, isSame } = await attack(start, act, at, point);
        if (isSame) continue;
        if (isInTheInstant(calls, point)) instant++;
        else escaped.push(`${point}, ${calls[point]?.name} ${calls[point]?.address}`);
      }
      matrix.row(name, points.size, instant, escaped.length);
      expect(escaped).toEqual([]);
    },
  );

  it("control: the attack reaches the victim in the instant between look and call", async () => {
    const { calls } = await attack(scenes.foreign, scenes.restore, "root", Number.POSITIVE_INFINITY);
    const stages = calls.findIndex(({ name }) => name === "mkdirSync");
    const { isSame } = await attack(scenes.foreign, scenes.restore, "root", stages);
    expect(isSame).toBe(false);
  });
});

/** Whether a call changes a folder, or is one of the looks at it and at the other folder just before such a call. */
function isInTheInstant(calls: readonly Call[], point: number): boolean {
  const isLook = ({ name }: Call): boolean => name === "fstatSync" || name === "lstatSync";
  const looks = calls.slice(point, point + MOST_LOOKS + 1);
  return changes(looks.find((call) => !isLook(call)));
}

/** Whether a call changes a folder by a path. */
function changes(call: Call | undefined): boolean {
  if (call === undefined) return false;
  const { args, name } = call;
  if (name === "openSync") return (Number(args[1]) & constants.O_CREAT) !== 0;
  return ["linkSync", "mkdirSync", "renameSync", "rmdirSync", "symlinkSync", "unlinkSync"].includes(name);
}

/** Acts, and exchanges the folder for a link to one like it just before a call. Gives whether the other one stayed as it was. */
function attack(
  start: DiskImage,
  act: Act,
  at: string,
  point: number,
): Promise<{ calls: readonly Call[]; isOk: boolean; isSame: boolean }> {
  return scenes.use(start, (container) =>
    scenes.use(start, async (victim) => {
      mkdirSync(join(victim, at), { recursive: true });
      const before = snapshotTree(victim);
      const calls: Call[] = [];
      const fs = interceptFileSystem((call, proceed) => {
        if (calls.push(call) - 1 === point) {
          renameSync(join(container, at), join(container, "away"));
          symlinkSync(join(victim, at), join(container, at));
        }
        return proceed();
      });
      const { ok } = await act(container, fs);
      const { added, changed, removed } = compareSnapshots(before, snapshotTree(victim));
      const isSame = Object.keys(added).length + changed.length + removed.length === 0;
      return { calls, isOk: ok, isSame };
    }),
  );
}
