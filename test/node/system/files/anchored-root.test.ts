import { mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { AnchoredRoot, type Location } from "../../../../src/node/system/files/anchored-root.ts";
import { allowedOpenFolders } from "../../../../src/node/system/runtime/system-limits.ts";
import { openDescriptors } from "../../../support/faults/restore-scene.ts";
import { layOutTree, makeFolder, removeTree, type Tree } from "../../../support/files/tree.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

/** A tree laid out, and the folder `root` in it held open. */
class Rooted implements Disposable {
  readonly folder: string;
  readonly root: AnchoredRoot;

  constructor(tree: Tree, name = "root") {
    this.folder = layOutTree(tree);
    this.root = AnchoredRoot.open(join(this.folder, name));
  }

  [Symbol.dispose](): void {
    this.root.close();
    removeTree(this.folder);
  }
}

/** Where a path leads, without the folder that is held open. */
function told(location: Location): string {
  if (location.kind === "outside") return "outside";
  return location.kind === "entry" ? `at ${location.real}` : `${location.kind} ${location.real}`;
}

const link = (target: string): { readonly symlink: string } => ({ symlink: target });

const TREE: Tree = {
  "outside/precious.txt": { utf8: "outside" },
  "alias-of-root": link("root"),
  "root/dir/file": { utf8: "file" },
  "root/dir/sub/file": { utf8: "file" },
  "root/to-dir": link("dir"),
  "root/dir/sub/to-dir": link("../../dir"),
  "root/winding": link("dir/sub/../../dir/./sub/.."),
  "root/absolute": link("{ROOT}/root/dir"),
  "root/chain": link("to-dir/sub/to-dir"),
  "root/self": link("."),
  "root/out": link("../outside"),
  "root/out-absolute": link("{ROOT}/outside"),
  "root/up": link(".."),
  "root/slash": link("/"),
  "root/out-and-in": link("../root/dir"),
  "root/far-out-and-in": link("dir/../../../../../../../../../../../..{ROOT}/root/dir"),
  "root/in-through-alias": link("../alias-of-root/dir"),
  "root/in-through-proc": link("/proc/self/cwd"),
  "root/circle": link("circle"),
  "root/circle-a": link("circle-b/x"),
  "root/circle-b": link("circle-a/x"),
  "root/dangling": link("nowhere"),
  "root/dangling-deep": link("nowhere/deeper"),
  "root/dangling-out": link("../nowhere"),
  "root/to-file": link("dir/file"),
  "root/through-file": link("dir/file/x"),
  "root/through-file-and-back": link("dir/file/../sub"),
  "root/file-and-slash": link("dir/file/"),
};

describe("walking below an anchored root (PROTOCOL 8.9, 13.3)", () => {
  it.each([
    ["dir/file", "at dir/file"],
    ["none", "at none"],
    ["dir/none/x/y", "missing dir/none"],
    ["dir/file/x", "not-a-folder dir/file"],
    ["winding/file", "at dir/file"],
    ["absolute/file", "at dir/file"],
    ["chain/file", "at dir/file"],
    ["out/precious.txt", "outside"],
    ["out-absolute/precious.txt", "outside"],
    ["up/outside/precious.txt", "outside"],
    ["slash/etc/passwd", "outside"],
    ["out-and-in/file", "at dir/file"],
    ["far-out-and-in/file", "at dir/file"],
    ["up/root/dir/file", "at dir/file"],
    ["in-through-alias/file", "outside"],
    ["in-through-proc/file", "outside"],
    ["circle/x", "outside"],
    ["dangling/x", "missing nowhere"],
    ["dangling-out/x", "outside"],
    ["through-file/x", "not-a-folder dir/file"],
    ["n".repeat(300).concat("/x"), `missing ${"n".repeat(300)}`],
  ])("locate(%s) is %s", (path, expected) => {
    using rooted = new Rooted(TREE);
    expect(told(rooted.root.locate(path))).toBe(expected);
  });

  it.each([
    ["to-file", "at dir/file"],
    ["dir/sub/to-dir", "at dir"],
    ["dangling", "at nowhere"],
    ["dangling-deep", "missing nowhere"],
    ["absolute", "at dir"],
    ["out", "outside"],
    ["slash", "outside"],
    ["self", "not-a-folder "],
    ["file-and-slash", "not-a-folder dir/file"],
    ["chain", "at dir/sub/to-dir"],
    ["out-and-in", "at dir"],
  ])("follow(%s) is %s", (path, expected) => {
    using rooted = new Rooted(TREE);
    const location = rooted.root.locate(path);
    if (location.kind !== "entry") throw new Error("the test's own link is not there");
    expect(told(rooted.root.follow(location))).toBe(expected);
  });

  it("follows as many links in one walk as Linux does, and no more", () => {
    using rooted = new Rooted({
      "root/l0": { dir: true },
      ...Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`root/l${n + 1}`, link(`l${n}`)])),
    });
    expect(told(rooted.root.locate("l40/x"))).toBe("at l0/x");
    expect(told(rooted.root.locate("l41/x"))).toBe("outside");
    expect(() => realpathSync.native(join(rooted.folder, "root/l41"))).toThrow("ELOOP");
  });

  it("takes a backslash in the root's own name for a letter", () => {
    using rooted = new Rooted(
      {
        "a\\b/dir": { dir: true },
        "b/dir": { dir: true },
        "a\\b/in": link("../a\\b/dir"),
        "a\\b/in-absolute": link("{ROOT}/a\\b/dir"),
        "a\\b/out": link("../b/dir"),
      },
      "a\\b",
    );
    const places = ["in/x", "in-absolute/x", "out/x"].map((path) => told(rooted.root.locate(path)));
    expect(places).toEqual(["at dir/x", "at dir/x", "outside"]);
  });

  it("knows where the root really is when it was opened through a link", () => {
    using rooted = new Rooted(TREE, "alias-of-root");
    expect(rooted.root.real.join("/")).toBe(join(rooted.folder, "root").slice(1));
    expect(told(rooted.root.locate("absolute/file"))).toBe("at dir/file");
  });

  it("stays in the folder that was opened when another takes its place", () => {
    using rooted = new Rooted(TREE);
    renameSync(join(rooted.folder, "root"), join(rooted.folder, "moved"));
    mkdirSync(join(rooted.folder, "root"));
    const location = rooted.root.locate("dir/file");
    if (location.kind !== "entry") throw new Error("the folder is still there");
    expect(realpathSync(location.dir.self)).toBe(join(rooted.folder, "moved/dir"));
  });
});

/** Parts of links and paths: folders at two depths, a file, links, and steps up. Nothing spells the root. */
const PLAIN = fc.constantFrom("a", "b", "f", "l0", "l1", "l2", "l3");
const STEP = fc.oneof({ weight: 4, arbitrary: PLAIN }, { weight: 2, arbitrary: fc.constantFrom("..", ".") });
const TARGET = fc
  .tuple(fc.constantFrom("", "", "", "{ROOT}/root/"), fc.array(STEP, { minLength: 1, maxLength: 4 }))
  .map(([start, steps]) => start + steps.join("/"));
const FOLDERS = ["", "a/", "b/", "a/a/", "a/b/"];
const LINKS = fc.array(
  fc.tuple(fc.constantFrom(...FOLDERS), fc.constantFrom("l0", "l1", "l2", "l3"), TARGET),
  {
    maxLength: 8,
  },
);

describe("walking as the system walks", () => {
  it("leads where the kernel leads, or refuses", () => {
    const path = fc.array(PLAIN, { minLength: 1, maxLength: 4 }).map((names) => `${names.join("/")}/x`);
    const paths = fc.array(path, { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(LINKS, paths, (links, walks) => {
        const folders = FOLDERS.map((name): [string, Tree[string]] => [`root/${name}f`, { utf8: "" }]);
        const made = links.map(([at, name, target]): [string, Tree[string]] => [
          `root/${at}${name}`,
          link(target),
        ]);
        using rooted = new Rooted(Object.fromEntries([...folders, ...made]));
        for (const walk of walks) {
          const [ours, kernels] = [told(rooted.root.locate(walk)), kernelsPlace(rooted.folder, walk)];
          // Outside, nothing is looked at: whether it is there or not, it is refused.
          const agree =
            ours === "outside" ? !kernels.startsWith("at") : kernels === ours.replace(/^(m|n).*/, "none");
          expect({ walk, ours, kernels, agree }).toEqual({ walk, ours, kernels, agree: true });
        }
      }),
      { numRuns: runs(150) },
    );
  });
});

/** Where the kernel says that the last component would be, from the real path of its folder. */
function kernelsPlace(folder: string, walk: string): string {
  const root = join(folder, "root");
  try {
    const parent = realpathSync.native(join(root, walk.slice(0, -2)));
    // A file cannot contain `x`: with a slash behind the name, the kernel says so.
    realpathSync.native(`${join(root, walk.slice(0, -2))}/.`);
    if (parent !== root && !parent.startsWith(`${root}/`)) return "outside";
    return `at ${join(parent.slice(root.length + 1), "x")}`;
  } catch {
    return "none";
  }
}

describe("open folders", () => {
  it("are kept in bounds, opened again when needed, and closed in the end", () => {
    const folder = makeFolder();
    const before = openDescriptors();
    try {
      const names = Array.from({ length: 450 }, (_, n) => `d${n}`);
      for (const name of names) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, "name"), name);
      }
      const root = AnchoredRoot.open(folder);
      for (const name of [...names, ...names, ...names.reverse()]) {
        const location = root.locate(`${name}/name`);
        if (location.kind !== "entry") throw new Error("the folder is there");
        expect(realpathSync(location.dir.self)).toBe(join(folder, name));
      }
      expect(openDescriptors().length).toBe(before.length + 1 + allowedOpenFolders());
      root.close();
      expect(openDescriptors()).toEqual(before);
    } finally {
      removeTree(folder);
    }
  });

  it("are enough for a path deeper than their number", () => {
    using rooted = new Rooted({ [`root/${"d/".repeat(450)}file`]: { utf8: "deep" } });
    for (const times of [450, 10, 450, 300]) {
      const path = `${"d/".repeat(times)}file`;
      expect(told(rooted.root.locate(path))).toBe(`at ${path}`);
    }
  });
});

describe("names in a folder", () => {
  it("are one component", () => {
    const dir = AnchoredDir.open("/");
    try {
      for (const name of ["", ".", "..", "a/b", "/", "/etc", "../etc", "etc/", "a\0b", "\0"]) {
        expect(() => dir.address(name)).toThrow(RangeError);
        expect(() => dir.enter(name)).toThrow(RangeError);
      }
      for (const name of ["a", "...", "..a", "a\\b", "a\nb", " "]) expect(dir.address(name)).toMatch(/[^/]$/);
    } finally {
      dir.close();
    }
  });

  it("are not entered through a link", () => {
    const folder = makeFolder();
    mkdirSync(join(folder, "dir"));
    symlinkSync("dir", join(folder, "link"));
    const dir = AnchoredDir.open(folder);
    try {
      dir.enter("dir").close();
      expect(() => dir.enter("link")).toThrow(/ENOTDIR|ELOOP/);
    } finally {
      dir.close();
      removeTree(folder);
    }
  });
});
