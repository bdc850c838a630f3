import { appendFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InterruptedRestore } from "../../src/node/restore/interrupted-restore.ts";
import { recoverTarget } from "../../src/node/restore/recover-target.ts";
import { LOCK_NAME } from "../../src/node/restore/root-lock.ts";
import { undoRestore } from "../../src/node/restore/undo.ts";
import { anyFiles } from "../support/arbitrary-tree.ts";
import { whileBusy } from "../support/busy-root.ts";
import { dyingFileSystem, unlinks } from "../support/dying-file-system.ts";
import {
  type Call,
  interceptFileSystem,
  meddlingFileSystem,
  puts,
  systemError,
} from "../support/faulty-file-system.ts";
import { changesOf, openDescriptors, Scene, UNCHANGED } from "../support/restore-scene.ts";
import { snapshotTree } from "../support/tree.ts";

const arrives = ({ args, name }: Call): boolean => name === "renameSync" && String(args[1]).endsWith("/new");

/** A restore into a root that is there, killed with one file in place; gives the root. */
async function killedInside(scene: Scene, target: string = scene.existingTarget()): Promise<string> {
  await scene.restore(target, dyingFileSystem(puts("run")));
  return target;
}

/** A restore that was to make a root, killed just before; gives that root, which is not there. */
async function killedBeside(scene: Scene): Promise<string> {
  const target = scene.newTarget();
  await scene.restore(target, dyingFileSystem(arrives), { mkdir: true });
  expect(stagingsIn(dirname(target))).toHaveLength(1);
  return target;
}

/** A restore killed when all was in place and committed; gives the root. */
async function killedCommitted(scene: Scene): Promise<string> {
  const target = scene.existingTarget();
  await scene.restore(target, dyingFileSystem(unlinks("f0")));
  return target;
}

function stagingsIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => /^\.spectrum06_(staging|new)_/.test(name));
}

describe("recover tells of each restore that it found (PROTOCOL 13.9)", () => {
  it("its staging folder by name, in the root and beside one that was to be made", async () => {
    using scene = new Scene();
    const inside = await killedInside(scene);
    const [staging] = stagingsIn(inside);
    expect(await recoverTarget({ target: inside })).toMatchObject({ ok: true, recovered: [{ staging }] });
    const beside = await killedBeside(scene);
    const [treeStaging] = stagingsIn(dirname(beside));
    expect(await recoverTarget({ target: beside })).toMatchObject({
      ok: true,
      recovered: [{ staging: treeStaging, act: "new-root", end: "nothing" }],
      isThere: false,
    });
  });

  it.each(["in the root", "beside it"])("that its journal is damaged, and where: %s", async (where) => {
    using scene = new Scene();
    const isInside = where === "in the root";
    const target = await (isInside ? killedInside(scene) : killedBeside(scene));
    const holder = isInside ? target : dirname(target);
    const [staging = ""] = stagingsIn(holder);
    appendFileSync(join(holder, staging, "journal"), "x");
    const { change, value } = await changesOf(holder, () => recoverTarget({ target }));
    expect(value).toMatchObject({
      code: "RESTORE_UNRESOLVED",
      recovered: [{ staging, act: undefined, end: "damaged" }],
      wrote: false,
    });
    // The lock of a dead owner is nobody's.
    const removed = isInside ? [LOCK_NAME] : [];
    expect(change).toEqual({ ...UNCHANGED, removed });
  });

  it("that all is in place and in doubt: RESTORE_IN_DOUBT; asked again, the disk may say yes", async () => {
    using scene = new Scene();
    const target = await killedCommitted(scene);
    const doubtful = meddlingFileSystem(
      ({ name }) => name === "fsyncSync",
      ({ name }) => {
        throw systemError("EIO", name);
      },
    );
    expect(await recoverTarget({ target }, doubtful)).toMatchObject({
      code: "RESTORE_IN_DOUBT",
      recovered: [{ end: "in-doubt" }],
    });
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "everything" }] });
    expect(stagingsIn(target)).toEqual([]);
  });

  it("what it recovered beside a root, where somebody is at work in the root: RESTORE_BUSY", async () => {
    using scene = new Scene();
    const target = await killedBeside(scene);
    mkdirSync(target);
    const outcome = await whileBusy(target, () => recoverTarget({ target }));
    expect(outcome).toMatchObject({
      code: "RESTORE_BUSY",
      phase: "PREFLIGHT",
      recovered: [{ act: "new-root", end: "nothing" }],
      wrote: true,
    });
    expect(stagingsIn(dirname(target))).toEqual([]);
  });

  it("what it had recovered when the disk failed", async () => {
    using scene = new Scene();
    const target = await killedInside(scene);
    const [first] = stagingsIn(target);
    mkdirSync(join(target, ".spectrum06_staging_ffffffff-0000-4000-8000-000000000000"), { mode: 0o700 });
    let journals = 0;
    const failing = interceptFileSystem(({ address, name }, proceed) => {
      if (name === "openSync" && address.endsWith("/journal") && ++journals === 2)
        throw systemError("EIO", name);
      return proceed();
    });
    const descriptors = openDescriptors();
    expect(await recoverTarget({ target }, failing)).toMatchObject({
      code: "RESTORE_INTERNAL_ERROR",
      details: { reason: "input-output" },
      recovered: [{ staging: first, end: "nothing" }],
      wrote: true,
    });
    expect(openDescriptors()).toEqual(descriptors);
  });

  it("nothing where there is nothing, and whether the folder is there at all", async () => {
    using scene = new Scene();
    const [there, absent] = [scene.existingTarget(), scene.newTarget()];
    expect(await recoverTarget({ target: there })).toEqual({ ok: true, recovered: [], isThere: true });
    expect(await recoverTarget({ target: absent })).toEqual({ ok: true, recovered: [], isThere: false });
  });
});

describe("recover leaves alone what no restore can have made (PROTOCOL 13.9)", () => {
  it.each(["fstatSync", "readdirSync", "lstatSync", "openSync"] as const)(
    "and holds nothing open where %s fails in its folder",
    async (name) => {
      using scene = new Scene();
      const target = await killedInside(scene);
      let isInside = false;
      const failing = interceptFileSystem((call, proceed) => {
        if (isInside && call.name === name) throw systemError("EIO", name);
        const answer = proceed();
        isInside ||= call.name === "openSync" && /\.spectrum06_staging_[0-9a-f-]+$/.test(call.address);
        return answer;
      });
      const descriptors = openDescriptors();
      await recoverTarget({ target, dryRun: true }, failing);
      expect(openDescriptors()).toEqual(descriptors);
      expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    },
  );
});

describe("a root that is being made (PROTOCOL 13.9)", () => {
  it("has its tree durably in the staging folder before a journal says that there is one", async () => {
    using scene = new Scene();
    const order: string[] = [];
    const fs = interceptFileSystem(({ address, name }, proceed) => {
      if (name === "mkdirSync" && address.endsWith("/root")) order.push("tree");
      if (name === "fsyncSync") order.push("sync");
      if (name === "openSync" && address.endsWith("/journal.new")) order.push("journal");
      return proceed();
    });
    await scene.restore(scene.newTarget(), fs, { mkdir: true });
    expect(order.slice(0, 3)).toEqual(["tree", "sync", "journal"]);
  });
});

describe("a dry run above a restore that was killed (PROTOCOL 13.9)", () => {
  it.each(["restore", "undo"] as const)(
    "of %s can't tell what a recovery would leave: RESTORE_UNRESOLVED",
    async (act) => {
      using scene = new Scene();
      const target = await killedInside(scene);
      const acts: Record<typeof act, () => Promise<unknown>> = {
        restore: () => scene.restore(target, undefined, { dryRun: true }),
        undo: () => undoRestore({ target, dryRun: true }),
      };
      const { change, value } = await changesOf(target, acts[act]);
      expect(value).toMatchObject({ code: "RESTORE_UNRESOLVED", phase: "PREFLIGHT", wrote: false });
      expect(change).toEqual(UNCHANGED);
    },
  );

  it("is refused above a half-done undo, and above a damaged journal", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target);
    await undoRestore({ target }, dyingFileSystem(unlinks("a.txt"), 0));
    expect(await undoRestore({ target, dryRun: true })).toMatchObject({ code: "RESTORE_UNRESOLVED" });
    const [staging = ""] = stagingsIn(target);
    appendFileSync(join(target, staging, "journal"), "x");
    expect(await undoRestore({ target, dryRun: true })).toMatchObject({ code: "RESTORE_UNRESOLVED" });
  });

  it("goes on above one that is as good as over", async () => {
    using scene = new Scene();
    const target = await killedCommitted(scene);
    expect(await undoRestore({ target, dryRun: true })).toMatchObject({ ok: true, recovered: [] });
    const begun = scene.existingTarget();
    await scene.restore(
      begun,
      dyingFileSystem(({ address }) => address.endsWith("/journal.new")),
    );
    expect(stagingsIn(begun)).toHaveLength(1);
    expect(await scene.restore(begun, undefined, { dryRun: true })).toMatchObject({
      ok: true,
      recovered: [],
    });
  });

  it("is refused while somebody is at work there: RESTORE_BUSY", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target);
    const dry = () => undoRestore({ target, dryRun: true });
    expect(await whileBusy(target, dry)).toMatchObject({ code: "RESTORE_BUSY", wrote: false });
    expect(await dry()).toMatchObject({ ok: true });
  });
});

describe("a restore that is interrupted after it recovered another (PROTOCOL 13.9)", () => {
  it("throws what it recovered, and has undone what it began", async () => {
    using scene = new Scene();
    const target = await killedInside(scene);
    const controller = new AbortController();
    const fs = meddlingFileSystem(puts("c.txt"), () => controller.abort());
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`n/${index}`, ""]));
    using other = new Scene({ ...many, "c.txt": "" });
    const before = snapshotTree(scene.existingTarget());
    const restoring = other.restore(target, fs, { signal: controller.signal });
    await expect(restoring).rejects.toThrow(InterruptedRestore);
    await expect(restoring).rejects.toMatchObject({ recovered: [{ act: "restore", end: "nothing" }] });
    expect(snapshotTree(target)).toEqual(before);
  });
});

describe("recover after a restore that went well", () => {
  it("changes nothing, whatever was restored", async () => {
    await fc.assert(
      fc.asyncProperty(anyFiles(1), async (outputs) => {
        using scene = new Scene(outputs);
        const target = scene.existingTarget({});
        expect(await scene.restore(target)).toMatchObject({ ok: true });
        const { change, value } = await changesOf(target, () => recoverTarget({ target }));
        expect(value).toEqual({ ok: true, recovered: [], isThere: true });
        expect(change).toEqual(UNCHANGED);
        expect(existsSync(join(target, "RESTORE_REPORT.json"))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
