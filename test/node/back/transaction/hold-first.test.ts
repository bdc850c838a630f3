import { chmodSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AFTER, arrangeRevert, BEFORE, laidOut, revertFolder } from "../../../support/faults/revert-scene.ts";
import {
  type Call,
  interceptFileSystem,
  meddlingFileSystem,
} from "../../../support/files/faulty-file-system.ts";
import { snapshotTree } from "../../../support/files/tree.ts";

/** A file system that notes calls. */
function noting(calls: Call[]) {
  return interceptFileSystem((call, proceed) => {
    calls.push(call);
    return proceed();
  });
}

describe("what goes is held and judged before anything is changed (HOUSE 3)", () => {
  it("names all that is not as planned, before a journal is written or a name is moved", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    const here = (path: string): string => join(order.target, path);
    writeFileSync(here("changed.txt"), "later\n");
    chmodSync(here("mode.txt"), 0o600);
    rmSync(here("new-link"));
    rmSync(here("new.txt"));
    symlinkSync("keep.txt", here("new.txt"));
    const calls: Call[] = [];
    expect(await revertFolder(order, noting(calls))).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: {
        reason: "run",
        changed: [
          { path: "changed.txt", change: "other-bytes" },
          { path: "new-link", change: "missing" },
          { path: "new.txt", change: "other-type" },
          { path: "mode.txt", change: "other-mode" },
        ],
      },
    });
    expect(calls.filter(({ name }) => name === "renameSync")).toEqual([]);
    expect(calls.filter(({ address }) => address.endsWith("/journal.new"))).toEqual([]);
    expect(readFileSync(here("changed.txt"), "utf8")).toBe("later\n");
  });

  it("does not take a folder for a file, nor what is behind a link", async () => {
    const { objects, plan } = arrangeRevert({ d: 0o755, "d/a": "a\n" }, { d: 0o755, "d/a": "b\n" });
    const { target } = arrangeRevert({ d: 0o755, "d/a": 0o755 }, {});
    const changed = (change: string): object => ({ details: { changed: [{ path: "d/a", change }] } });
    expect(await revertFolder({ target, objects, plan })).toMatchObject(changed("other-type"));
    renameSync(join(target, "d"), join(target, "moved"));
    symlinkSync("moved", join(target, "d"));
    expect(await revertFolder({ target, objects, plan })).toMatchObject(changed("missing"));
  });

  it.each([
    ["is to be taken out", "new/empty", AFTER, BEFORE],
    ["is to get another mode", "mode-dir", AFTER, BEFORE],
    ["gets a file", "d", { d: 0o755 }, { d: 0o755, "d/a": "a\n" }],
  ])("names a folder that %s and is missing by now", async (_what, path, now, wanted) => {
    const order = arrangeRevert(now, wanted);
    rmSync(join(order.target, path), { recursive: true });
    const before = snapshotTree(order.target);
    expect(await revertFolder(order)).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { reason: "run", changed: [{ path, change: "missing" }] },
    });
    expect(snapshotTree(order.target)).toEqual(before);
  });

  it("names a file that got a mode, and whose folder is missing by then", async () => {
    const mode = (bits: number) => ({ b: `${bits}`, d: 0o755, "d/m": ["m\n", bits] as const });
    const order = arrangeRevert(mode(0o755), mode(0o644));
    const away = join(order.objects, "moved");
    const fs = meddlingFileSystem(
      ({ args, name }) => name === "linkSync" && String(args[1]).endsWith("/b"),
      () => renameSync(join(order.target, "d"), away),
    );
    expect(await revertFolder(order, fs)).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { reason: "run", changed: [{ path: "d/m", change: "missing" }] },
    });
    renameSync(away, join(order.target, "d"));
    expect(snapshotTree(order.target)).toEqual(laidOut(mode(0o755)));
  });

  it("reads no byte while a name is gone", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    const calls: Call[] = [];
    expect(await revertFolder(order, noting(calls))).toMatchObject({ ok: true });
    const isAside = ({ args, name }: Call): boolean =>
      name === "renameSync" && /\/o\d+$/.test(String(args[1]));
    const isPut = ({ args, name }: Call): boolean => name === "linkSync" && /\/f\d+$/.test(String(args[0]));
    const gone = calls.slice(calls.findIndex(isAside), calls.findLastIndex(isPut));
    expect(gone.length).toBeGreaterThan(0);
    expect(gone.filter(({ name }) => name === "readSync")).toEqual([]);
  });

  it("finds a file that was written to between the look and the move, and gives it its name back", async () => {
    const order = arrangeRevert(AFTER, BEFORE);
    const fs = meddlingFileSystem(
      ({ address, name }) => name === "renameSync" && address.endsWith("/swap-a"),
      () => writeFileSync(join(order.target, "swap-a"), "a longer text\n"),
    );
    expect(await revertFolder(order, fs)).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { changed: [{ path: "swap-a", change: "other-bytes" }] },
    });
    expect(snapshotTree(order.target)).toEqual(laidOut({ ...AFTER, "swap-a": "a longer text\n" }));
  });
});
