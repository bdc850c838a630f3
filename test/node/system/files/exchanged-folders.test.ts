import "../../../support/command/without-proc.ts";
import { constants, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { type FileSystem, nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import { errnoOf, machineReason } from "../../../../src/node/system/runtime/machine-reason.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

let folder: string;
let held: AnchoredDir;
let other: AnchoredDir;

beforeEach(() => {
  folder = makeFolder();
  for (const name of ["a", "a/held", "victim", "victim/held", "other"]) mkdirSync(join(folder, name));
  for (const name of ["a/held/file", "victim/held/file"]) writeFileSync(join(folder, name), "");
  for (const name of ["a/held/empty", "victim/held/empty"]) mkdirSync(join(folder, name));
  held = AnchoredDir.open(join(folder, "a/held"));
  other = AnchoredDir.open(join(folder, "other"));
});

afterEach(() => {
  held.close();
  other.close();
  removeTree(folder);
});

/** Every call that changes a folder. */
const CHANGES: Readonly<Record<string, () => void>> = {
  "makes a file": () => nodeFileSystem.closeSync(held.open("new", constants.O_CREAT | constants.O_WRONLY)),
  "makes a folder": () => held.mkdir("new", 0o700),
  "makes a link": () => held.symlink("file", "new"),
  "renames a file": () => held.rename("file", held, "new"),
  "takes a file out": () => held.rename("file", other, "new"),
  "puts a file in": () => other.rename("mine", held, "new"),
  "gives a second name": () => held.link("file", other, "new"),
  "removes a file": () => held.unlink("file"),
  "removes a folder": () => held.rmdir("empty"),
};

/** Ways to lead the path of the held folder to that of a victim. */
const EXCHANGES: Readonly<Record<string, () => void>> = {
  "another folder has its name": () => {
    renameSync(join(folder, "a/held"), join(folder, "a/away"));
    renameSync(join(folder, "victim/held"), join(folder, "a/held"));
  },
  "a link has its name": () => {
    renameSync(join(folder, "a/held"), join(folder, "a/away"));
    symlinkSync("../victim/held", join(folder, "a/held"));
  },
  "a link has the name of the folder above": () => {
    renameSync(join(folder, "a"), join(folder, "away"));
    symlinkSync("victim", join(folder, "a"));
  },
};

describe.each(Object.entries(EXCHANGES))("where folders are reached by path, and %s", (_how, exchange) => {
  it.each(Object.entries(CHANGES))("no call %s", (_what, change) => {
    writeFileSync(join(folder, "other/mine"), "");
    exchange();
    const before = names();
    expect(() => change()).toThrow(expect.objectContaining({ code: "ESTALE" }));
    expect(names()).toEqual(before);
  });
});

describe("where folders are reached by path", () => {
  it.each(Object.entries(CHANGES))("a call %s in the folder that was opened", (_what, change) => {
    writeFileSync(join(folder, "other/mine"), "");
    expect(change).not.toThrow();
  });

  it("an exchange between look and call is noticed after the call", () => {
    const fs: FileSystem = {
      ...nodeFileSystem,
      mkdirSync: ((...args: Parameters<typeof mkdirSync>) => {
        EXCHANGES["a link has its name"]?.();
        return mkdirSync(...args);
      }) as FileSystem["mkdirSync"],
    };
    using watched = AnchoredDir.open(join(folder, "a/held"), fs);
    expect(() => watched.mkdir("new", 0o700)).toThrow(expect.objectContaining({ code: "ESTALE" }));
  });

  it("a folder that is entered is the one that was in it, so that no other gets its mode", () => {
    const fs: FileSystem = {
      ...nodeFileSystem,
      openSync: (path, ...rest) => {
        if (String(path).endsWith("/empty")) EXCHANGES["a link has its name"]?.();
        return nodeFileSystem.openSync(path, ...rest);
      },
    };
    using watched = AnchoredDir.open(join(folder, "a/held"), fs);
    expect(() => watched.enter("empty")).toThrow(expect.objectContaining({ code: "ESTALE" }));
  });

  it("the reason has a word of its own", () => {
    EXCHANGES["a link has its name"]?.();
    let thrown: unknown;
    try {
      held.unlink("file");
    } catch (caught) {
      thrown = caught;
    }
    expect([errnoOf(thrown), machineReason(thrown)]).toEqual(["ESTALE", "folder-exchanged"]);
  });
});

/** Everything below the folder. */
function names(): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
}
