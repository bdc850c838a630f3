import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MAIN, makeProjectWithKey, namesIn, type Project, setMode } from "../../support/command/cli.ts";
import { digestOf, keepFiles, objectOf } from "../../support/store/keep.ts";
import {
  indexAt,
  overwrite,
  packAt,
  packNames,
  packsOf,
  placeObject,
  placePackOf,
  swap,
} from "../../support/store/packs.ts";

const RUN = ".runseal/runs/one";

/** A project with one sealed run whose outputs are files of the store, as in an older one, beside an object that no bundle names. */
async function makeStore(): Promise<Project> {
  const project = await makeProjectWithKey();
  await project.done(["seal", "out", "--id", "one", "--no-keep"]);
  project.write({ "gone.txt": "garbage\n" });
  await keepFiles(project.root, ["out/a.txt", "out/b.txt", "gone.txt"]);
  rmSync(project.at("gone.txt"));
  return project;
}

/** A project with one sealed run whose outputs are in a pack, and the name of that. */
async function makePackedStore(): Promise<{ readonly project: Project; readonly pack: string }> {
  const project = await makeProjectWithKey();
  await project.done(["seal", "out", "--id", "one"]);
  const [pack = ""] = packNames(project.root);
  return { project, pack: `.runseal/packs/${pack}` };
}

/** Removes what this machine remembers of the project's head. */
const forgetHeads = ({ folder }: Project): void =>
  rmSync(join(folder, "home/.local/state/runseal/heads"), { recursive: true });

const isKept = (project: Project, content: string): boolean => existsSync(objectOf(project.root, content));

/** Everything of this run is kept still, and the other object too. */
function expectAllKept(project: Project): void {
  for (const content of ["alpha\n", "beta\n", "garbage\n"]) expect(isKept(project, content)).toBe(true);
}

describe.concurrent("runseal prune", () => {
  it("removes what no bundle names, and nothing else", async () => {
    using project = await makeStore();
    expect(await project.json(["prune"])).toEqual({
      ok: true,
      code: "OK",
      message: expect.any(String),
      details: {},
      forgotten: [],
      kept_runs: null,
      dropped_run_ids: [],
      cut: null,
      removed: 1,
      bytes: 8,
      kept: 2,
      packs_removed: 0,
      packs_written: 0,
      waste: 0,
      partial: 0,
      strays: [],
      damaged: [],
      unreadable: [],
      exit_code: 0,
    });
    expect(isKept(project, "garbage\n")).toBe(false);
    await project.done(["verify", RUN, "--stored"]);
    const fan = new Set(["alpha\n", "beta\n"].map((content) => digestOf(content).slice(0, 2)));
    expect(namesIn(project.at(".runseal", "objects")), "no empty folder is left").toEqual([...fan].sort());
    expect(namesIn(project.at(".runseal")), "and no lock").toEqual([".gitignore", "HEAD", "objects", "runs"]);
  });

  it("changes nothing with --dry-run, and says what it would", async () => {
    using project = await makeStore();
    const end = await project.changesNothing(["prune", "--dry-run"]);
    expect(end).toMatchObject({ exitCode: 0, stderr: "" });
    expect(end.stdout).toBe(
      "plan     1 object, 8 bytes\nkept     2 objects that bundles name\nnothing was removed\n",
    );
  });

  it("removes what a bundle named once the bundle is gone, and no head names it", async () => {
    using project = await makeStore();
    rmSync(project.at(RUN), { recursive: true });
    rmSync(project.at(".runseal/HEAD"));
    forgetHeads(project);
    expect(await project.json(["prune"])).toMatchObject({ removed: 3, kept: 0 });
    expect(namesIn(project.at(".runseal", "objects"))).toEqual([]);
  });

  it.each([
    ["HEAD", forgetHeads],
    ["the remembered head", (project: Project) => rmSync(project.at(".runseal/HEAD"))],
  ])("refuses where the bundle is missing that %s names, alone or with all others", async (_, arrange) => {
    using project = await makeStore();
    project.write({ "out/c.txt": "gamma\n" });
    await project.done(["seal", "out", "--id", "two"]);
    arrange(project);
    for (const gone of [".runseal/runs/two", ".runseal/runs"]) {
      rmSync(project.at(gone), { recursive: true });
      const end = await project.changesNothing(["prune"]);
      expect(end.exitCode).toBe(4);
      expect(end.stderr).toMatch(/^error: STORE_UNUSABLE: what the bundle "\.runseal\/runs\/two"/);
      expectAllKept(project);
    }
  });

  it("refuses where HEAD is malformed", async () => {
    using project = await makeStore();
    project.write({ ".runseal/HEAD": "{}" });
    expect((await project.changesNothing(["prune"])).stderr).toMatch(/^error: HEAD_MALFORMED/);
  });

  it("has nothing to do in a project without a store", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out", "--no-keep"]);
    const end = await project.changesNothing(["prune"]);
    expect(end).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it.each([
    ["is gone", (bundle: string) => rmSync(join(bundle, "OUTPUT_HASHES.json"))],
    [
      "was shortened by hand",
      (bundle: string) => {
        const path = join(bundle, "OUTPUT_HASHES.json");
        const hashes = JSON.parse(readFileSync(path, "utf8")) as { hashes: Record<string, string> };
        delete hashes.hashes["out/b.txt"];
        writeFileSync(path, JSON.stringify(hashes));
      },
    ],
    [
      "belongs to a bundle that a link leads to, and the link leads nowhere",
      (bundle: string) => {
        rmSync(bundle, { recursive: true });
        symlinkSync("../nowhere", bundle);
      },
    ],
  ])("refuses, and removes nothing, where a bundle's list of hashes %s", async (_how, harm) => {
    using project = await makeStore();
    cpSync(project.at(RUN), project.at(".runseal/runs/two"), { recursive: true });
    harm(project.at(".runseal/runs/two"));
    const end = await project.changesNothing(["prune"]);
    expect(end.exitCode).toBe(4);
    expect(end.stderr).toMatch(
      /^error: STORE_UNUSABLE: what the bundle "\.runseal\/runs\/two" names is not certain/,
    );
    expectAllKept(project);
  });

  it("refuses where it may not read a bundle", async ({ skip }) => {
    using project = await makeStore();
    skip(!(await project.becomeOrdinaryUser()), "there is no ordinary user here");
    setMode(project.at(RUN), 0);
    const end = await project.run(["prune", "--json"]);
    setMode(project.at(RUN), 0o755);
    expect(JSON.parse(end.stdout)).toMatchObject({
      code: "STORE_UNUSABLE",
      details: { reason: "bundle" },
      exit_code: 4,
    });
    expectAllKept(project);
  });

  it("keeps what a bundle names that stands elsewhere, behind a link in runs", async () => {
    using project = await makeStore();
    renameSync(project.at(RUN), project.at("one"));
    symlinkSync("../../one", project.at(RUN));
    expect(await project.json(["prune"])).toMatchObject({ removed: 1, kept: 2 });
  });

  it("reports entries that do not belong to the store, and leaves them", async () => {
    using project = await makeStore();
    const objects = project.at(".runseal", "objects");
    project.write({
      ".runseal/objects/README": "mine",
      ".runseal/objects/zz/file": "mine",
      [`.runseal/objects/ab/${"A".repeat(62)}`]: "uppercase",
    });
    mkdirSync(join(objects, ".mine.partial"));
    mkdirSync(join(objects, "ab", "c".repeat(62)), { recursive: true });
    const facts = await project.json(["prune"]);
    expect(facts).toMatchObject({
      removed: 1,
      strays: [
        ".runseal/objects/.mine.partial",
        ".runseal/objects/README",
        `.runseal/objects/ab/${"A".repeat(62)}`,
        `.runseal/objects/ab/${"c".repeat(62)}`,
        ".runseal/objects/zz",
      ],
    });
    expect(namesIn(join(objects, "ab"))).toHaveLength(2);
    const end = await project.run(["prune"]);
    expect(end.stderr).toMatch(/^note: left alone, because runseal did not make it: /);
  });

  it.each([[".runseal"], [".runseal/objects"]])("follows no link at %s", async (place) => {
    using project = await makeStore();
    renameSync(project.at(place), join(project.folder, "elsewhere"));
    symlinkSync(join(project.folder, "elsewhere"), project.at(place));
    const end = await project.changesNothing(["prune"]);
    expect(end.exitCode).toBe(4);
    expect(end.stderr).toContain("no link is followed there");
  });

  it("follows no link in the store", async () => {
    using project = await makeStore();
    const folder = digestOf("garbage\n").slice(0, 2);
    renameSync(project.at(".runseal", "objects", folder), join(project.folder, "elsewhere"));
    symlinkSync(join(project.folder, "elsewhere"), project.at(".runseal", "objects", folder));
    expect(await project.json(["prune"])).toMatchObject({
      removed: 0,
      strays: [`.runseal/objects/${folder}`],
    });
    expect(namesIn(join(project.folder, "elsewhere"))).toEqual([digestOf("garbage\n").slice(2)]);
  });
});

describe.concurrent("runseal store check", () => {
  it("is content with a sound store, garbage in it or not", async () => {
    using project = await makeStore();
    const end = await project.changesNothing(["store", "check"]);
    expect(end).toEqual({ exitCode: 0, stdout: "sound    3 objects, 19 bytes\n", stderr: "" });
  });

  it("hashes every record of every pack", async () => {
    using project = (await makePackedStore()).project;
    placePackOf(project.root, ["more\n"]);
    expect(await project.json(["store", "check"])).toMatchObject({
      ok: true,
      sound: 3,
      bytes: 16,
      not_kept: [],
    });
  });

  it("lists records with wrong bytes by their packs and digests", async () => {
    const { pack, project: made } = await makePackedStore();
    using project = made;
    overwrite(project.at(pack), (bytes) =>
      bytes.fill("BETA", bytes.indexOf("beta\n"), bytes.indexOf("beta\n") + 4),
    );
    const [expected, actual] = ["beta\n", "BETA\n"].map((content) => `sha256:${digestOf(content)}`);
    expect(await project.json(["store", "check"])).toMatchObject({
      code: "STORE_DAMAGED",
      details: { reason: "object" },
      sound: 1,
      corrupted: [{ path: pack, expected, actual }],
      not_kept: [],
      exit_code: 1,
    });
    const end = await project.changesNothing(["store", "check"]);
    expect(end.stderr).toContain(`"${pack}" holds ${actual} as ${expected}`);
  });

  it("names two packs that have each other's names", async () => {
    using project = (await makePackedStore()).project;
    const other = placePackOf(project.root, ["more\n"]);
    const [first = "", second = ""] = packNames(project.root);
    swap(join(packsOf(project.root), first), join(packsOf(project.root), second));
    const damaged = [first, second].map((name) => ({ path: `.runseal/packs/${name}`, problem: "misnamed" }));
    expect(await project.json(["store", "check"])).toMatchObject({
      code: "STORE_DAMAGED",
      details: { reason: "pack" },
      damaged,
    });
    expect([first, second]).toContain(`${other}.pack`);
  });

  it("notes indexes that are missing, wrong, or without a pack, and does not fail", async () => {
    using project = (await makePackedStore()).project;
    const [missing, wrong, orphan] = ["m", "w", "o"].map((content) => placePackOf(project.root, [content]));
    rmSync(indexAt(project.root, missing ?? ""));
    overwrite(indexAt(project.root, wrong ?? ""), (bytes) => bytes.fill(0, 8, 9));
    rmSync(packAt(project.root, orphan ?? ""));
    const shown = (id = "", problem = "") => ({ path: `.runseal/packs/${id}.idx`, problem });
    const facts = await project.json(["store", "check"]);
    const expected = [shown(missing, "missing"), shown(wrong, "wrong"), shown(orphan, "orphan")];
    expect(facts).toMatchObject({ ok: true, indexes: expect.arrayContaining(expected) });
    const end = await project.changesNothing(["store", "check"]);
    expect(end.stderr).toMatch(/^note: indexes of packs are not right: /);
  });

  it("is content where there is no store", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out", "--id", "one", "--no-keep"]);
    expect(await project.json(["store", "check"])).toMatchObject({
      ok: true,
      sound: 0,
      not_kept: [{ run_id: "one", missing: 2 }],
    });
  });

  it("lists what is corrupted and what it holds", async () => {
    using project = await makeStore();
    const address = objectOf(project.root, "beta\n");
    chmodSync(address, 0o644);
    writeFileSync(address, "BETA\n");
    rmSync(objectOf(project.root, "garbage\n"));
    symlinkSync(project.at("out", "a.txt"), objectOf(project.root, "garbage\n"));
    const place = (content: string): string => {
      const digest = digestOf(content);
      return `.runseal/objects/${digest.slice(0, 2)}/${digest.slice(2)}`;
    };
    expect(await project.json(["store", "check"])).toMatchObject({
      ok: false,
      code: "STORE_DAMAGED",
      details: { reason: "object" },
      sound: 1,
      bytes: 6,
      corrupted: [
        { path: place("garbage\n"), expected: `sha256:${digestOf("garbage\n")}`, actual: null },
        {
          path: place("beta\n"),
          expected: `sha256:${digestOf("beta\n")}`,
          actual: `sha256:${digestOf("BETA\n")}`,
        },
      ],
      exit_code: 1,
    });
    const end = await project.changesNothing(["store", "check"]);
    expect(end.stderr).toMatch(
      /^error: STORE_DAMAGED: 2 objects of the store are not what their names say\n {2}"/,
    );
    expect(end.stderr).toContain(`"${place("beta\n")}" holds sha256:${digestOf("BETA\n")}`);
    expect(end.stderr).toContain("hint: ");
  });

  it("lists objects that bundles name but the store lacks, without failing", async () => {
    using project = await makeStore();
    rmSync(objectOf(project.root, "alpha\n"));
    expect(await project.json(["store", "check"])).toMatchObject({
      ok: true,
      not_kept: [{ run_id: "one", named: 2, missing: 1 }],
    });
    const end = await project.run(["store", "check"]);
    expect(end.stderr).toContain("note: not all is kept of one (1 of 2 objects)\n");
  });

  it("reports strays, temporary files and unreadable bundles", async () => {
    using project = await makeStore();
    project.write({ ".runseal/objects/README": "mine" });
    mkdirSync(project.at(".runseal", "objects", ".0123456789abcdef.partial"));
    rmSync(project.at(RUN, "SIGNATURE.json"));
    expect(await project.json(["store", "check"])).toMatchObject({
      ok: true,
      strays: [".runseal/objects/README"],
      partial: 1,
      unreadable_bundles: [{ run_id: "one", code: "ARTIFACT_MISSING" }],
    });
    expect((await project.run(["store", "check"])).stderr).toContain(
      "warning: what these bundles name is not certain: one (ARTIFACT_MISSING)\n",
    );
  });

  it("says of a pack that it may not read that there is no verdict on it", async ({ skip }) => {
    const { pack, project: made } = await makePackedStore();
    using project = made;
    setMode(project.at(pack), 0);
    skip(!(await project.becomeOrdinaryUser()), "there is no ordinary user here");
    const end = await project.run(["store", "check", "--json"]);
    expect(JSON.parse(end.stdout)).toMatchObject({ code: "READ_FAILED", unreadable: [pack], exit_code: 4 });
  });

  it("says of an object that it may not read that there is no verdict on it", async ({ skip }) => {
    using project = await makeStore();
    setMode(objectOf(project.root, "beta\n"), 0);
    skip(!(await project.becomeOrdinaryUser()), "there is no ordinary user here");
    const end = await project.run(["store", "check", "--json"]);
    expect(JSON.parse(end.stdout)).toMatchObject({
      code: "READ_FAILED",
      unreadable: [expect.stringContaining(digestOf("beta\n").slice(2))],
      exit_code: 4,
    });
  });
});

describe.concurrent("runseal store cat", () => {
  const LARGE = "large\n".repeat(400_000);

  it("writes an object from a pack or a file, by either form of its digest", async () => {
    using project = (await makePackedStore()).project;
    placeObject(project.root, "gamma\n");
    expect(await project.run(["store", "cat", digestOf("alpha\n")])).toEqual({
      exitCode: 0,
      stdout: "alpha\n",
      stderr: "",
    });
    expect((await project.run(["store", "cat", `sha256:${digestOf("gamma\n")}`])).stdout).toBe("gamma\n");
  });

  it("writes bytes that are not text as they are", async () => {
    using project = (await makePackedStore()).project;
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    placePackOf(project.root, [bytes]);
    const to = project.at("copy");
    const command = `node "$0" store cat ${digestOf(bytes)} > copy`;
    expect(
      spawnSync("sh", ["-c", command, MAIN], { cwd: project.root, env: { ...process.env, ...project.env } })
        .status,
    ).toBe(0);
    expect(readFileSync(to).compare(bytes)).toBe(0);
  });

  it("writes a large object in pieces", async () => {
    using project = (await makePackedStore()).project;
    placeObject(project.root, LARGE);
    const end = await project.run(["store", "cat", digestOf(LARGE)]);
    expect(end.stdout.length).toBe(LARGE.length);
    expect(digestOf(end.stdout)).toBe(digestOf(LARGE));
  });

  it("writes nothing of an object with wrong bytes, small or large", async () => {
    const { pack, project: made } = await makePackedStore();
    using project = made;
    overwrite(project.at(pack), (bytes) =>
      bytes.fill("BETA", bytes.indexOf("beta\n"), bytes.indexOf("beta\n") + 4),
    );
    placeObject(project.root, LARGE, { bytes: `${LARGE.slice(0, -1)}!` });
    for (const content of ["beta\n", LARGE]) {
      const end = await project.changesNothing(["store", "cat", digestOf(content)]);
      expect(end).toMatchObject({ exitCode: 1, stdout: "" });
      expect(end.stderr).toMatch(/^error: STORE_DAMAGED: what "\.runseal\//);
    }
  });
});
