import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { InterruptedRestore } from "../../../../src/node/back/restore/recover/interrupted-restore.ts";
import { anyFiles } from "../../../support/bundles/arbitrary-tree.ts";
import { recoverTarget, undoRestore } from "../../../support/faults/restore-acts.ts";
import { changesOf, openDescriptors, Scene, UNCHANGED } from "../../../support/faults/restore-scene.ts";
import { whileBusy } from "../../../support/files/busy-root.ts";
import { dyingFileSystem } from "../../../support/files/dying-file-system.ts";
import {
  type Call,
  interceptFileSystem,
  meddlingFileSystem,
  puts,
  systemError,
} from "../../../support/files/faulty-file-system.ts";
import { snapshotTree } from "../../../support/files/tree.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

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

const cleansUp = ({ address, name }: Call): boolean => name === "unlinkSync" && address.endsWith("/f0");

/** A restore killed when all was in place and committed; gives the root. */
async function killedCommitted(scene: Scene): Promise<string> {
  const target = scene.existingTarget();
  await scene.restore(target, dyingFileSystem(cleansUp));
  return target;
}

function stagingsIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => /^\.spectrum06_(staging|new)_/.test(name));
}

describe("recover reports each restore that it found (PROTOCOL 13.9)", () => {
  it("and lists its staged files, of which there may be a million, twice", async () => {
    using scene = new Scene();
    const target = await killedInside(scene);
    let listings = 0;
    const fs = interceptFileSystem((call, proceed) => {
      const value = proceed();
      // To end it, and to remove what is left of it.
      if (call.name === "readdirSync" && Array.isArray(value) && value.includes("f0")) listings++;
      return value;
    });
    expect(await recoverTarget({ target }, fs)).toMatchObject({ ok: true });
    expect(listings).toBe(2);
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
});

describe("a dry run above a restore that was killed (PROTOCOL 13.9)", () => {
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
    const line = `{"act":"restore","aside":[],"bundle_roots":[],"digests":${files},"mkdir":[],"mode":[],"name":null,"passing":0,"put":${files},"rmdir":[],"run_ids":[],"signers":[],"started":"2026-11-25T01:02:03Z","version":4}`;
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
        expect(value).toEqual({
          ok: true,
          recovered: [],
          isThere: true,
          protection: "descriptors",
        });
        expect(change).toEqual(UNCHANGED);
        expect(existsSync(join(target, "RESTORE_REPORT.json"))).toBe(true);
      }),
      { numRuns: runs(40) },
    );
  });
});
