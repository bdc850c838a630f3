import {
  closeSync,
  constants,
  existsSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { recoverTarget, undoRestore } from "../../../support/faults/restore-acts.ts";
import {
  changesOf,
  OUTPUTS,
  openDescriptors,
  Scene,
  UNCHANGED,
  writeAt,
} from "../../../support/faults/restore-scene.ts";
import { dyingFileSystem } from "../../../support/files/dying-file-system.ts";
import { interceptFileSystem, puts, systemError } from "../../../support/files/faulty-file-system.ts";
import { Attribute, MountedFolder } from "../../../support/files/file-systems.ts";

/*
 * Real file systems, each with a fault of its own (SECURITY 8.6). Where none can be mounted, as where the tests
 * don't run as root, each test is skipped and says why.
 */

/** Makes a folder with foreign files in a file system. */
function targetIn(disk: MountedFolder): string {
  const target = join(disk.folder, "target");
  writeAt(target, { "keep/own.txt": "other user\n", "other/notes.txt": "other user too\n" });
  return target;
}

const KINDS = ["existing", "new"] as const;

/** Restores into a target, or into a new root in it; tells what changed in the target. */
async function restoreInto(scene: Scene, target: string, kind: (typeof KINDS)[number] = "existing") {
  const into = kind === "new" ? join(target, "new") : target;
  const descriptors = openDescriptors();
  const done = await changesOf(target, () => scene.restore(into, undefined, { mkdir: kind === "new" }));
  expect(openDescriptors()).toEqual(descriptors);
  return done;
}

/** Twenty outputs of four kilobytes. */
const BIG = Object.fromEntries(
  Array.from({ length: 20 }, (_, n) => [`d${n % 5}/f${n}`, String.fromCharCode(65 + n).repeat(4096)]),
);

describe("a full disk", () => {
  const STEPS = KINDS.flatMap((kind) => [["bytes", kind] as const, ["inodes", kind] as const]);

  it.for(STEPS)(
    "runs out of %s at any moment (ext4, %s root): nothing, or everything",
    async ([what, kind], { skip }) => {
      using disk = MountedFolder.ext4(1024, 64);
      if (disk.obstacle !== undefined) skip(disk.obstacle);
      using scene = new Scene(BIG);
      const target = targetIn(disk);
      const endings = new Set<boolean>();
      const fillers = join(disk.folder, "fillers");
      mkdirSync(fillers);
      let used = what === "inodes" ? fillUp(fillers) : 80;
      for (; used > 0 && !endings.has(true); used--) {
        if (what === "bytes") fillDisk(join(fillers, String(used - 1)), (80 - used) * 2048);
        const { value: outcome, change } = await restoreInto(scene, target, kind);
        endings.add(outcome.ok);
        const added = Object.keys(change.added).length;
        expect({ used, cause: outcome.cause_code, added }).toEqual({
          used,
          cause: null,
          added: outcome.ok ? 22 : 0,
        });
        unlinkSync(join(fillers, String(used - 1)));
      }
      expect([...endings].sort()).toEqual([false, true]);
    },
  );

  it("lets a restore take back where no name can be added (ext4)", async ({ skip }) => {
    // Without an index of its names, a folder of ext4 is full only when a name fits nowhere in it.
    const making = ["-q", "-F", "-b", "1024", "-m", "0", "-O", "^has_journal,^dir_index", "-N", "64"];
    using disk = MountedFolder.formatted("mkfs.ext4", making, 1024);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new Scene(BIG);
    const target = targetIn(disk);
    const filler = join(disk.folder, "filler");
    const failing = interceptFileSystem((call, proceed) => {
      if (!puts("RESTORE_REPORT.json")(call)) return proceed();
      fillDisk(filler, 0);
      fillFolder(dirname(call.address));
      throw systemError("ENOSPC", call.name);
    });
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target, failing));
    expect(outcome).toMatchObject({ cause_code: null, details: { reason: "no-space" } });
    expect(change).toEqual(UNCHANGED);
  });

  it("leaves an undo and a recovery able to do their work", async ({ skip }) => {
    using disk = MountedFolder.ext4(1024, 128);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new Scene(BIG);
    const target = targetIn(disk);
    const { change } = await changesOf(target, async () => {
      await scene.restore(target);
      fillDisk(join(disk.folder, "filler"), 0);
      const undone = await undoRestore({ target });
      // It needs room for its journal; without it nothing is removed.
      if (!undone.ok) expect(undone).toMatchObject({ details: { reason: "no-space" }, cause_code: null });
      unlinkSync(join(disk.folder, "filler"));
      if (!undone.ok) expect(await undoRestore({ target })).toMatchObject({ ok: true });
    });
    expect(change).toEqual(UNCHANGED);
  });
});

describe("a disk without one free block", () => {
  it("refuses a recovery, which needs one for its lock, and says so (ext4)", async ({ skip }) => {
    using disk = MountedFolder.ext4(1024, 128);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new Scene(BIG);
    const target = targetIn(disk);
    const filler = join(disk.folder, "filler");
    const { change } = await changesOf(target, async () => {
      await scene.restore(target, dyingFileSystem(puts("RESTORE_REPORT.json"), 0));
      fillDisk(filler, 0);
      for (const act of [() => recoverTarget({ target }), () => scene.restore(target)]) {
        expect(await act()).toMatchObject({
          code: "RESTORE_UNRESOLVED",
          details: { reason: "no-space" },
          wrote: false,
        });
      }
      unlinkSync(filler);
      expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    });
    expect(change).toEqual(UNCHANGED);
  });
});

/** Writes a file until the disk is full, and takes so many bytes of it away again. */
function fillDisk(filler: string, left: number): void {
  const kilobyte = Buffer.alloc(1024);
  let bytes = 0;
  const fd = openSync(filler, "wx");
  try {
    for (;;) bytes += writeSync(fd, kilobyte);
  } catch {
    ftruncateSync(fd, Math.max(0, bytes - left));
  } finally {
    closeSync(fd);
  }
}

/** Gives one empty file further names until a staging folder has no room for one more. */
function fillFolder(staging: string): void {
  const first = join(staging, "f700");
  writeFileSync(first, "");
  expect(() => {
    for (let number = 701; number < 1000; number++) linkSync(first, join(staging, `f${number}`));
  }).toThrow("ENOSPC");
}

/** Makes empty files until there is no inode left; gives how many. */
function fillUp(folder: string): number {
  for (let count = 0; ; count++) {
    try {
      writeFileSync(join(folder, String(count)), "");
    } catch {
      return count;
    }
  }
}

describe("a read-only file system", () => {
  it("is refused by an undo and a recovery too", async ({ skip }) => {
    using disk = MountedFolder.tmpfs("ro");
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    for (const act of [undoRestore, recoverTarget]) {
      expect(await act({ target: disk.folder })).toMatchObject({
        code: "RESTORE_TARGET_NOT_WRITABLE",
        details: { reason: "read-only" },
      });
    }
  });
});

describe("another file system inside the target", () => {
  it.for(["tmpfs", "bind"] as const)(
    "(%s) can't be linked to: no-hard-links, and nothing is left",
    async (type, { skip }) => {
      using scene = new Scene();
      const target = scene.existingTarget();
      using disk = MountedFolder.inside(join(target, "data"), type, type === "bind" ? scene.outside : "none");
      if (disk.obstacle !== undefined) skip(disk.obstacle);
      const { value: outcome, change } = await changesOf(scene.folder, () => scene.restore(target));
      const details = { reason: "no-hard-links", path: "data/deep/c.txt" };
      expect(outcome).toMatchObject({
        code: "RESTORE_FINALIZE_FAILED",
        phase: "EXECUTE",
        cause_code: null,
        details,
      });
      expect(change).toEqual(UNCHANGED);
    },
  );
});

describe("a file system without hard links", () => {
  it.for(["mkfs.exfat", "mkfs.vfat"])(
    "(%s) is refused with its own words, but takes a new root",
    async (program, { skip }) => {
      using disk = MountedFolder.formatted(program, [], 1024);
      if (disk.obstacle !== undefined) skip(disk.obstacle);
      using scene = new Scene();
      const target = targetIn(disk);
      const { value: outcome, change } = await restoreInto(scene, target);
      const details = { reason: "no-hard-links" };
      expect(outcome).toMatchObject({
        code: "RESTORE_FINALIZE_FAILED",
        phase: "EXECUTE",
        cause_code: null,
        details,
      });
      expect(change).toEqual(UNCHANGED);
      expect((await restoreInto(scene, target, "new")).value).toMatchObject({ ok: true, isClean: true });
    },
  );
});

describe("a file system that takes a name in capitals for another one", () => {
  /** Makes files with small letters. */
  const folding = interceptFileSystem(({ address, args, name }, proceed) => {
    const [, flags, mode] = args.map(Number);
    if (name !== "openSync" || ((flags ?? 0) & constants.O_CREAT) === 0) return proceed();
    return openSync(
      address.replace(/[^/]+$/, (file) => file.toLowerCase()),
      flags ?? 0,
      mode,
    );
  });

  it("gets no bundle with both, and keeps nothing of it", async () => {
    using scene = new Scene({ "d/A.txt": "one", "d/a.txt": "two" });
    const target = scene.existingTarget();
    const restored = () => scene.restore(join(target, "new"), folding, { mkdir: true });
    const { value: outcome, change } = await changesOf(target, restored);
    const details = { reason: "no-such-name" };
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", cause_code: null, details });
    expect(change).toEqual(UNCHANGED);
  });

  /** Below a folder, keeps the capitals of names and finds each by any others. Notes which files are made. */
  function anyCase(below: string) {
    const made: string[] = [];
    const port = interceptFileSystem(({ address, args, name }, proceed) => {
      const flags = name === "openSync" ? Number(args[1]) : 0;
      if ((flags & constants.O_CREAT) !== 0) made.push(basename(address));
      Object.assign(
        args,
        args.map((place) => spelledOnDisk(place, below)),
      );
      return proceed();
    });
    return { port, made };
  }

  function spelledOnDisk(place: unknown, below: string): unknown {
    if (typeof place !== "string" || !place.startsWith("/")) return place;
    const folder = dirname(place);
    if (!realpathSync(folder).startsWith(below)) return place;
    const wanted = basename(place).toLowerCase();
    const found = readdirSync(folder).find((name) => name.toLowerCase() === wanted);
    return found === undefined ? place : join(folder, found);
  }

  const COLLIDING = { "D/x.txt": "one", "a/B.txt": "two", "a/b.txt": "three", "d/y.txt": "four" };

  it.for(KINDS)("refuses all of them before a file is staged (%s root)", async (kind) => {
    using scene = new Scene(COLLIDING);
    const target = scene.existingTarget();
    const { port, made } = anyCase(target);
    const into = kind === "new" ? join(target, "new") : target;
    const restored = () => scene.restore(into, port, { mkdir: kind === "new" });
    const { value: outcome, change } = await changesOf(target, restored);
    expect(outcome).toMatchObject({
      code: "RESTORE_FINALIZE_FAILED",
      phase: "EXECUTE",
      cause_code: null,
      details: {
        path: "a/b.txt",
        reason: "no-case",
        refused: [
          { path: "a/b.txt", reason: "collision", other: "a/B.txt" },
          { path: "d", reason: "collision", other: "D" },
        ],
      },
    });
    expect(made.filter((name) => name === "f0")).toEqual([]);
    expect(change).toEqual(UNCHANGED);
  });

  it.for(KINDS)("takes names that differ in more than capitals (%s root)", async (kind) => {
    using scene = new Scene({ "a/B.txt": "one", "A-2/b.txt": "two", "keep/ﬁ": "three", "keep/fi": "four" });
    const target = scene.existingTarget();
    const into = kind === "new" ? join(target, "new") : target;
    const outcome = await scene.restore(into, anyCase(target).port, { mkdir: kind === "new" });
    expect(outcome).toMatchObject({ ok: true, isClean: true });
    expect(readdirSync(join(into, "keep"))).toEqual(expect.arrayContaining(["fi", "ﬁ"]));
  });
});

describe("what may not be changed (chattr +i)", () => {
  it.for([
    ["the root", "", "RESTORE_TARGET_NOT_WRITABLE"],
    ["a folder in it", "keep", "RESTORE_FINALIZE_FAILED"],
  ] as const)("is %s: no-permission, and nothing is left", async ([, place, code], { skip }) => {
    using disk = MountedFolder.ext4(1024, 128);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new Scene();
    const target = targetIn(disk);
    using attribute = new Attribute(join(target, place), "i");
    if (attribute.obstacle !== undefined) skip(attribute.obstacle);
    const { value: outcome, change } = await restoreInto(scene, target);
    expect(outcome).toMatchObject({ code, cause_code: null, details: { reason: "no-permission" } });
    expect(change).toEqual(UNCHANGED);
  });

  it("is a restored file: an undo removes nothing, and does so once it may", async ({ skip }) => {
    using disk = MountedFolder.ext4(1024, 128);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new Scene();
    const target = targetIn(disk);
    await scene.restore(target);
    {
      using attribute = new Attribute(join(target, "data/deep/c.txt"), "i");
      if (attribute.obstacle !== undefined) skip(attribute.obstacle);
      const { value: outcome, change } = await changesOf(target, () => undoRestore({ target }));
      expect(outcome).toMatchObject({ ok: false, cause_code: null, details: { reason: "no-permission" } });
      expect(change).toEqual(UNCHANGED);
    }
    expect(await undoRestore({ target })).toMatchObject({ ok: true, isClean: true });
    expect(existsSync(join(target, "data"))).toBe(false);
  });
});

describe("what may only be added to (chattr +a)", () => {
  it("is the root: an empty folder is left at most, which is said, and goes once it may", async ({
    skip,
  }) => {
    using disk = MountedFolder.ext4(1024, 128);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new Scene();
    const target = targetIn(disk);
    const whole = await changesOf(target, async () => {
      using attribute = new Attribute(target, "a");
      if (attribute.obstacle !== undefined) skip(attribute.obstacle);
      const { value: outcome, change } = await restoreInto(scene, target);
      const details = { reason: "no-permission" };
      expect(outcome).toMatchObject({
        code: "RESTORE_ROLLBACK_FAILED",
        cause_code: "RESTORE_INTERNAL_ERROR",
        details,
      });
      expect(Object.entries(change.added)).toMatchObject([[".spectrum06_staging_*", { type: "dir" }]]);
      attribute[Symbol.dispose]();
      expect(await recoverTarget({ target })).toMatchObject({ ok: true });
    });
    expect(whole.change).toEqual(UNCHANGED);
  });

  it("is a folder in it: what was put there can't be taken back, which is said, until it may", async ({
    skip,
  }) => {
    using disk = MountedFolder.ext4(1024, 128);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new Scene();
    const target = targetIn(disk);
    const failing = interceptFileSystem((call, proceed) => {
      if (puts("RESTORE_REPORT.json")(call)) throw systemError("EIO", call.name);
      return proceed();
    });
    const { change } = await changesOf(target, async () => {
      using attribute = new Attribute(join(target, "keep"), "a");
      if (attribute.obstacle !== undefined) skip(attribute.obstacle);
      const outcome = await scene.restore(target, failing);
      const cause_code = "RESTORE_RESULT_ARTIFACT_WRITE_FAILED";
      expect(outcome).toMatchObject({ code: "RESTORE_ROLLBACK_FAILED", cause_code });
      expect(readdirSync(join(target, "keep")).sort()).toEqual(["d.txt", "own.txt"]);
      expect(existsSync(join(target, "a.txt"))).toBe(false);
      attribute[Symbol.dispose]();
      expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    });
    expect(change).toEqual(UNCHANGED);
  });

  it("is a folder in it: a restore that succeeds only adds", async ({ skip }) => {
    using disk = MountedFolder.ext4(1024, 128);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new Scene();
    const target = targetIn(disk);
    using attribute = new Attribute(join(target, "keep"), "a");
    if (attribute.obstacle !== undefined) skip(attribute.obstacle);
    const { value: outcome, change } = await restoreInto(scene, target);
    expect(outcome).toMatchObject({ ok: true, isClean: true });
    expect(Object.keys(change.added)).toHaveLength(Object.keys(OUTPUTS).length + 2);
  });
});
