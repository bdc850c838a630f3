import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { recoverTarget, undoRestore } from "../../../support/faults/restore-acts.ts";
import { changesOf, Scene, UNCHANGED } from "../../../support/faults/restore-scene.ts";
import { dyingFileSystem, setsAside } from "../../../support/files/dying-file-system.ts";
import {
  type Call,
  interceptFileSystem,
  meddlingFileSystem,
  puts,
  systemError,
} from "../../../support/files/faulty-file-system.ts";
import { compareSnapshots, snapshotTree } from "../../../support/files/tree.ts";

/** Fails at its end, and at that moment the file or folder is moved to `moved`. */
function failingWhileMoved(target: string, path: string) {
  return interceptFileSystem((call, proceed) => {
    if (!puts("RESTORE_REPORT.json")(call)) return proceed();
    renameSync(join(target, path), join(target, "moved"));
    throw systemError("EIO", call.name);
  });
}

describe("a file of a failed restore that was moved away (PROTOCOL 13.7, 13.9)", () => {
  it("can't be taken back: RESTORE_ROLLBACK_FAILED names where it was", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const outcome = await scene.restore(target, failingWhileMoved(target, "data/deep/c.txt"));
    expect(outcome).toMatchObject({
      code: "RESTORE_ROLLBACK_FAILED",
      cause_code: "RESTORE_RESULT_ARTIFACT_WRITE_FAILED",
      details: { astray: ["data/deep/c.txt"] },
    });
    expect(existsSync(join(target, "moved"))).toBe(true);
  });

  it.each(["restore", "undo", "recover"] as const)(
    "keeps %s from going on: RESTORE_UNRESOLVED, and nothing changes",
    async (act) => {
      using scene = new Scene();
      const target = scene.existingTarget();
      await scene.restore(target, failingWhileMoved(target, "data/deep/c.txt"));
      const acts: Record<typeof act, () => Promise<unknown>> = {
        restore: () => scene.restore(target),
        undo: () => undoRestore({ target }),
        recover: () => recoverTarget({ target }),
      };
      const { value: outcome, change } = await changesOf(target, acts[act]);
      const details = { astray: ["data/deep/c.txt"] };
      const recovered = [{ act: "restore", end: "unresolved", ...details }];
      expect(outcome).toMatchObject({ code: "RESTORE_UNRESOLVED", phase: "PREFLIGHT", details, recovered });
      expect(change).toEqual(UNCHANGED);
    },
  );

  it("is recovered once it is back: nothing is left", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const { change } = await changesOf(target, async () => {
      await scene.restore(target, failingWhileMoved(target, "data/deep/c.txt"));
      renameSync(join(target, "moved"), join(target, "data/deep/c.txt"));
      expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    });
    expect(change).toEqual(UNCHANGED);
  });
});

describe("a killed undo, and a folder that was moved away (PROTOCOL 13.9)", () => {
  it("is taken back once it is back", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target);
    const restored = snapshotTree(target);
    await undoRestore({ target }, dyingFileSystem(setsAside("RESTORE_REPORT.json")));
    renameSync(join(target, "data"), join(target, "moved"));
    expect(await recoverTarget({ target })).toMatchObject({
      code: "RESTORE_UNRESOLVED",
      details: { astray: ["data/deep/c.txt", "data/deep/er/b.txt"] },
    });
    renameSync(join(target, "moved"), join(target, "data"));
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    expect(compareSnapshots(restored, snapshotTree(target))).toEqual(UNCHANGED);
  });
});

describe("an undo, and a folder that is moved away meanwhile", () => {
  it("takes everything back", async () => {
    const paths = Array.from({ length: 250 }, (_, n) => `d${String(n).padStart(3, "0")}/f`);
    using scene = new Scene(Object.fromEntries(paths.map((path) => [path, path])));
    const target = scene.existingTarget();
    await scene.restore(target);
    const isJournal = ({ name }: Call): boolean => name === "renameSync";
    const move = (): void => renameSync(join(target, "d000"), join(target, "moved"));
    const outcome = await undoRestore({ target }, meddlingFileSystem(isJournal, move));
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", wrote: true });
    for (const path of paths) expect(readFileSync(join(target, path), "utf8")).toBe(path);
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [] });
  });
});

describe("an undo, and further names of a restored file", () => {
  const isRemovalOf =
    (name: string) =>
    (call: Call): boolean =>
      call.name === "rmdirSync" && call.address.endsWith(`/${name}`);

  it("takes away the names that the restore gave, and leaves the others", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target);
    linkSync(join(target, "data/deep/c.txt"), join(target, "keep/mine"));
    expect(await undoRestore({ target })).toMatchObject({ ok: true, isClean: true });
    expect(existsSync(join(target, "data"))).toBe(false);
    expect(readFileSync(join(target, "keep/mine"), "utf8")).toBe("");
  });

  it("is taken back also when it was killed while it removed the folders", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target);
    linkSync(join(target, "data/deep/c.txt"), join(target, "keep/mine"));
    const restored = snapshotTree(target);
    await undoRestore({ target }, dyingFileSystem(isRemovalOf("data")));
    expect(existsSync(join(target, "data/deep"))).toBe(false);
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    expect(compareSnapshots(restored, snapshotTree(target))).toEqual(UNCHANGED);
  });

  it("goes on without a folder that another process removed meanwhile", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target);
    await undoRestore({ target }, dyingFileSystem(isRemovalOf("er")));
    rmdirSync(join(target, "data/deep/er"));
    mkdirSync(join(target, "data/own"));
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    expect(existsSync(join(target, "data/own"))).toBe(true);
  });

  it("does not count as taken back what is of a folder that can't be entered: RESTORE_UNRESOLVED", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target);
    const restored = snapshotTree(target);
    await undoRestore({ target }, dyingFileSystem(setsAside("RESTORE_REPORT.json")));
    const fs = interceptFileSystem((call, proceed) => {
      if (call.name === "openSync" && call.address.endsWith("/deep")) throw systemError("EIO", call.name);
      return proceed();
    });
    expect(await recoverTarget({ target }, fs)).toMatchObject({ code: "RESTORE_UNRESOLVED" });
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    expect(compareSnapshots(restored, snapshotTree(target))).toEqual(UNCHANGED);
  });
});
