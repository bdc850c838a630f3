import { chmodSync, existsSync, lstatSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RestoreFailure } from "../../../../src/node/back/transaction/restore-failure.ts";
import type { FileSystem } from "../../../../src/node/system/files/file-system.ts";
import { recoverTarget, undoRestore } from "../../../support/faults/restore-acts.ts";
import { Scene } from "../../../support/faults/restore-scene.ts";
import { AFTER, arrangeRevert, BEFORE, laidOut, revertFolder } from "../../../support/faults/revert-scene.ts";
import { dyingFileSystem, setsAside } from "../../../support/files/dying-file-system.ts";
import {
  type Call,
  interceptFileSystem,
  puts,
  systemError,
} from "../../../support/files/faulty-file-system.ts";
import { snapshotTree } from "../../../support/files/tree.ts";

const EDITED = "what a person wrote\n";

const isCommit = ({ address, name }: Call): boolean => name === "openSync" && address.endsWith("/committed");

/** Edits a file in its place: its inode stays. */
function edit(target: string, path: string): void {
  writeFileSync(join(target, path), EDITED);
}

function read(target: string, path: string): string {
  return readFileSync(join(target, path), "utf8");
}

/** What a recovery says of the edited file, and a dry run before it, which changes nothing. */
async function recoverBoth(target: string, fs?: FileSystem): ReturnType<typeof recoverTarget> {
  const before = snapshotTree(target);
  const foreseen = await recoverTarget({ target, dryRun: true }, fs);
  expect(snapshotTree(target)).toEqual(before);
  const done = await recoverTarget({ target }, fs);
  expect({ ...foreseen, wrote: done.ok ? undefined : done.wrote }).toEqual(done);
  return done;
}

/** A file system for which this user can't read what its owner closed, although root runs the tests. */
const AS_USER: FileSystem = interceptFileSystem(({ address, name }, proceed) => {
  const stats = name === "openSync" ? lstatSync(address, { throwIfNoEntry: false }) : undefined;
  if (stats?.isFile() === true && (stats.mode & 0o400) === 0) throw systemError("EACCES", name);
  return proceed();
});

function changedIn(path: string) {
  return {
    code: "UNDO_TARGET_CHANGED",
    phase: "PREFLIGHT",
    details: { changed: [{ path, change: "other-bytes" }] },
  };
}

describe("a file that was edited in its place after a kill (PROTOCOL 13.9)", () => {
  it.each([
    ["at its last artifact", puts("RESTORE_REPORT.json")],
    ["at its commit", isCommit],
  ])("stays where a restore was killed %s, and is named", async (_when, fits) => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const before = snapshotTree(target);
    await scene.restore(target, dyingFileSystem(fits));
    edit(target, "a.txt");
    expect(await recoverBoth(target)).toMatchObject(changedIn("a.txt"));
    expect(read(target, "a.txt")).toBe(EDITED);
    expect(existsSync(join(target, "data/deep/c.txt"))).toBe(false);
    // A restore does not begin above it either.
    const foreseen = await scene.restore(target, undefined, { dryRun: true });
    expect(foreseen).toMatchObject({ ...changedIn("a.txt"), recovered: [] });
    expect(await scene.restore(target)).toMatchObject(changedIn("a.txt"));
    renameSync(join(target, "a.txt"), join(scene.folder, "mine"));
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    expect(readFileSync(join(scene.folder, "mine"), "utf8")).toBe(EDITED);
    expect(snapshotTree(target)).toEqual(before);
  });

  it("stays where it was made in the place of one that a killed undo had set aside, and is named", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target);
    const restored = snapshotTree(target);
    const { ino } = lstatSync(join(target, "a.txt"));
    await undoRestore({ target }, dyingFileSystem(setsAside("RESTORE_REPORT.json")));
    edit(target, "a.txt");
    expect(await recoverTarget({ target })).toMatchObject({
      code: "RESTORE_UNRESOLVED",
      details: { astray: ["a.txt"] },
    });
    expect(read(target, "a.txt")).toBe(EDITED);
    renameSync(join(target, "a.txt"), join(scene.folder, "mine"));
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    expect(snapshotTree(target)).toEqual(restored);
    expect(lstatSync(join(target, "a.txt")).ino).toBe(ino);
  });

  it("stays where its owner closed it after the edit", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target, dyingFileSystem(isCommit));
    edit(target, "a.txt");
    chmodSync(join(target, "a.txt"), 0);
    expect(await recoverBoth(target, AS_USER)).toMatchObject(changedIn("a.txt"));
    const order = arrangeRevert(AFTER, BEFORE);
    await revertFolder(order, dyingFileSystem(isCommit));
    edit(order.target, "changed.txt");
    chmodSync(join(order.target, "changed.txt"), 0);
    expect(await recoverBoth(order.target, AS_USER)).toMatchObject(changedIn("changed.txt"));
  });

  it("stays where a revert was killed, and is named; everything else is put back", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    const { target } = order;
    await revertFolder(order, dyingFileSystem(isCommit));
    edit(target, "changed.txt");
    expect(await recoverBoth(target)).toMatchObject(changedIn("changed.txt"));
    expect(read(target, "changed.txt")).toBe(EDITED);
    renameSync(join(target, "changed.txt"), join(target, "mine"));
    expect(await recoverTarget({ target })).toMatchObject({ ok: true });
    expect(read(target, "mine")).toBe(EDITED);
    renameSync(join(target, "mine"), join(order.objects, "mine"));
    expect(snapshotTree(target)).toEqual(laidOut(AFTER));
  });
});

describe("a dry run of a recovery foretells what the recovery leaves (PROTOCOL 13.9)", () => {
  const write = (path: string) => (target: string) => writeFileSync(join(target, path), EDITED);
  const moveOut = (path: string) => (target: string, elsewhere: string) => {
    const [from, to] = [join(target, path), join(elsewhere, "moved")];
    const found = lstatSync(from);
    // An ordinary user moves only a folder that may be written to.
    if (found.isDirectory()) chmodSync(from, 0o700);
    renameSync(from, to);
    if (found.isDirectory()) chmodSync(to, found.mode & 0o777);
  };
  const both = (one: Act, other: Act) => (target: string, elsewhere: string) => {
    one(target, elsewhere);
    other(target, elsewhere);
  };
  type Act = (target: string, elsewhere: string) => void;
  const acts: readonly (readonly [string, Act, object])[] = [
    ["nothing was done", () => undefined, { ok: true }],
    ["a removed name is taken", write("new.txt"), { details: { occupied: ["new.txt"] } }],
    ["a replaced file is edited", write("changed.txt"), changedIn("changed.txt")],
    [
      "one file is edited and another name taken",
      both(write("changed.txt"), write("new.txt")),
      { details: { astray: ["changed.txt", "new.txt"], edited: ["changed.txt"], occupied: ["new.txt"] } },
    ],
    [
      "a replaced file is replaced again",
      both(moveOut("swap-a"), write("swap-a")),
      { details: { moved: [{ path: "swap-a" }], occupied: ["swap-a"] } },
    ],
    [
      "a file that was put in place is moved",
      moveOut("deleted.txt"),
      { details: { moved: [{ path: "deleted.txt" }] } },
    ],
    ["a file has the name of a removed folder", write("new"), { details: { occupied: ["new"] } }],
    [
      "a folder that was made is moved",
      moveOut("deleted"),
      { details: { moved: [{ path: "deleted/deep/x.txt" }] } },
    ],
    [
      "a file is in a folder that was made",
      write("dir-to-file/mine"),
      { details: { occupied: ["dir-to-file"] } },
    ],
    ["a folder in which a file was replaced is moved", moveOut("closed"), { code: "RESTORE_UNRESOLVED" }],
  ];

  it.each(acts)("where %s before the commit of an undo", async (_what, act, expected) => {
    const order = arrangeRevert(AFTER, BEFORE);
    await revertFolder(order, dyingFileSystem(isCommit));
    act(order.target, order.objects);
    expect(await recoverBoth(order.target)).toMatchObject(expected);
  });

  it.each([
    ["nothing was done", () => undefined, { ok: true }],
    ["a removed name is taken", write("changed.txt"), { details: { occupied: ["changed.txt"] } }],
    [
      "the folder of a removed name is moved",
      moveOut("closed"),
      { details: { astray: ["closed/locked.txt"], occupied: [] } },
    ],
  ] as const)("where %s while an undo sets files aside", async (_what, act, expected) => {
    const order = arrangeRevert(AFTER, BEFORE);
    await revertFolder(order, dyingFileSystem(setsAside("swap-a")));
    act(order.target, order.objects);
    expect(await recoverBoth(order.target)).toMatchObject(expected);
  });

  it("where a recovery before it was stopped halfway", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    await revertFolder(order, dyingFileSystem(isCommit));
    write("new.txt")(order.target);
    await recoverTarget(
      { target: order.target },
      dyingFileSystem(({ name }) => name === "unlinkSync"),
    );
    const { details } = (await recoverBoth(order.target)) as RestoreFailure;
    expect(details).toMatchObject({ astray: ["new.txt"], occupied: ["new.txt"] });
  });

  it("where files of a restore were moved", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target, dyingFileSystem(isCommit));
    moveOut("a.txt")(target, scene.folder);
    expect(await recoverBoth(target)).toMatchObject({ details: { moved: [{ path: "a.txt" }] } });
  });
});
