import { fstatSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FileSystem } from "../../../../src/node/system/files/file-system.ts";
import { recoverTarget } from "../../../support/faults/restore-acts.ts";
import { changesOf, Scene, UNCHANGED, writeAt } from "../../../support/faults/restore-scene.ts";
import { ordinaryFileSystem } from "../../../support/files/closed-folders.ts";
import { dyingFileSystem } from "../../../support/files/dying-file-system.ts";
import {
  type Call,
  interceptFileSystem,
  meddlingFileSystem,
  puts,
  systemError,
} from "../../../support/files/faulty-file-system.ts";

/** A snapshot with folders that their owner may not write in. */
const CLOSED = {
  links: { "data/latest": "b.txt" },
  emptyFolders: ["data/hollow"],
  members: { kind: "snapshot", folder_modes: { "500": ["data/hollow"], "555": ["data"] } },
} as const;

function closedScene(): Scene {
  return new Scene({ "a.txt": "alpha\n", "data/b.txt": "beta\n" }, undefined, CLOSED);
}

function modesIn(target: string): readonly string[] {
  return ["data", "data/hollow"].map((path) => (statSync(join(target, path)).mode & 0o777).toString(8));
}

const arrives = ({ args, name }: Call): boolean => name === "renameSync" && String(args[1]).endsWith("/new");
const commits = ({ address, name }: Call): boolean => name === "openSync" && address.endsWith("/committed");

/** An ordinary user's port that fails at the call that fits. */
function failingFileSystem(fits: (call: Call) => boolean): FileSystem {
  return interceptFileSystem((call, proceed) => {
    if (fits(call)) throw systemError("EIO", call.name);
    return proceed();
  }, ordinaryFileSystem());
}

// The scene has such a folder or file as its source, which no other user can read.
describe.runIf(process.geteuid?.() === 0)(
  "a folder or file that its owner may not read, sealed by root",
  () => {
    const CASES = (["existing", "new"] as const).flatMap((kind) => [
      { kind, path: "data", members: { folder_modes: { "311": ["data"] } } },
      { kind, path: "data/b.txt", members: { modes: { "200": ["data/b.txt"] } } },
    ]);

    it.each(CASES)(
      "is refused before anything is written, or gets the right ($kind root, $path)",
      async (given) => {
        const { kind, members, path } = given;
        const tree = { members: { kind: "snapshot", ...members } } as const;
        using scene = new Scene({ "a.txt": "alpha\n", "data/b.txt": "beta\n" }, undefined, tree);
        const target = kind === "new" ? scene.newTarget() : scene.existingTarget();
        const restore = (more: object) =>
          scene.restore(target, ordinaryFileSystem(undefined, scene.source("")), {
            mkdir: kind === "new",
            ...more,
          });
        const { value: outcome, change } = await changesOf(dirname(target), () => restore({}));
        expect(outcome).toMatchObject({
          code: "RESTORE_FINALIZE_FAILED",
          cause_code: null,
          details: { path, reason: "no-reader" },
        });
        expect(change).toEqual(UNCHANGED);
        expect(await restore({ ignoreModes: true })).toMatchObject({ ok: true });
        expect(statSync(join(target, path)).mode & 0o400).toBe(0o400);
      },
    );

    it("is restored by its owner into a folder that is there, and keeps its mode", async () => {
      const members = { kind: "snapshot", folder_modes: { "311": ["data"] } } as const;
      using scene = new Scene({ "a.txt": "alpha\n", "data/b.txt": "beta\n" }, undefined, { members });
      const target = scene.existingTarget({ "data/mine.txt": "mine\n" });
      const restored = scene.restore(target, ordinaryFileSystem(undefined, scene.source("")));
      expect(await restored).toMatchObject({ ok: true });
      expect(statSync(join(target, "data")).mode & 0o777).toBe(0o755);
    });

    it("is restored by root", async () => {
      const members = {
        kind: "snapshot",
        folder_modes: { "311": ["data"] },
        modes: { "200": ["data/b.txt"] },
      } as const;
      using scene = new Scene({ "a.txt": "alpha\n", "data/b.txt": "beta\n" }, undefined, { members });
      const target = scene.existingTarget();
      expect(await scene.restore(target)).toMatchObject({ ok: true });
      const modes = ["data", "data/b.txt"].map((path) => statSync(join(target, path)).mode & 0o777);
      expect(modes).toEqual([0o311, 0o200]);
    });
  },
);

describe("folders that a restore makes for a tree", () => {
  it.each(["existing", "new"] as const)("have the modes of the snapshot (%s root)", async (kind) => {
    using scene = closedScene();
    const target = kind === "new" ? scene.newTarget() : scene.existingTarget({});
    expect(await scene.restore(target, undefined, { mkdir: kind === "new" })).toMatchObject({ ok: true });
    expect(modesIn(target)).toEqual(["555", "500"]);
  });

  it("are taken back by a recovery though they are closed to their owner by then", async () => {
    using scene = closedScene();
    const target = scene.existingTarget();
    const { change } = await changesOf(target, async () => {
      await scene.restore(target, dyingFileSystem(commits, 0, ordinaryFileSystem()));
      expect(modesIn(target)).toEqual(["555", "500"]);
      expect(await recoverTarget({ target }, ordinaryFileSystem())).toMatchObject({
        ok: true,
        recovered: [{ end: "nothing" }],
      });
    });
    expect(change).toEqual(UNCHANGED);
  });

  it("are taken back though they are closed when the restore fails", async () => {
    using scene = closedScene();
    const target = scene.existingTarget();
    const fs = failingFileSystem(commits);
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
    expect(outcome).toMatchObject({ ok: false, cause_code: null });
    expect(change).toEqual(UNCHANGED);
  });

  it("are taken back though they are closed when a new root can't get its name", async () => {
    using scene = closedScene();
    const target = scene.newTarget();
    const { value: outcome, change } = await changesOf(dirname(target), () =>
      scene.restore(target, failingFileSystem(arrives), { mkdir: true }),
    );
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", cause_code: null });
    expect(change).toEqual(UNCHANGED);
  });

  it("are taken back by a recovery though they are closed in a new root that never got its name", async () => {
    using scene = closedScene();
    const target = scene.newTarget();
    const { change } = await changesOf(dirname(target), async () => {
      await scene.restore(target, dyingFileSystem(arrives, 0, ordinaryFileSystem()), { mkdir: true });
      expect(await recoverTarget({ target }, ordinaryFileSystem())).toMatchObject({
        ok: true,
        recovered: [{ end: "nothing" }],
      });
    });
    expect(change).toEqual(UNCHANGED);
  });

  it("get their mode too where they stay: another process put a file there while all was taken back", async () => {
    using scene = new Scene({ "data/b.txt": "beta\n" }, undefined, {
      members: { kind: "snapshot", folder_modes: { "750": ["data"] } },
    });
    const target = scene.existingTarget({});
    const fs = interceptFileSystem((call, proceed) => {
      if (!puts("RESTORE_REPORT.json")(call)) return proceed();
      writeAt(target, { "data/late.txt": "late\n" });
      throw systemError("EIO", call.name);
    });
    expect(await scene.restore(target, fs)).toMatchObject({ ok: false, cause_code: null });
    expect(readdirSync(join(target, "data"))).toEqual(["late.txt"]);
    expect(statSync(join(target, "data")).mode & 0o777).toBe(0o750);
  });

  it("let only their owner in until everything is in place", async () => {
    using scene = new Scene({ "data/b.txt": "beta\n" }, undefined, {});
    const target = scene.existingTarget();
    const modes: number[] = [];
    const fs = interceptFileSystem((call, proceed) => {
      if (call.name === "linkSync" && String(call.args[1]).endsWith("/b.txt"))
        modes.push(statSync(join(target, "data")).mode & 0o777);
      return proceed();
    });
    expect(await scene.restore(target, fs)).toMatchObject({ ok: true });
    expect([...modes, statSync(join(target, "data")).mode & 0o777]).toEqual([0o700, 0o755]);
  });

  it("are made durable though they are empty and keep the mode that they were made with", async () => {
    const tree = {
      emptyFolders: ["hollow"],
      members: { kind: "snapshot" as const, folder_modes: { "700": ["hollow"] } },
    };
    using scene = new Scene({ "a.txt": "alpha\n" }, undefined, tree);
    const target = scene.existingTarget();
    const synced = new Set<number>();
    const fs = interceptFileSystem(({ args, name }, proceed) => {
      if (name === "fsyncSync") synced.add(fstatSync(Number(args[0])).ino);
      return proceed();
    });
    expect(await scene.restore(target, fs)).toMatchObject({ ok: true });
    expect(synced).toContain(statSync(join(target, "hollow")).ino);
  });

  it("give their mode to no other folder that has got the name", async () => {
    using scene = closedScene();
    const target = scene.existingTarget();
    const isMade = ({ address, name }: Call): boolean => name === "mkdirSync" && address.endsWith("/data");
    const exchange = (): void => {
      renameSync(join(target, "data"), join(target, "moved"));
      mkdirSync(join(target, "data"), { mode: 0o700 });
      writeAt(target, { "data/private": "secret\n" });
    };
    expect(await scene.restore(target, meddlingFileSystem(isMade, exchange, "after"))).toMatchObject({
      code: "RESTORE_FINALIZE_FAILED",
      details: { path: "data", reason: "already-there" },
    });
    expect(statSync(join(target, "data")).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(target, "data/private"), "utf8")).toBe("secret\n");
  });
});
