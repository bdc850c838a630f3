import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { recoverTarget } from "../../../support/faults/restore-acts.ts";
import {
  AFTER,
  arrangeRevert,
  BEFORE,
  LAST_PUT,
  laidOut,
  revertFolder,
} from "../../../support/faults/revert-scene.ts";
import { meddlingFileSystem } from "../../../support/files/faulty-file-system.ts";
import { snapshotTree } from "../../../support/files/tree.ts";

/** Writes a file as a process without a umask would. */
function writeAsOther(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o644);
}

/** Removes what has a name, and gives the name to something else. */
function exchange(path: string, make: () => void): void {
  rmSync(path);
  make();
}

describe("a revert as one transaction (GUARD 2.6)", () => {
  it("makes a folder exactly what it was, whatever kinds are exchanged", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    expect(await revertFolder(order)).toMatchObject({ ok: true, isClean: true });
    expect(snapshotTree(order.target)).toEqual(laidOut(BEFORE));
  });

  it("keeps inode, mode and times of what neither state changes", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    const look = (): object[] =>
      ["keep", "keep/own.txt", "keep.txt"].map((path) => {
        const { ctimeNs, ino, mode, mtimeNs } = lstatSync(join(order.target, path), { bigint: true });
        return { ctimeNs, ino, mode, mtimeNs };
      });
    const before = look();
    await revertFolder(order);
    expect(look()).toEqual(before);
  });

  it("keeps the inode of a file of which only the mode changes", async () => {
    const order = arrangeRevert({ a: ["a\n", 0o755] }, { a: "a\n" });
    const { ino } = lstatSync(join(order.target, "a"));
    expect(await revertFolder(order)).toMatchObject({ ok: true });
    expect(lstatSync(join(order.target, "a"))).toMatchObject({ ino, mode: 0o100644 });
  });

  it("changes nothing when a file that is to get a mode got another hard link since", async () => {
    const order = arrangeRevert({ a: ["a\n", 0o755] }, { a: "a\n" });
    linkSync(join(order.target, "a"), join(order.objects, "elsewhere"));
    expect(await revertFolder(order)).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { changed: [{ path: "a", change: "other-mode" }] },
    });
    expect(lstatSync(join(order.objects, "elsewhere"))).toMatchObject({ mode: 0o100755, nlink: 2 });
  });

  it("keeps the set-group bit of a folder whose mode changes", async () => {
    const order = arrangeRevert({ d: 0o700 }, { d: 0o755 });
    chmodSync(join(order.target, "d"), 0o2700);
    expect(await revertFolder(order)).toMatchObject({ ok: true });
    expect(lstatSync(join(order.target, "d")).mode).toBe(0o42755);
  });
});

describe("a revert that fails takes everything back", () => {
  it("puts back the very inodes when the last name is taken", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    const inode = lstatSync(join(order.target, "changed.txt")).ino;
    const fs = meddlingFileSystem(
      ({ args, name }) => name === "linkSync" && String(args[1]).endsWith(`/${LAST_PUT}`),
      () => writeAsOther(join(order.target, LAST_PUT), "another process\n"),
    );
    const outcome = await revertFolder(order, fs);
    expect(outcome).toMatchObject({
      ok: false,
      code: "RESTORE_FINALIZE_FAILED",
      details: { path: LAST_PUT, reason: "already-there" },
    });
    expect(snapshotTree(order.target)).toEqual(laidOut({ ...AFTER, [LAST_PUT]: "another process\n" }));
    expect(lstatSync(join(order.target, "changed.txt")).ino).toBe(inode);
  });

  it("finds a file that was saved by rename just before it was moved, and keeps the save", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    const fs = meddlingFileSystem(
      ({ address, name }) => name === "renameSync" && address.endsWith("/swap-a"),
      () => {
        writeAsOther(join(order.target, "saved"), "saved\n");
        renameSync(join(order.target, "saved"), join(order.target, "swap-a"));
      },
    );
    expect(await revertFolder(order, fs)).toMatchObject({
      ok: false,
      code: "UNDO_TARGET_CHANGED",
      wrote: true,
      details: { reason: "run", changed: [{ path: "swap-a", change: "other-bytes" }] },
    });
    expect(snapshotTree(order.target)).toEqual(laidOut({ ...AFTER, "swap-a": "saved\n" }));
  });

  it("refuses a folder that was filled meanwhile, and keeps what is in it", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    const fs = meddlingFileSystem(
      ({ address, name }) => name === "rmdirSync" && address.endsWith("/new"),
      () => writeAsOther(join(order.target, "new/late.txt"), "late\n"),
    );
    expect(await revertFolder(order, fs)).toMatchObject({ ok: false, details: { path: "new" } });
    expect(snapshotTree(order.target)).toEqual(laidOut({ ...AFTER, "new/late.txt": "late\n" }));
  });

  it("finds bytes that were written into a moved file through an open descriptor", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    const fs = meddlingFileSystem(
      ({ args, name }) => name === "linkSync" && String(args[1]).endsWith(`/${LAST_PUT}`),
      ({ args }) => {
        const staging = String(args[0]).replace(/\/f\d+$/, "");
        writeFileSync(`${staging}/o0`, "late!\n");
      },
    );
    expect(await revertFolder(order, fs)).toMatchObject({
      ok: false,
      details: { changed: [{ path: "changed.txt", change: "other-bytes" }] },
    });
    expect(readFileSync(join(order.target, "changed.txt"), "utf8")).toBe("late!\n");
  });

  it.for([
    ["changed.txt", "other-bytes", (path: string) => writeFileSync(path, "again\n")],
    ["changed.txt", "other-mode", (path: string) => chmodSync(path, 0o600)],
    ["changed.txt", "other-type", (path: string) => exchange(path, () => mkdirSync(path))],
    ["changed.txt", "missing", (path: string) => renameSync(path, `${path}.moved`)],
    ["link", "other-target", (path: string) => exchange(path, () => symlinkSync("elsewhere", path))],
  ] as const)("says that %s was changed (%s) after it was put in place", async ([path, change, meddle]) => {
    const order = arrangeRevert(AFTER, BEFORE);
    const fs = meddlingFileSystem(
      ({ args, name }) => name === "linkSync" && String(args[1]).endsWith(`/${LAST_PUT}`),
      () => meddle(join(order.target, path)),
    );
    const outcome = await revertFolder(order, fs);
    expect(outcome).toMatchObject({
      phase: "VERIFY",
      details: { reason: "run", changed: [{ path, change }] },
    });
    expect(Object.values(outcome)).toContain("UNDO_TARGET_CHANGED");
  });

  it("changes nothing when a file has another mode than the plan says", async () => {
    const order = arrangeRevert({ a: "a\n" }, { a: "b\n" });
    chmodSync(join(order.target, "a"), 0o600);
    expect(await revertFolder(order)).toMatchObject({
      ok: false,
      details: { changed: [{ path: "a", change: "other-mode" }] },
    });
    expect(snapshotTree(order.target)).toEqual(laidOut({ a: ["a\n", 0o600] }));
  });

  it("changes nothing when an object is not what its digest says", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    for (const name of readdirSync(order.objects)) writeFileSync(join(order.objects, name), "z\n");
    expect(await revertFolder(order)).toMatchObject({ ok: false, code: "RESTORE_STAGING_HASH_MISMATCH" });
    expect(snapshotTree(order.target)).toEqual(laidOut(AFTER));
  });
});

describe("a name that another process took while the file was aside", () => {
  it("keeps both files, says where, and goes on once the name is free", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    const taken = join(order.target, "changed.txt");
    const fs = meddlingFileSystem(
      ({ address, name }) => name === "renameSync" && address.endsWith("/swap-a"),
      () => writeAsOther(taken, "another process\n"),
    );
    const outcome = await revertFolder(order, fs);
    expect(outcome).toMatchObject({
      code: "RESTORE_ROLLBACK_FAILED",
      cause_code: "RESTORE_FINALIZE_FAILED",
      details: { astray: ["changed.txt"] },
    });
    expect(readFileSync(taken, "utf8")).toBe("another process\n");
    expect(await recoverTarget({ target: order.target })).toMatchObject({ code: "RESTORE_UNRESOLVED" });
    renameSync(taken, join(order.target, "theirs"));
    expect(await recoverTarget({ target: order.target })).toMatchObject({ ok: true });
    expect(snapshotTree(order.target)).toEqual(laidOut({ ...AFTER, theirs: "another process\n" }));
  });
});
