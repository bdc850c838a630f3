import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { recoverTarget } from "../../../support/faults/restore-acts.ts";
import {
  AFTER,
  arrangeRevert,
  BEFORE,
  laidOut,
  planBetween,
  type RevertOrder,
  revertFolder,
} from "../../../support/faults/revert-scene.ts";
import { dyingFileSystem } from "../../../support/files/dying-file-system.ts";
import { type Call, interceptFileSystem } from "../../../support/files/faulty-file-system.ts";
import { removeTree, snapshotTree } from "../../../support/files/tree.ts";

/** A revert whose process dies at the first call that fits. */
async function killed(fits: (call: Call) => boolean): Promise<RevertOrder> {
  const order = arrangeRevert(AFTER, BEFORE);
  await revertFolder(order, dyingFileSystem(fits));
  return order;
}

/** Fits the call that gives a place its name. */
function puts(place: string): (call: Call) => boolean {
  return ({ args, name }) => name === "linkSync" && String(args[1]).endsWith(`/${place}`);
}

/** Fits the first removal after the commit. */
function cleansUp(): (call: Call) => boolean {
  let isMarked = false;
  return ({ address, name }) => {
    isMarked ||= name === "openSync" && address.endsWith("/committed");
    return isMarked && name === "unlinkSync";
  };
}

describe("a dry run of a recovery of a revert", () => {
  it.each([
    ["while things are put in place", () => puts("deleted.txt"), { end: "nothing", placed: 2 }],
    ["after the commit", cleansUp, { end: "everything" }],
  ])("reports a revert that was killed %s, and changes nothing", async (_when, fits, ended) => {
    const { target } = await killed(fits());
    const before = snapshotTree(target);
    const outcome = await recoverTarget({ target, dryRun: true });
    expect(outcome).toMatchObject({ ok: true, recovered: [{ act: "revert", ...ended }] });
    expect(snapshotTree(target)).toEqual(before);
  });
});

describe("a recovery of a revert", () => {
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

  it("makes the removal of what was set aside durable before the marker goes, also without a journal", async () => {
    const { target } = await killed(cleansUp());
    const [journal = ""] = [...snapshotTree(target).keys()].filter((path) => path.endsWith("/journal"));
    removeTree(join(target, journal));
    const calls: string[] = [];
    const noting = interceptFileSystem(({ address, name }, proceed) => {
      if (/\/(?:o\d+|committed)$/.test(address))
        calls.push(`${name} ${address.endsWith("committed") ? "marker" : "aside"}`);
      else if (name === "fsyncSync") calls.push(name);
      return proceed();
    });
    expect(await recoverTarget({ target }, noting)).toMatchObject({ ok: true });
    const removed = calls.filter((call) => call === "fsyncSync" || call.startsWith("unlinkSync"));
    const last = removed.lastIndexOf("unlinkSync aside");
    expect(last).toBeGreaterThan(0);
    expect(removed.slice(last + 1, last + 3)).toEqual(["fsyncSync", "unlinkSync marker"]);
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
    expect(snapshotTree(target)).toEqual(laidOut(AFTER));
  });
});
