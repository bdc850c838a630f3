import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  sealLinkedTrees,
  sealTreeBundle,
  type TreeRecipe,
  writeTreeBundle,
} from "../../support/bundles/tree-bundle.ts";
import {
  factsOf,
  makeProject,
  makeProjectWithKey,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { snapshotTree, type TreeSnapshot } from "../../support/files/tree.ts";

const RESULTS = ["RESTORE_TREE.json", "RESTORE_MANIFEST.json", "RESTORE_REPORT.json"];
const OUTPUTS = { "out/a.txt": "alpha\n", "out/bin/run": "#!/bin/sh\n", "out/d/e/b.txt": "beta\n" };

/** A sealed project with a program, links and empty folders. */
async function makeTreeProject(): Promise<Project> {
  const project = await makeProjectWithKey(OUTPUTS);
  chmodSync(project.at("out/bin/run"), 0o755);
  for (const folder of ["out/hollow", "out/hollow/er", "out/only"]) {
    mkdirSync(project.at(folder));
    chmodSync(project.at(folder), 0o755);
  }
  for (const [path, target] of Object.entries(LINKS)) symlinkSync(target, project.at(path));
  await project.done(["seal", "out", "--id", "one"]);
  return project;
}

const LINKS = { "out/latest": "d/e", "out/bin/again": "run", "out/only/up": "../a.txt", "out/z": "z" };

/** A project that got a bundle from another signer. */
function receive(recipe: TreeRecipe): Project {
  const project = makeProject({});
  writeTreeBundle(project.root, sealTreeBundle(recipe));
  return project;
}

const RECEIVED = ["restore", "run/run-001", "--files", "files", "--any-signer"];

/** What is in a folder, without the result files. */
function restoredTree(folder: string): TreeSnapshot {
  const found = new Map(snapshotTree(folder));
  for (const name of RESULTS) expect(found.delete(name), name).toBe(true);
  return found;
}

/** What must not change when a restore is led outside: inodes, times and bytes. */
function witnessOf(folder: string): readonly unknown[] {
  return [...snapshotTree(folder).keys(), ""].map((path) => {
    const stats = lstatSync(join(folder, path), { bigint: true });
    const bytes = stats.isFile() ? readFileSync(join(folder, path), "utf8") : "";
    return [path, stats.ino, stats.ctimeNs, bytes];
  });
}

describe.concurrent("runseal restore: a tree", () => {
  it.each([
    ["a new root", ["--mkdir"], ":"],
    ["an existing root", [], ":"],
    ["the store", ["--mkdir"], "rm out/a.txt"],
    ["a shell with umask 077", [], "umask 077"],
  ])("comes back as it was sealed: %s", async (_, options, shell) => {
    using project = await makeTreeProject();
    if (!options.includes("--mkdir")) mkdirSync(project.at("../there"));
    const under = ["sh", "-c", `${shell}; exec "$@"`, "sh"];
    const sealed = [...snapshotTree(project.root)].filter(
      ([path]) => path === "out" || path.startsWith("out/"),
    );
    await project.done(["restore", "one", "--to", "../there", ...options], { under });
    const found = restoredTree(project.at("../there"));
    expect(found).toEqual(new Map(sealed));
  });

  it("brings back a program from the store whatever the source says now", async () => {
    using project = await makeTreeProject();
    chmodSync(project.at("out/bin/run"), 0o644);
    await project.done(["restore", "one", "--to", "../there", "--mkdir"]);
    expect(lstatSync(project.at("../there/out/bin/run")).mode & 0o777).toBe(0o755);
  });

  it("reports links and empty folders, and lists them in a dry run", async () => {
    using project = await makeTreeProject();
    const args = ["restore", "one", "--to", "../there", "--mkdir"];
    const planned = await project.json([...args, "--dry-run"]);
    expect(planned).toMatchObject({
      links: 4,
      empty_folders: 1,
      links_left_out: [],
      details: {
        links: [
          { path: "out/bin/again", target: "run" },
          { path: "out/latest", target: "d/e" },
          { path: "out/only/up", target: "../a.txt" },
          { path: "out/z", target: "z" },
        ],
        folders: ["out/hollow/er"],
      },
    });
    const { stdout } = await project.done(args);
    expect(stdout).toContain("\ntree     4 links, 1 empty folder\n");
    expect(readFileSync(project.at("../there/RESTORE_TREE.json"), "utf8")).toBe(
      '{"empty_folders":["out/hollow/er"],"links":[{"path":"out/bin/again","target":"run"},' +
        '{"path":"out/latest","target":"d/e"},{"path":"out/only/up","target":"../a.txt"},' +
        '{"path":"out/z","target":"z"}],"version":1}',
    );
  });

  it("restores a selected link without what it leads to, and says so", async () => {
    using project = await makeTreeProject();
    mkdirSync(project.at("../there"));
    const only = ["restore", "one", "--to", "../there", "--only", "out/latest", "--only", "out/hollow"];
    const end = await project.run(only);
    expect(end).toMatchObject({
      exitCode: 0,
      stderr: "note: what a link leads to is restored only if it is selected too\n",
    });
    expect([...restoredTree(project.at("../there")).keys()]).toEqual([
      "out",
      "out/hollow",
      "out/hollow/er",
      "out/latest",
    ]);
  });

  it("leaves links out and names them with --links none, and makes the folder that held only links", async () => {
    using project = await makeTreeProject();
    const end = await project.done(["restore", "one", "--to", "../there", "--mkdir", "--links", "none"]);
    expect(end.stdout).toContain('left out "out/bin/again"\n');
    const tree = restoredTree(project.at("../there"));
    expect([...tree.values()].some(({ type }) => type === "symlink")).toBe(false);
    expect(tree.get("out/only")?.type).toBe("dir");
    expect(readFileSync(project.at("../there/RESTORE_TREE.json"), "utf8")).toBe(
      '{"empty_folders":["out/hollow/er","out/only"],"links":[],"version":1}',
    );
    await project.done(["undo", "--restored", "../there"]);
    expect(namesIn(project.at("../there"))).toEqual([]);
  });

  it("puts each run of a chain into its folder, with a tree beside the other result files", async () => {
    using project = makeProject({});
    const runs = sealLinkedTrees([
      { outputs: { a: "1" }, links: { l: "a" } },
      { outputs: { a: "1" }, links: { m: "../run-001/a" } },
    ]);
    for (const run of runs) writeTreeBundle(project.root, run);
    const bundles = runs.map(({ runId }) => `run/${runId}`);
    const args = ["restore", ...bundles, "--files", "files", "--any-signer", "--to", "there", "--mkdir"];
    expect(await project.json(args)).toMatchObject({
      code: "RESTORE_LINK_LEAVES_ROOT",
      phase: "PLAN",
      details: { path: "m", target: "../run-001/a", run_id: "run-002" },
      exit_code: 5,
    });
    await project.done([...args, "--links", "any"]);
    expect(namesIn(project.at("there/run-001"))).toEqual([...RESULTS].sort().concat("a", "l"));
    expect(readlinkSync(project.at("there/run-002/m"))).toBe("../run-001/a");
    await project.done(["undo", "--restored", "there"]);
    expect(namesIn(project.at("there"))).toEqual([]);
  });
});

describe.concurrent("runseal restore: links that lead astray", () => {
  it.each([
    ["an absolute target", { l: "/etc/passwd" }],
    ["a climbing target", { "d/l": "../../x" }],
    ["a descriptor", { l: "/proc/self/fd/3" }],
    ["a link that climbs behind another one", { "a/b": "../c", "a/l": "b/../.." }],
  ])("refuses %s before anything is written", async (_, links) => {
    using project = receive({ outputs: { "c/f": "1" }, links });
    mkdirSync(project.at("there"));
    const facts = factsOf(await project.changesNothing([...RECEIVED, "--to", "there", "--json"]));
    expect(facts).toMatchObject({ code: "RESTORE_LINK_LEAVES_ROOT", phase: "PLAN", exit_code: 5 });
  });

  it.each([
    ["itself", { a: "." }],
    ["a circle", { a: "b", b: "a" }],
    ["40 links", chained(40)],
    ["41 links", chained(41)],
    ["4095 bytes", { l: `${"d/".repeat(2047)}x` }],
  ] as const)("puts a link to %s in place and touches nothing outside", async (_, links) => {
    using project = receive({ outputs: { f: "1" }, links });
    writeFileSync(join(project.folder, "precious"), "do not touch\n");
    const before = [
      witnessOf(project.at("files")),
      lstatSync(join(project.folder, "precious"), { bigint: true }),
    ];
    await project.done([...RECEIVED, "--to", "there", "--mkdir"]);
    for (const [path, target] of Object.entries(links)) {
      expect(readlinkSync(project.at("there", path))).toBe(target);
    }
    expect([
      witnessOf(project.at("files")),
      lstatSync(join(project.folder, "precious"), { bigint: true }),
    ]).toEqual(before);
  });

  it("writes through no link that an earlier restore planted", async () => {
    using project = makeProject({});
    writeTreeBundle(project.root, sealTreeBundle({ outputs: { f: "1" }, links: { d: "../outside" } }));
    mkdirSync(project.at("outside"));
    await project.done([...RECEIVED, "--to", "there", "--mkdir", "--links", "any"]);
    rmSync(project.at("run"), { recursive: true });
    rmSync(project.at("files"), { recursive: true });
    writeTreeBundle(project.root, sealTreeBundle({ outputs: { "d/x": "2" }, links: { "d/l": "x" } }));
    await project.done(["undo", "--restored", "there", "--dry-run"]);
    for (const name of RESULTS) unlinkSync(project.at("there", name));
    const before = witnessOf(project.at("outside"));
    const facts = await project.json([...RECEIVED, "--to", "there"]);
    expect(facts).toMatchObject({
      code: "RESTORE_SYMLINK_ESCAPE_DETECTED",
      phase: "PREFLIGHT",
      details: { path: "d/l", reason: "link-on-the-way" },
      exit_code: 5,
    });
    expect(witnessOf(project.at("outside"))).toEqual(before);
  });

  it("follows no link on the way that stays inside", async () => {
    using project = receive({ outputs: { "d/x": "2" } });
    mkdirSync(project.at("there/real"), { recursive: true });
    symlinkSync("real", project.at("there/d"));
    const facts = await project.json([...RECEIVED, "--to", "there"]);
    expect(facts).toMatchObject({
      code: "RESTORE_SYMLINK_ESCAPE_DETECTED",
      details: { path: "d/x", reason: "link-on-the-way" },
    });
    expect(namesIn(project.at("there/real"))).toEqual([]);
  });

  it.each(RESULTS)("reserves the name %s", async (name) => {
    using project = receive({ outputs: { f: "1" }, links: { [name]: "f" } });
    const args = [...RECEIVED, "--to", "there", "--mkdir"];
    for (const report of [[], ["--no-report"]]) {
      expect(await project.json([...args, ...report])).toMatchObject({
        code: "RESTORE_RESULT_ARTIFACT_WRITE_FAILED",
        details: { path: name },
      });
    }
  });

  it("puts no link where a restore keeps its own", async () => {
    using project = receive({ outputs: { f: "1" }, links: { ".spectrum06_x": "f" } });
    expect(await project.json([...RECEIVED, "--to", "there", "--mkdir"])).toMatchObject({
      code: "RESTORE_PATH_TRAVERSAL_DETECTED",
      phase: "PREFLIGHT",
      details: { path: ".spectrum06_x" },
    });
  });
});

describe.concurrent("runseal restore: a tree beside what is there", () => {
  it("uses an empty folder that is there, and its undo keeps it", async () => {
    using project = await makeTreeProject();
    mkdirSync(project.at("there/out/hollow/er"), { recursive: true });
    await project.done(["restore", "one", "--to", "there"]);
    expect(readFileSync(project.at("there/RESTORE_TREE.json"), "utf8")).toContain('"empty_folders":[]');
    await project.done(["undo", "--restored", "there"]);
    expect([...snapshotTree(project.at("there")).keys()]).toEqual(["out", "out/hollow", "out/hollow/er"]);
  });

  it.each([
    ["a file in an empty folder's place", "out/hollow/er", "file"],
    ["a link in an empty folder's place", "out/hollow/er", "link"],
    ["a dangling link in a link's place", "out/latest", "link"],
    ["a folder in a link's place", "out/z", "folder"],
  ] as const)("refuses %s", async (_, path, kind) => {
    using project = await makeTreeProject();
    mkdirSync(project.at("there", path, ".."), { recursive: true });
    if (kind === "file") writeFileSync(project.at("there", path), "");
    else if (kind === "link") symlinkSync("nowhere", project.at("there", path));
    else mkdirSync(project.at("there", path));
    const facts = await project.json(["restore", "one", "--to", "there"]);
    expect(facts).toMatchObject({ code: "RESTORE_TARGET_PATH_EXISTS", details: { path }, exit_code: 5 });
  });
});

describe.concurrent("runseal undo: a tree", () => {
  it("removes links and empty folders, and keeps a folder that is in use", async () => {
    using project = await makeTreeProject();
    mkdirSync(project.at("there"));
    await project.done(["restore", "one", "--to", "there"]);
    project.write({ "there/out/hollow/er/new": "mine\n" });
    const { stdout } = await project.done(["undo", "--restored", "there"]);
    expect(stdout).toContain("\ntree     4 links, 1 empty folder\n");
    expect([...snapshotTree(project.at("there")).keys()]).toEqual([
      "out",
      "out/hollow",
      "out/hollow/er",
      "out/hollow/er/new",
    ]);
  });

  it("names links with another target and entries of another kind, and removes nothing", async () => {
    using project = await makeTreeProject();
    await project.done(["restore", "one", "--to", "there", "--mkdir"]);
    chmodSync(project.at("there/out/bin/run"), 0o600);
    for (const path of ["latest", "bin/again", "z"]) unlinkSync(project.at("there/out", path));
    symlinkSync("elsewhere", project.at("there/out/latest"));
    writeFileSync(project.at("there/out/bin/again"), "run");
    expect(await project.json(["undo", "--restored", "there"])).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: {
        changed: [
          { path: "out/bin/again", change: "other-type" },
          { path: "out/latest", change: "other-target" },
          { path: "out/z", change: "missing" },
        ],
      },
    });
    expect(readlinkSync(project.at("there/out/only/up"))).toBe("../a.txt");
  });

  it.each([
    ['{"empty_folders":[],"links":[{"path":"../x","target":"y"}],"version":1}'],
    ['{"empty_folders":["/x"],"links":[],"version":1}'],
    ['{"empty_folders":["b","a"],"links":[],"version":1}'],
    ['{"empty_folders":[],"links":[],"version":2}'],
    ['{"links":[],"empty_folders":[],"version":1}'],
  ])("believes no RESTORE_TREE.json that no restore wrote: %s", async (text) => {
    using project = await makeTreeProject();
    await project.done(["restore", "one", "--to", "there", "--mkdir"]);
    writeFileSync(project.at("there/RESTORE_TREE.json"), text);
    expect(await project.json(["undo", "--restored", "there"])).toMatchObject({
      code: "UNDO_LIST_INVALID",
      details: { reason: "form" },
      exit_code: 5,
    });
  });

  it("knows the tree by the bundle where no report was left", async () => {
    using project = await makeTreeProject();
    await project.run(["restore", "one", "--to", "there", "--mkdir", "--no-report"]);
    await project.done(["undo", "--restored", "there", "one"]);
    expect(namesIn(project.at("there"))).toEqual([]);
  });
});

/** So many links, each to the next, and the last to a file. */
function chained(length: number): Readonly<Record<string, string>> {
  const names = Array.from({ length }, (_, index) => `l${String(index).padStart(2, "0")}`);
  return Object.fromEntries(names.map((name, index) => [name, names[index + 1] ?? "f"]));
}
