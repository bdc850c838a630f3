import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FileSystem, nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import { openOrMakeFolders } from "../../../../src/node/system/files/make-folders.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

let folder: string;

beforeEach(() => {
  folder = makeFolder();
});

afterEach(() => removeTree(folder));

describe("opening a folder that may be missing", () => {
  it("makes it and those above it, and lists what it made", () => {
    const made: string[] = [];
    const path = join(folder, "a/b/c");
    using dir = openOrMakeFolders(path, 0o700, made);
    expect(made).toEqual([join(folder, "a"), join(folder, "a/b"), path]);
    expect(nodeFileSystem.fstatSync(dir.fd).ino).toBe(statSync(path).ino);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it("follows a link that stood there before, as a user who moved a folder expects", () => {
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(folder, "link"));
    openOrMakeFolders(join(folder, "link/new"), 0o700).close();
    expect(readdirSync(join(folder, "elsewhere"))).toEqual(["new"]);
  });

  it.skipIf(process.platform !== "linux")(
    "does not follow a link that takes the place of a folder it has just made",
    () => {
      const outside = join(folder, "outside");
      mkdirSync(outside);
      const swapping = makingFoldersAs((address) => {
        mkdirSync(address);
        rmdirSync(address);
        symlinkSync(outside, address);
      });
      expect(() => openOrMakeFolders(join(folder, "state/objects"), 0o700, [], swapping)).toThrow(
        /ENOTDIR|ELOOP/,
      );
      expect(readdirSync(outside)).toEqual([]);
    },
  );

  it.skipIf(process.platform !== "linux")(
    "makes nothing elsewhere when the folder above is exchanged",
    () => {
      const [state, moved, outside] = [join(folder, "state"), join(folder, "moved"), join(folder, "outside")];
      for (const each of [state, outside]) mkdirSync(each);
      const exchanging = makingFoldersAs((address) => {
        if (!existsSync(moved)) {
          renameSync(state, moved);
          symlinkSync(outside, state);
        }
        mkdirSync(address);
      });
      openOrMakeFolders(join(state, "a/b"), 0o700, [], exchanging).close();
      expect(readdirSync(outside)).toEqual([]);
      expect(readdirSync(join(moved, "a"))).toEqual(["b"]);
    },
  );
});

function makingFoldersAs(mkdirSync: (address: string) => void): FileSystem {
  return Object.assign({}, nodeFileSystem, { mkdirSync });
}
