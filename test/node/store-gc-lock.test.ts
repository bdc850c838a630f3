import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { AnchoredDir } from "../../src/node/files/anchored-dir.ts";
import { FolderLock } from "../../src/node/locks/folder-lock.ts";
import { PROJECT_LOCK } from "../../src/node/project/project-names.ts";
import { collectGarbage } from "../../src/node/store/collect/collect-garbage.ts";
import { sealBundle, writeBundle } from "../support/bundle.ts";
import { keepFiles } from "../support/keep.ts";
import { makeFolder, removeTree } from "../support/tree.ts";

/** A project during a seal: its objects are there, its bundle is not yet. */
async function makeHalfSealed() {
  const root = makeFolder();
  onTestFinished(() => removeTree(root));
  mkdirSync(join(root, ".runseal", "runs"), { recursive: true });
  const bundle = sealBundle({ outputs: { a: "alpha", b: "beta" } });
  const elsewhere = writeBundle(join(root, ".runseal"), bundle);
  writeFileSync(join(root, "a"), "alpha");
  writeFileSync(join(root, "b"), "beta");
  const own = AnchoredDir.open(join(root, ".runseal"));
  onTestFinished(() => own.close());
  const lock = await FolderLock.acquire(own, PROJECT_LOCK, undefined);
  if (lock === "occupied") throw new Error("the lock must be free");
  await keepFiles(root, ["a", "b"]);
  const appear = () => renameSync(elsewhere.bundle, join(root, ".runseal", "runs", bundle.runId));
  return { root, lock, appear };
}

describe("gc and the project's lock", () => {
  it("waits for a seal that has kept its outputs and not yet written its bundle, and removes none of them", async () => {
    const { root, lock, appear } = await makeHalfSealed();
    let ended = false;
    const collecting = collectGarbage({ root }).finally(() => {
      ended = true;
    });
    await setTimeout(100);
    expect(ended, "it must wait").toBe(false);
    appear();
    lock.release();
    expect(await collecting).toMatchObject({ ok: true, value: { removed: 0, kept: 2 } });
  });

  it("removes them where the seal ends without a bundle", async () => {
    const { root, lock } = await makeHalfSealed();
    const collecting = collectGarbage({ root });
    lock.release();
    expect(await collecting).toMatchObject({ ok: true, value: { removed: 2, kept: 0 } });
  });

  it("stops waiting when the signal fires", async () => {
    const { root, lock } = await makeHalfSealed();
    const stop = new AbortController();
    const collecting = collectGarbage({ root, signal: stop.signal });
    stop.abort();
    await expect(collecting).rejects.toThrow("interrupted");
    lock.release();
    expect(await collectGarbage({ root, dryRun: true })).toMatchObject({ ok: true, value: { removed: 2 } });
  });

  it("says so where something else has the lock's name", async () => {
    const { root, lock } = await makeHalfSealed();
    lock.release();
    writeFileSync(join(root, ".runseal", "lock"), "");
    expect(await collectGarbage({ root })).toMatchObject({ ok: false, code: "PROJECT_LOCKED" });
  });
});
