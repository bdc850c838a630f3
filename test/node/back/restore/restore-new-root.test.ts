import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  changesOf,
  openDescriptors,
  Scene,
  UNCHANGED,
  writeAt,
} from "../../../support/faults/restore-scene.ts";
import {
  type Call,
  interceptFileSystem,
  meddlingFileSystem,
  puts,
  systemError,
} from "../../../support/files/faulty-file-system.ts";

/** Restores with `--mkdir` below a folder with foreign files. */
async function restoreNew(scene: Scene, name: string, meddle?: (target: string) => void) {
  const parent = scene.existingTarget();
  const target = `${parent}/${name}`;
  const fs = meddlingFileSystem(puts("RESTORE_REPORT.json"), () => meddle?.(target));
  const { value: outcome, change } = await changesOf(parent, () =>
    scene.restore(target, fs, { mkdir: true }),
  );
  return { outcome, change };
}

describe("a root that is made by the restore (PROTOCOL 13.9)", () => {
  it.each(["new", "new/", "new//", "n".repeat(255)])("appears whole: %s", async (name) => {
    using scene = new Scene();
    const { outcome, change } = await restoreNew(scene, name);
    expect(outcome).toMatchObject({ ok: true });
    const top = new Set(Object.keys(change.added).map((path) => path.split("/")[0]));
    expect([...top]).toEqual([name.replace(/\/+$/, "")]);
  });

  it.each([
    ["has no parent", "none/new"],
    ["has no parent, spelled with a dot", "none/."],
    ["has no parent, spelled with two dots", "none/.."],
    ["has a name with NUL", "n\0w"],
    ["has a name of 256 bytes", "n".repeat(256)],
    ["would lie in a folder with such a name", `${"n".repeat(256)}/new`],
  ])("%s: RESTORE_TARGET_NOT_EXIST", async (_what, name) => {
    using scene = new Scene();
    const descriptors = openDescriptors();
    const { outcome, change } = await restoreNew(scene, name);
    expect(outcome).toMatchObject({ code: "RESTORE_TARGET_NOT_EXIST", phase: "PREFLIGHT", wrote: false });
    expect(change).toEqual(UNCHANGED);
    expect(openDescriptors()).toEqual(descriptors);
  });

  it("means by `..` after a link what the system means", async () => {
    using scene = new Scene();
    const parent = scene.existingTarget();
    mkdirSync(join(parent, "far/away"), { recursive: true });
    symlinkSync("far/away", join(parent, "link"));
    expect(await scene.restore(`${parent}/link/../new`, undefined, { mkdir: true })).toMatchObject({
      ok: true,
    });
    expect(readdirSync(join(parent, "far/new"))).toContain("RESTORE_REPORT.json");
  });

  it.each([
    ["a file", (path: string) => writeFileSync(path, "other user"), ["new"]],
    ["a folder", (path: string) => writeAt(path, { "own.txt": "other user" }), ["new/own.txt"]],
    ["an empty folder", (path: string) => mkdirSync(path), ["new"]],
    ["a link to a folder", (path: string) => symlinkSync("other", path), ["new"]],
    ["a link that leads nowhere", (path: string) => symlinkSync("nowhere", path), ["new"]],
  ])("finds %s in its place: RESTORE_FINALIZE_FAILED, and it stays", async (_what, make, left) => {
    using scene = new Scene();
    const { outcome, change } = await restoreNew(scene, "new", make);
    const details = { reason: "already-there" };
    expect(outcome).toMatchObject({
      code: "RESTORE_FINALIZE_FAILED",
      phase: "VERIFY",
      cause_code: null,
      details,
    });
    expect(change).toMatchObject({ removed: [], changed: [] });
    expect(Object.keys(change.added)).toEqual(left);
  });

  it("does not pass off for the root what was put in its place: RESTORE_FINALIZE_FAILED", async () => {
    using scene = new Scene();
    const target = scene.newTarget();
    const parent = dirname(target);
    const exchange = ({ address }: Call): void => {
      renameSync(address, join(parent, "moved"));
      writeAt(address, { "planted.txt": "planted" });
    };
    const arrives = ({ args, name }: Call): boolean =>
      name === "renameSync" && basename(String(args[1])) === "new";
    const fs = meddlingFileSystem(arrives, exchange);
    const { value: outcome, change } = await changesOf(parent, () =>
      scene.restore(target, fs, { mkdir: true }),
    );
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", phase: "VERIFY", cause_code: null });
    expect(Object.keys(change.added)).toEqual(["moved", "new/planted.txt"]);
  });

  it("leaves a foreign empty folder of that name alone when it could not make its own", async () => {
    using scene = new Scene();
    const target = scene.newTarget();
    const fs = interceptFileSystem((call, proceed) => {
      if (call.name !== "mkdirSync" || !call.address.includes("/.spectrum06_new_")) return proceed();
      mkdirSync(target);
      throw systemError("EIO", call.name);
    });
    const { value: outcome, change } = await changesOf(dirname(target), () =>
      scene.restore(target, fs, { mkdir: true }),
    );
    expect(outcome).toMatchObject({ code: "RESTORE_INTERNAL_ERROR", cause_code: null });
    expect(Object.keys(change.added)).toEqual(["new"]);
  });
});
