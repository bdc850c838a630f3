import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { LOCK_NAME } from "../../src/node/restore/journal/root-lock.ts";
import { InterruptedRestore } from "../../src/node/restore/recover/interrupted-restore.ts";
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
import { fc, runs } from "../support/properties.ts";
import { recoverTarget, undoRestore } from "../support/restore-acts.ts";
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

describe("recover reports each restore that it found (PROTOCOL 13.9)", () => {
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

  it.each(["in the root", "beside it"])(
    "that its journal is not ours any more, and where: %s",
    async (where) => {
      using scene = new Scene();
      const isInside = where === "in the root";
      const target = await (isInside ? killedInside(scene) : killedBeside(scene));
      const holder = isInside ? target : dirname(target);
      const [staging = ""] = stagingsIn(holder);
      appendFileSync(join(holder, staging, "journal"), "x");
      const { change, value } = await changesOf(holder, () => recoverTarget({ target }));
      expect(value).toMatchObject({
        code: "RECOVER_FOREIGN_JOURNAL",
        recovered: [{ staging, act: undefined, end: "foreign" }],
        wrote: false,
      });
      // The lock of a dead owner is removed.
      const removed = isInside ? [LOCK_NAME] : [];
      expect(change).toEqual({ ...UNCHANGED, removed });
    },
  );

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

  it("what it recovered beside a root, if another process works in the root: RESTORE_BUSY", async () => {
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
      const isJournal = name === "openSync" && /^\/proc\/.*\/journal$/.test(address);
      if (isJournal && ++journals === 2) throw systemError("EIO", name);
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
    const from = order.indexOf("tree");
    expect(order.slice(from, from + 3)).toEqual(["tree", "sync", "journal"]);
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

  it("is refused above a half-done undo, and above a journal that is not ours", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target);
    await undoRestore({ target }, dyingFileSystem(unlinks("a.txt"), 0));
    expect(await undoRestore({ target, dryRun: true })).toMatchObject({ code: "RESTORE_UNRESOLVED" });
    const [staging = ""] = stagingsIn(target);
    appendFileSync(join(target, staging, "journal"), "x");
    expect(await undoRestore({ target, dryRun: true })).toMatchObject({ code: "RECOVER_FOREIGN_JOURNAL" });
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

  it("is refused while another process works there: RESTORE_BUSY", async () => {
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

describe("a planted journal (PROTOCOL 11.1)", () => {
  /** How many calls of the port a recovery takes where a journal names so many files that are not there. */
  async function callsFor(names: number): Promise<number> {
    using scene = new Scene();
    const target = await killedInside(scene);
    const [staging = ""] = stagingsIn(target);
    const files = JSON.stringify(Array.from({ length: names }, (_, index) => `planted/${index}`));
    const line = `{"act":"restore","bundle_roots":[],"files":${files},"folders":[],"name":null,"passing":0,"run_ids":[],"signers":[],"started":"2026-11-25T01:02:03Z","version":2}`;
    const digest = createHash("sha256").update(line).digest("hex");
    writeFileSync(join(target, staging, "journal"), `${line}\n${digest}\n`);
    let calls = 0;
    const counting = interceptFileSystem((_, proceed) => {
      calls++;
      return proceed();
    });
    await recoverTarget({ target, dryRun: true }, counting);
    return calls;
  }

  it("costs no call for a name in it", async () => {
    expect(await callsFor(5_000)).toBe(await callsFor(10));
  });

  it("is not parsed before its MAC: bytes that are not JSON are foreign too", async () => {
    using scene = new Scene();
    const target = await killedInside(scene);
    const [staging = ""] = stagingsIn(target);
    writeFileSync(join(target, staging, "journal"), `${"[".repeat(3_000_000)}\n${"0".repeat(64)}\n`);
    expect(await recoverTarget({ target })).toMatchObject({ recovered: [{ end: "foreign", files: 0 }] });
  });
});

describe("a long journal of our own", () => {
  it("is recognized piece by piece", async () => {
    const outputs = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`${"n".repeat(240)}/${index}`, ""]),
    );
    using scene = new Scene(outputs);
    const target = scene.existingTarget();
    await scene.restore(target, dyingFileSystem(puts("1000")));
    const [staging = ""] = stagingsIn(target);
    expect(statSync(join(target, staging, "journal")).size).toBeGreaterThan(1024 * 1024);
    expect(await recoverTarget({ target })).toMatchObject({
      ok: true,
      recovered: [{ act: "restore", end: "nothing" }],
    });
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
      { numRuns: runs(40) },
    );
  });
});
