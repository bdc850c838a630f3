import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Progress } from "../../../../src/node/system/runtime/progress.ts";
import { digestOf, digestsOf, GuardScene, plainTree } from "../../../support/faults/guard-scene.ts";
import { MountedFolder } from "../../../support/files/file-systems.ts";

/** Writes files, with the folders above them. */
function write(scene: GuardScene, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(scene.at(path), ".."), { recursive: true });
    writeFileSync(scene.at(path), text);
  }
}

describe("looking at a guarded folder", () => {
  it("keeps the nine permission bits of files and folders, and no others", async () => {
    using scene = new GuardScene();
    write(scene, { "a/x": "1", "b/y": "2", plain: "3", secret: "4", none: "5", suid: "6" });
    chmodSync(scene.at("a/x"), 0o755);
    chmodSync(scene.at("secret"), 0o400);
    chmodSync(scene.at("none"), 0);
    chmodSync(scene.at("suid"), 0o6755);
    chmodSync(scene.at("plain"), 0o644);
    chmodSync(scene.at("b/y"), 0o644);
    chmodSync(scene.at("b"), 0o1777);
    chmodSync(scene.at("a"), 0o555);
    const look = await scene.look({ leavesOutUnreadable: true });
    const isRoot = process.geteuid?.() === 0;
    expect(plainTree(look)).toMatchObject({
      kind: "snapshot",
      modes: { ...(isRoot ? { "000": ["none"] } : {}), "400": ["secret"], "755": ["a/x", "suid"] },
      folderModes: { "555": ["a"], "777": ["b"] },
    });
    expect(look.unreadable).toEqual(isRoot ? [] : ["none"]);
  });

  it("passes over .runseal at any depth and staging folders at the top", async () => {
    using scene = new GuardScene();
    write(scene, {
      ".runseal/HEAD": "1",
      "sub/.runseal/HEAD": "2",
      ".spectrum06_x/f0": "3",
      "sub/.spectrum06_x": "4",
    });
    const look = await scene.look();
    expect(Object.keys(digestsOf(look))).toEqual(["sub/.spectrum06_x"]);
    expect(look.notGuarded).toEqual([]);
    expect(look.leftOut.map(({ path }) => path)).toEqual([".runseal", ".spectrum06_x", "sub/.runseal"]);
  });

  it("leaves out sockets, FIFOs and names that are not UTF-8, and names them", async () => {
    using scene = new GuardScene();
    write(scene, { file: "1", "back\\slash": "2" });
    spawnSync("mkfifo", [scene.at("fifo")]);
    const server = createServer().listen(scene.at("socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    writeFileSync(Buffer.concat([Buffer.from(`${scene.root}/`), Buffer.of(0xff, 0x61)]), "3");
    symlinkSync(Buffer.of(0xfe), scene.at("link"));
    const look = await scene.look();
    server.close();
    expect(look.notGuarded).toEqual([
      { path: "back\\slash", reason: "backslash" },
      { path: "fifo", reason: "fifo" },
      { path: "link", reason: "link" },
      { path: "socket", reason: "socket" },
      { path: "\u00ffa", reason: "not-utf8" },
    ]);
    expect(Object.keys(digestsOf(look))).toEqual(["file"]);
    expect(plainTree(look)).toMatchObject({ leftOut: { fifo: "fifo", link: "link", socket: "socket" } });
  });

  it("takes in a folder whose only entries are left out as an empty one, unless a name is not UTF-8", async () => {
    using scene = new GuardScene();
    mkdirSync(scene.at("fifos"));
    mkdirSync(scene.at("names"));
    spawnSync("mkfifo", [scene.at("fifos/fifo")]);
    writeFileSync(Buffer.concat([Buffer.from(`${scene.at("names")}/`), Buffer.of(0xff)]), "");
    expect(plainTree(await scene.look())).toMatchObject({ emptyFolders: ["fifos"] });
  });

  it("does not enter another file system", async () => {
    using scene = new GuardScene();
    using disk = MountedFolder.inside(scene.at("disk"), "tmpfs", "none");
    if (disk.obstacle !== undefined) return;
    write(scene, { file: "1", "disk/file": "2" });
    const look = await scene.look();
    expect(Object.keys(digestsOf(look))).toEqual(["file"]);
    expect(look.notGuarded).toEqual([{ path: "disk", reason: "other-file-system" }]);
  });

  it("does not enter a bind mount of the same file system, whatever its name is", async () => {
    using scene = new GuardScene();
    write(scene, { file: "1", "data/in": "2" });
    using volume = MountedFolder.inside(scene.at("vol"), "bind", scene.at("data"));
    if (volume.obstacle !== undefined) return;
    using odd = MountedFolder.inside(scene.at("sub/a b#\n\u00e4"), "bind", scene.at("data"));
    using below = MountedFolder.inside(scene.at("vol/below"), "bind", scene.at("sub"));
    expect([odd.obstacle, below.obstacle]).toEqual([undefined, undefined]);
    const look = await scene.look();
    expect(Object.keys(digestsOf(look))).toEqual(["data/in", "file"]);
    expect(look.notGuarded).toEqual([
      { path: "sub/a b#\n\u00e4", reason: "other-file-system" },
      { path: "vol", reason: "other-file-system" },
    ]);
  });

  it("takes in a folder in whose place another file system hides a mount", async () => {
    using disk = MountedFolder.tmpfs("size=1m");
    if (disk.obstacle !== undefined) return;
    using hidden = MountedFolder.inside(join(disk.folder, "x/work/vol"), "tmpfs", "none");
    using cover = MountedFolder.inside(disk.folder, "tmpfs", "none");
    expect([hidden.obstacle, cover.obstacle]).toEqual([undefined, undefined]);
    mkdirSync(join(disk.folder, "x"));
    using scene = new GuardScene(join(disk.folder, "x"));
    write(scene, { "vol/file": "1" });
    expect(Object.keys(digestsOf(await scene.look()))).toEqual(["vol/file"]);
  });

  it("leaves out what patterns match, and counts it by pattern", async () => {
    using scene = new GuardScene();
    write(scene, { "a.log": "1", "b/c.log": "2", "b/keep.log": "3", "tmp/x": "4", file: "5" });
    const look = await scene.look({ patterns: ["*.log", "!keep.log", "tmp/"] });
    expect(Object.keys(digestsOf(look))).toEqual(["b/keep.log", "file"]);
    expect(look.leftOut).toEqual([
      { path: "a.log", reason: "pattern", pattern: "*.log" },
      { path: "b/c.log", reason: "pattern", pattern: "*.log" },
      { path: "tmp", reason: "pattern", pattern: "tmp/" },
    ]);
    expect(look.tree.tree.ignored).toEqual([".runseal", "/.spectrum06_*", "*.log", "!keep.log", "tmp/"]);
  });

  it("keeps the holes of a file, to the page, and its bytes", async () => {
    using scene = new GuardScene();
    const file = openSync(scene.at("disk"), "w");
    for (const at of [0, 4096 * 7 + 5, 3_000_000, 60_000_000]) writeSync(file, `at ${at}`, at);
    closeSync(file);
    truncateSync(scene.at("disk"), 100_000_001);
    const { blocks } = statSync(scene.at("disk"));
    const look = await scene.look();
    const digest = digestOf(readFileSync(scene.at("disk")));
    expect(digestsOf(look)).toEqual({ disk: digest });
    const object = join(scene.home, ".runseal/objects", digest.slice(0, 2), digest.slice(2));
    expect(digestOf(readFileSync(object))).toBe(digest);
    expect(statSync(object).size).toBe(100_000_001);
    expect(statSync(object).blocks).toBeLessThanOrEqual(blocks);
  });

  it("takes in large files and equal files, and keeps one object for each content", async () => {
    using scene = new GuardScene();
    writeFileSync(scene.at("hole"), "");
    truncateSync(scene.at("hole"), 3_000_000);
    write(scene, {
      "large-1": "x".repeat(2_000_000),
      "large-2": "x".repeat(2_000_000),
      "small-1": "y",
      "small-2": "y",
    });
    const look = await scene.look();
    expect(scene.missing(look)).toEqual([]);
    expect(look).toMatchObject({ hashed: 5, objects: 3 });
  });

  it("takes in an empty folder as a tree of nothing", async () => {
    using scene = new GuardScene();
    const look = await scene.look();
    expect(digestsOf(look)).toEqual({});
    expect(plainTree(look)).toMatchObject({ emptyFolders: [], links: {} });
  });
});

/** Acts when a phase of a look begins and when it ends. */
function acting(begin: (phase: string) => void, end: () => void = () => undefined): Progress {
  return { begin, beginWhole: () => undefined, end };
}

describe("a folder that changes while it is looked at", () => {
  it("is listed again: what was added, removed or exchanged after the list is seen", async () => {
    using scene = new GuardScene();
    write(scene, { stays: "1", goes: "2", turns: "3" });
    const onListed = (): undefined => {
      writeFileSync(scene.at("comes"), "4");
      unlinkSync(scene.at("goes"));
      unlinkSync(scene.at("turns"));
      symlinkSync("stays", scene.at("turns"));
    };
    const look = await scene.look({ onListed });
    expect(digestsOf(look)).toEqual({ comes: digestOf("4"), stays: digestOf("1") });
    expect(plainTree(look)).toMatchObject({ links: { turns: "stays" } });
    expect(look.unsettled).toEqual([]);
    expect(scene.missing(look)).toEqual([]);
  });

  it("is unsettled where its list changes three times, and its last list is taken", async () => {
    using scene = new GuardScene();
    write(scene, { "sub/file": "1" });
    let round = 0;
    const progress = acting((phase) => {
      if (phase !== "list") return;
      round++;
      writeFileSync(scene.at(`sub/new-${round}`), String(round));
    });
    const look = await scene.look({ progress });
    expect(round).toBe(3);
    expect(look.unsettled).toEqual(["sub"]);
    expect(Object.keys(digestsOf(look))).toEqual(["sub/file", "sub/new-1", "sub/new-2"]);
    expect(scene.missing(look)).toEqual([]);
  });

  it("keeps the last reading of a file that is not there each time it is read", async () => {
    using scene = new GuardScene();
    write(scene, { file: "kept", other: "1" });
    let isAway = false;
    const progress = acting(
      (phase) => {
        if (phase !== "hash") return;
        renameSync(scene.at("file"), join(scene.folder, "away"));
        isAway = true;
      },
      () => {
        if (isAway) renameSync(join(scene.folder, "away"), scene.at("file"));
        isAway = false;
      },
    );
    const look = await scene.look({ progress });
    expect(digestsOf(look)).toEqual({ file: digestOf("kept"), other: digestOf("1") });
    expect(scene.missing(look)).toEqual([]);
    expect(look.unsettled).toEqual(["."]);
  });

  it("has no file that is missing when it is read last, and no folder that held nothing else", async () => {
    using scene = new GuardScene();
    write(scene, { "sub/file": "1" });
    let round = 0;
    const progress = acting((phase) => {
      if (phase === "list") round++;
      if (phase === "list" && round < 3) write(scene, { [`late-${round}/file`]: String(round) });
      if (phase !== "hash" || round !== 3) return;
      rmSync(scene.at("late-2"), { recursive: true });
    });
    const look = await scene.look({ progress });
    expect(Object.keys(digestsOf(look))).toEqual(["late-1/file", "sub/file"]);
    expect(plainTree(look)).toMatchObject({ emptyFolders: [] });
    expect(look.unsettled).toEqual([".", "late-2"]);
  });

  it("has the digests of bytes that are kept, however often a large file is written meanwhile", async () => {
    using scene = new GuardScene();
    write(scene, { large: "a".repeat(3_000_000), small: "b" });
    let count = 0;
    const progress = acting(() =>
      writeFileSync(scene.at("large"), String(count++).repeat(3_000_000).slice(0, 3_000_000)),
    );
    const look = await scene.look({ progress });
    expect(scene.missing(look)).toEqual([]);
    expect(Object.keys(digestsOf(look))).toEqual(["large", "small"]);
    expect(digestsOf(look)["large"]).not.toBe(digestOf("a".repeat(3_000_000)));
    expect(readFileSync(scene.at("large")).length).toBe(3_000_000);
  });
});

describe("what can't be read", () => {
  it("is refused before a command, and left out after it", async () => {
    using scene = new GuardScene();
    if (process.geteuid?.() === 0) return;
    write(scene, { file: "1", closed: "2", "folder/file": "3" });
    chmodSync(scene.at("closed"), 0);
    chmodSync(scene.at("folder"), 0);
    expect(await scene.tryToLook()).toMatchObject({
      code: "SNAPSHOT_REFUSED",
      details: { reason: "unreadable", names: ["folder"] },
    });
    const look = await scene.look({ leavesOutUnreadable: true });
    expect(Object.keys(digestsOf(look))).toEqual(["file"]);
    expect(look.unreadable).toEqual(["folder", "closed"]);
    expect(plainTree(look)).toMatchObject({ leftOut: { closed: "unreadable", folder: "unreadable" } });
  });

  it("is left out without a trace in the modes and in the empty folders", async () => {
    using scene = new GuardScene();
    write(scene, { file: "1" });
    mkdirSync(scene.at("gone"));
    chmodSync(scene.at("gone"), 0o700);
    const look = await scene.look({
      onListed: () => void rmSync(scene.at("gone"), { recursive: true }) as undefined,
    });
    expect(plainTree(look)).toMatchObject({ emptyFolders: [], folderModes: {} });
  });
});
