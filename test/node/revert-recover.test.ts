import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { sortUtf8 } from "../../src/core/internal.ts";
import { dyingFileSystem } from "../support/dying-file-system.ts";
import type { Call } from "../support/faulty-file-system.ts";
import { recoverTarget } from "../support/restore-acts.ts";
import {
  AFTER,
  BEFORE,
  layOutEntries,
  planBetween,
  type RevertOrder,
  revertFolder,
  writeObjects,
} from "../support/revert-scene.ts";
import { makeFolder, removeTree, snapshotTree } from "../support/tree.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) removeTree(folder);
});

/** A revert whose process dies at the first call that fits. */
async function killed(fits: (call: Call) => boolean): Promise<RevertOrder> {
  const folder = makeFolder();
  folders.push(folder);
  const target = join(folder, "root");
  layOutEntries(target, AFTER);
  const objects = writeObjects(join(folder, "objects"), BEFORE);
  const order = { target, objects, plan: planBetween(AFTER, BEFORE) };
  await revertFolder(order, dyingFileSystem(fits));
  return order;
}

/** Fits the call that gives a place its name. */
function puts(place: string): (call: Call) => boolean {
  return ({ args, name }) => name === "linkSync" && String(args[1]).endsWith(`/${place}`);
}

const moves = ({ address, name }: Call): boolean => name === "renameSync" && address.endsWith("/link");
/** Fits the first removal after the commit. */
function cleansUp(): (call: Call) => boolean {
  let isMarked = false;
  return ({ address, name }) => {
    isMarked ||= name === "openSync" && address.endsWith("/committed");
    return isMarked && name === "unlinkSync";
  };
}

describe("what a recovery would do for the journal of a revert that is to be believed", () => {
  it("lists what is put back while things are moved aside, and removes nothing", async () => {
    const { target } = await killed(moves);
    const outcome = await recoverTarget({ target, believeJournal: true });
    expect(outcome.recovered).toMatchObject([{ act: "revert", end: "nothing" }]);
    expect(outcome.recovered?.[0]?.outlook).toMatchObject({
      removes: [],
      removesIfEmpty: [],
      putsBack: ["changed.txt", "closed/locked.txt", "dir-to-file", "dir-to-link", "file-to-dir/f"],
    });
  });

  it("lists what is removed and put back when things were put in place", async () => {
    const { target } = await killed(puts("deleted.txt"));
    const { recovered: [recovery] = [] } = await recoverTarget({ target, believeJournal: true });
    expect(recovery).toMatchObject({ act: "revert", end: "nothing", placed: 2 });
    expect(recovery?.outlook?.removes).toEqual(["changed.txt", "closed/locked.txt"]);
    expect(recovery?.outlook?.putsBack).toEqual(
      sortUtf8(Object.keys(AFTER).filter((path) => !(path in BEFORE) || isReplaced(path))),
    );
    expect(recovery?.outlook?.removesIfEmpty).toContain("deleted/deep");
  });

  it("lists what stays after the commit", async () => {
    const { target } = await killed(cleansUp());
    const { recovered: [recovery] = [] } = await recoverTarget({ target, believeJournal: true });
    expect(recovery).toMatchObject({ act: "revert", end: "everything" });
    expect(recovery?.outlook).toMatchObject({ removes: [], putsBack: [], removesIfEmpty: [] });
    expect(recovery?.outlook?.keeps).toContain("changed.txt");
  });
});

function isReplaced(path: string): boolean {
  const modeOnly = ["mode-dir", "mode.txt"];
  return !modeOnly.includes(path) && JSON.stringify(AFTER[path]) !== JSON.stringify(BEFORE[path]);
}

describe("a recovery of a revert", () => {
  it("takes back one that was killed, and leaves the folder as it was", async () => {
    const { target } = await killed(puts("deleted.txt"));
    const outcome = await recoverTarget({ target });
    expect(outcome).toMatchObject({ ok: true, recovered: [{ act: "revert", end: "nothing" }] });
    expect(snapshotTree(target)).toEqual(laidOut());
  });

  it("removes nothing from staging while the only name of a file is there and the journal is missing", async () => {
    const { target } = await killed(puts("deleted.txt"));
    const [staging = ""] = [...snapshotTree(target).keys()].filter((path) => path.endsWith("/journal"));
    removeTree(join(target, staging));
    const outcome = await recoverTarget({ target });
    expect(outcome).toMatchObject({ ok: false, code: "RESTORE_UNRESOLVED" });
    expect([...snapshotTree(target).keys()].filter((path) => /\/o\d+$/.test(path)).length).toBe(
      planBetween(AFTER, BEFORE).moves.length,
    );
  });

  it("gives back what another process saved where a file was put, and goes on once the place is free", async () => {
    const { target } = await killed(puts("deleted.txt"));
    removeTree(join(target, "changed.txt"));
    writeFileSync(join(target, "changed.txt"), "saved\n");
    const outcome = await recoverTarget({ target });
    expect(outcome).toMatchObject({ code: "RESTORE_UNRESOLVED", details: { astray: ["changed.txt"] } });
    expect(snapshotTree(target).has("changed.txt")).toBe(true);
    removeTree(join(target, "changed.txt"));
    expect(await recoverTarget({ target })).toMatchObject({ ok: true });
    expect(snapshotTree(target)).toEqual(laidOut());
  });
});

function laidOut(): ReturnType<typeof snapshotTree> {
  const folder = makeFolder();
  folders.push(folder);
  layOutEntries(join(folder, "root"), AFTER);
  return snapshotTree(join(folder, "root"));
}
