import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TextViews } from "../../../../src/core/system/json/text-views.ts";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { type TreeListing, walkTree } from "../../../../src/node/system/files/walk-tree.ts";
import { runSteps } from "../../../../src/node/system/runtime/interruption.ts";
import { interceptFileSystem } from "../../../support/files/faulty-file-system.ts";
import { layOutTree, makeFolder, removeTree } from "../../../support/files/tree.ts";

const NO_LINKS = { paths: TextViews.of([]), targets: TextViews.of([]), changed: [] };

/** In byte order, which is neither that of names alone nor that of UTF-16 units. */
const PATHS = ["a!", "a-b/c", "a.b", "a/-", "a/b/c", "a/b0", "a/z", "a0", "\uffee/x", "\uffeez", "\u{1f600}"];

/** Makes a tree of so many folders, one in the other, in the current folder, and prints how many files it holds. */
const DEEP = `
  import { mkdirSync, writeFileSync } from "node:fs";
  import { AnchoredRoot } from "${new URL("../../../../dist/node/system/files/anchored-root.js", import.meta.url).href}";
  import { walkTree } from "${new URL("../../../../dist/node/system/files/walk-tree.js", import.meta.url).href}";
  import { runSteps } from "${new URL("../../../../dist/node/system/runtime/interruption.js", import.meta.url).href}";
  const root = AnchoredRoot.open(".");
  const name = "d".repeat(255);
  for (let depth = 0; depth < 2000; depth++) {
    mkdirSync(name);
    process.chdir(name);
  }
  writeFileSync("file", "");
  process.stdout.write(String(runSteps(walkTree(root, [[]], () => false)).files.length));
`;

let folder: string;

beforeAll(() => {
  folder = layOutTree(Object.fromEntries(PATHS.toReversed().map((path) => [path, { utf8: path }])));
});

afterAll(() => removeTree(folder));

function walk(below: string, starts: readonly string[], onFolder?: (listed: number) => void): TreeListing {
  const root = AnchoredRoot.open(below);
  try {
    const components = starts.map((start) => start.split("/").filter((name) => name !== ""));
    return runSteps(walkTree(root, components, (name) => name === ".own", { onFolder }));
  } finally {
    root.close();
  }
}

describe("walking a tree", () => {
  it("lists files in byte order of their paths, files and folders of similar names mixed", () => {
    expect(walk(folder, [""])).toEqual({
      files: PATHS,
      links: NO_LINKS,
      emptyFolders: [],
      special: [],
      missing: [],
      closed: [],
    });
  });

  it.each([{ starts: ["a", "a/b", "a/b/c", "a/z", "a"] }, { starts: ["a/z", "a/b0", "a", "a/b"] }])(
    "lists each file once, though starting points overlap: $starts",
    ({ starts }) => {
      expect(walk(folder, starts).files).toEqual(["a/-", "a/b/c", "a/b0", "a/z"]);
    },
  );

  it("takes no starting point for below another whose name it merely begins with", () => {
    expect(walk(folder, ["a0", "a!", "a-b", "a.b", "a/b"]).files).toEqual([
      "a!",
      "a-b/c",
      "a.b",
      "a/b/c",
      "a0",
    ]);
  });

  it("tells after each folder how many files it has listed so far", () => {
    const told: number[] = [];
    walk(folder, [""], (listed) => told.push(listed));
    // a-b, a/b, a, U+FFEE, the root, and what is gone through first of all: the starting points.
    expect(told).toEqual([2, 5, 7, 9, 11, 11]);
  });

  it("distinguishes missing paths, ignored ones, and those that are not files", () => {
    const place = makeFolder();
    try {
      mkdirSync(join(place, "b/.own"), { recursive: true });
      writeFileSync(join(place, "b/.own/file"), "");
      writeFileSync(join(place, "b/file"), "");
      symlinkSync("file", join(place, "b/link"));
      const notUtf8 = Buffer.concat([Buffer.from(`${place}/b/`), Buffer.from([0xff])]);
      writeFileSync(notUtf8, "");
      expect(walk(place, ["b", "none", "b/file/none", "b/link/none"])).toEqual({
        files: ["b/file"],
        links: NO_LINKS,
        emptyFolders: [],
        special: [
          { path: "b/link", kind: "link" },
          { path: "b/link/none", kind: "link" },
          { path: "b/\u00ff", kind: "not-utf8" },
        ],
        missing: ["none", "b/file/none"],
        closed: [],
      });
    } finally {
      removeTree(place);
    }
  });

  it("lists a file once even if its folder lists it twice, as tmpfs may when it is replaced meanwhile", () => {
    const fs = interceptFileSystem(({ name }, proceed) => {
      const value = proceed();
      return name === "readdirSync" && Array.isArray(value) ? [...value, ...value] : value;
    });
    const root = AnchoredRoot.open(folder);
    try {
      expect(runSteps(walkTree(root, [[]], () => false, { fs })).files).toEqual(PATHS);
    } finally {
      root.close();
    }
  });

  it("needs no more memory than some of its paths, however deep a tree is", () => {
    const place = makeFolder();
    try {
      // All paths of its folders together are 512 MB, those that are held open 100.
      const limits = ["--max-old-space-size=192", "--input-type=module", "-e", DEEP];
      const { stdout, stderr } = spawnSync(process.execPath, limits, { cwd: place, encoding: "utf8" });
      expect({ stdout, stderr }).toEqual({ stdout: "1", stderr: "" });
    } finally {
      // Its paths are longer than the system takes them.
      spawnSync("rm", ["-rf", place]);
    }
  });
});
