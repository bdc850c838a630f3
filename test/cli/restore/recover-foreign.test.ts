import { createHash, createHmac } from "node:crypto";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  BUNDLE,
  factsOf,
  makeSealedProject,
  modeOf,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { killedAt } from "../../support/command/stopped-cli.ts";
import { rebindAll } from "../../support/faults/bound-journal.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const STAGING = ".spectrum06_staging_00000000-0000-4000-8000-000000000000";
const NEW_STAGING = ".spectrum06_new_00000000-0000-4000-8000-000000000000";
const RECOVER = ["recover", "there"];
const RESTORE = ["restore", BUNDLE, "--to", "there"];
const ONE_OF_FOUR = "linkSync:3";

const MEMBERS = {
  act: "restore",
  aside: [],
  bundle_roots: [],
  digests: [""],
  mkdir: [],
  mode: [],
  name: null,
  passing: 0,
  put: ["thesis.txt"],
  rmdir: [],
  run_ids: [],
  signers: [],
  started: "2026-11-25T01:02:03Z",
};

/** What makes the last line of a planted journal of its first line. */
type Tail = (line: string) => string;

const digest: Tail = (line) => createHash("sha256").update(line).digest("hex");
const macOfAnotherKey: Tail = (line) =>
  createHmac("sha256", Buffer.alloc(32)).update(`RUNSEAL-JOURNAL-v2:${line}`).digest("hex");

/** An archive was unpacked: a staging folder with a journal that names the user's file, and a hard link to it. */
function plant(project: Project, version: number, tail: Tail, names: readonly string[] = []): string {
  project.write({ "there/thesis.txt": "years of work\n" });
  const staging = project.at("there", STAGING);
  mkdirSync(staging);
  chmodSync(staging, 0o700);
  const line = JSON.stringify({ ...MEMBERS, version });
  writeFileSync(join(staging, "journal"), `${line}\n${tail(line)}\n`, { mode: 0o600 });
  linkSync(project.at("there", "thesis.txt"), join(staging, "f0"));
  for (const name of names) writeFileSync(join(staging, name), "");
  return staging;
}

/** The key file of this user. */
function keyFile(project: Project): string {
  return join(project.env["HOME"] ?? "", ".local/state/runseal/journal/key");
}

const FORGERIES = [
  ["of version 1 with a right digest", 1, digest],
  ["of version 4 with a right digest", 4, digest],
  ["of version 4 with the MAC of another key", 4, macOfAnotherKey],
] as const;

describe.concurrent("a journal that this user on this machine did not write (PROTOCOL 11.1, 13.9)", () => {
  it.each(FORGERIES)("%s: recover touches nothing, exit 7", async (_what, version, tail) => {
    using project = await makeSealedProject();
    plant(project, version, tail);
    const end = await project.changesNothing(RECOVER);
    expect(end.exitCode).toBe(7);
    expect(end.stderr).toMatch(/^error: RECOVER_FOREIGN_JOURNAL: /);
    expect(factsOf(await project.changesNothing([...RECOVER, "--json"]))).toMatchObject({
      code: "RECOVER_FOREIGN_JOURNAL",
      recovered: [{ staging: STAGING, act: null, files: 0, end: "foreign" }],
      exit_code: 7,
    });
    expect((await project.changesNothing([...RECOVER, "--dry-run"])).exitCode).toBe(7);
  });

  it.each([
    ["a restore", RESTORE],
    ["a dry run of a restore", [...RESTORE, "--dry-run"]],
    ["an undo", ["undo", "--restored", "there"]],
    ["a dry run of an undo", ["undo", "--restored", "there", "--dry-run"]],
  ])("stops %s that comes upon it, exit 7", async (_what, args) => {
    using project = await makeSealedProject();
    plant(project, 4, digest);
    const end = await project.changesNothing(args);
    expect(end.exitCode).toBe(7);
    expect(end.stderr).toMatch(/error: RECOVER_FOREIGN_JOURNAL: /);
  });

  it.each([[["committed"]], [["aborted"]], [["committed", "aborted"]]])(
    "is not touched beside the markers %j",
    async (markers) => {
      using project = await makeSealedProject();
      plant(project, 4, digest, markers);
      expect((await project.changesNothing(RECOVER)).exitCode).toBe(7);
    },
  );

  it("of a new root is not touched, and stops a restore that makes a root beside it", async () => {
    using project = await makeSealedProject();
    project.write({ [`${NEW_STAGING}/root/thesis.txt`]: "years of work\n" });
    chmodSync(project.at(NEW_STAGING), 0o700);
    const line = JSON.stringify({
      ...MEMBERS,
      act: "new-root",
      put: [],
      digests: [],
      name: "new",
      version: 4,
    });
    writeFileSync(project.at(NEW_STAGING, "journal"), `${line}\n${digest(line)}\n`);
    expect((await project.changesNothing(["recover", "new"])).exitCode).toBe(7);
    const restore = ["restore", BUNDLE, "--to", "new", "--mkdir"];
    expect((await project.changesNothing(restore)).exitCode).toBe(7);
  });

  it("is also one of our own under another folder's name, or in another root", async () => {
    using project = await makeSealedProject();
    project.write({ "there/mine": "mine\n" });
    await killedAt(project, RESTORE, ONE_OF_FOUR);
    const [staging = ""] = namesIn(project.at("there")).filter((name) => name.includes("_staging_"));
    const journal = readFileSync(project.at("there", staging, "journal"));
    for (const [root, name] of [
      ["there", STAGING],
      ["elsewhere", staging],
    ] as const) {
      mkdirSync(project.at(root, name), { recursive: true });
      chmodSync(project.at(root, name), 0o700);
      writeFileSync(project.at(root, name, "journal"), journal);
      const found = await project.json(["recover", root, "--dry-run"]);
      expect(found).toMatchObject({ code: "RECOVER_FOREIGN_JOURNAL" });
      rmSync(project.at(root, name), { recursive: true });
    }
    expect(await project.json(RECOVER)).toMatchObject({ recovered: [{ act: "restore", end: "nothing" }] });
  });

  it("is ours also after the root was renamed", async () => {
    using project = await makeSealedProject();
    project.write({ "there/mine": "mine\n" });
    await killedAt(project, RESTORE, ONE_OF_FOUR);
    renameSync(project.at("there"), project.at("moved"));
    expect(await project.json(["recover", "moved"])).toMatchObject({
      recovered: [{ act: "restore", end: "nothing" }],
    });
  });
});

describe.concurrent("a journal with the right MAC of this user's key", () => {
  /** Plants a journal of a version, and gives it the MAC of its place. */
  async function plantOwn(project: Project, version: number): Promise<void> {
    project.write({ "there/mine": "mine\n" });
    await project.done(RESTORE);
    await project.done(["undo", "--restored", "there"]);
    const key = readFileSync(keyFile(project)).toString("hex");
    plant(project, version, () => key);
    rebindAll(project.at("there"));
  }

  it.each([1, 3, 99])("and of the unknown version %i is not touched, exit 7", async (version) => {
    using project = await makeSealedProject();
    await plantOwn(project, version);
    const end = await project.changesNothing(RECOVER);
    expect(end.exitCode).toBe(7);
    expect(end.stderr).toMatch(
      /^error: RECOVER_FOREIGN_JOURNAL: .* or that another version of runseal began/,
    );
    expect(end.stderr).toContain("recover with that version");
    expect(end.stdout).toContain(STAGING);
    for (const args of [[...RECOVER, "--dry-run"], RESTORE, ["undo", "--restored", "there"]])
      expect((await project.changesNothing(args)).exitCode).toBe(7);
  });

  it("and of a known version is acted on", async () => {
    using project = await makeSealedProject();
    await plantOwn(project, 4);
    await project.done(RECOVER);
    expect(namesIn(project.at("there"))).toEqual(["mine"]);
  });

  it("is foreign once the key is lost, and stays until its folder is removed by hand", async () => {
    using project = await makeSealedProject();
    project.write({ "there/mine": "mine\n" });
    await killedAt(project, RESTORE, ONE_OF_FOUR);
    rmSync(keyFile(project));
    const [staging = ""] = namesIn(project.at("there")).filter((name) => name.includes("_staging_"));
    const before = snapshotTree(project.at("there", staging));
    const end = await project.run(RECOVER);
    expect(end.exitCode).toBe(7);
    expect(end.stderr).toContain("remove it by hand");
    expect(snapshotTree(project.at("there", staging))).toEqual(before);
    rmSync(project.at("there", staging), { recursive: true });
    expect(await project.json(RECOVER)).toMatchObject({ ok: true });
    expect(namesIn(project.at("there", "out"))).toEqual(["a.txt"]);
  });
});

describe.concurrent("a planted staging folder without a journal", () => {
  it.each([[[]], [["committed"]], [["aborted"]], [["journal.new", "committed"]]])(
    "and with the markers %j loses no file outside of it",
    async (markers) => {
      using project = await makeSealedProject();
      const staging = plant(project, 4, digest, markers);
      rmSync(join(staging, "journal"));
      await project.done(RECOVER);
      expect(readFileSync(project.at("there", "thesis.txt"), "utf8")).toBe("years of work\n");
      expect(namesIn(project.at("there"))).toEqual(["thesis.txt"]);
    },
  );

  it("stays, with all that is not a restore's in it", async () => {
    using project = await makeSealedProject();
    const staging = plant(project, 4, digest, ["notes.txt"]);
    rmSync(join(staging, "journal"));
    expect((await project.run(RECOVER)).exitCode).toBe(7);
    expect(namesIn(staging)).toEqual(["notes.txt"]);
    expect(namesIn(project.at("there"))).toContain("thesis.txt");
  });
});

describe.concurrent("the key of journals (PROTOCOL 11.1)", () => {
  it("is made by the first restore: 32 bytes, 0600, in a folder that is closed to others", async () => {
    using project = await makeSealedProject();
    project.write({ "there/mine": "mine\n" });
    await project.done([...RESTORE, "--dry-run"]);
    expect(lstatSync(keyFile(project), { throwIfNoEntry: false })).toBeUndefined();
    await project.done(RESTORE);
    const key = readFileSync(keyFile(project));
    expect(key.length).toBe(32);
    expect(modeOf(keyFile(project))).toBe("0600");
    expect(modeOf(join(keyFile(project), ".."))).toBe("0700");
    await project.done(["undo", "--restored", "there"]);
    expect(readFileSync(keyFile(project)).equals(key)).toBe(true);
    expect(namesIn(join(keyFile(project), ".."))).toEqual(["key"]);
  });

  const SPOILED = [
    ["is too short", (key: string) => writeFileSync(key, "short")],
    ["is too long", (key: string) => writeFileSync(key, Buffer.alloc(33))],
    ["can be read by others", (key: string) => chmodSync(key, 0o640)],
    ["lies in a folder that others may write", (key: string) => chmodSync(join(key, ".."), 0o770)],
    [
      "is a link",
      (key: string) => {
        renameSync(key, `${key}.elsewhere`);
        symlinkSync("key.elsewhere", key);
      },
    ],
  ] as const;

  it.each(SPOILED)("that %s: restore and undo refuse before they write, exit 5", async (_what, spoil) => {
    using project = await makeSealedProject();
    project.write({ "there/mine": "mine\n", "else/mine": "mine\n" });
    await project.done(RESTORE);
    spoil(keyFile(project));
    for (const args of [
      ["undo", "--restored", "there"],
      ["restore", BUNDLE, "--to", "else"],
      ["restore", BUNDLE, "--to", "new", "--mkdir"],
    ]) {
      const end = await project.changesNothing(args);
      expect(end.exitCode, args.join(" ")).toBe(5);
      expect(end.stderr).toMatch(/^error: RESTORE_STATE_UNAVAILABLE: /);
    }
  });

  it("that can't be made: a restore refuses before it writes, exit 5", async () => {
    using project = await makeSealedProject();
    project.write({ "there/mine": "mine\n", "home/.local": "a file\n" });
    const env = { ...project.env, HOME: project.at("home") };
    for (const to of [["there"], ["new", "--mkdir"]]) {
      const end = await project.changesNothing(["restore", BUNDLE, "--to", ...to], { env });
      expect(end.exitCode).toBe(5);
      expect(end.stderr).toMatch(/^error: RESTORE_STATE_UNAVAILABLE: /);
    }
  });

  it("that is spoiled makes each journal foreign to recover", async () => {
    using project = await makeSealedProject();
    project.write({ "there/mine": "mine\n" });
    await killedAt(project, RESTORE, ONE_OF_FOUR);
    chmodSync(keyFile(project), 0o644);
    expect(await project.json(RECOVER)).toMatchObject({ code: "RECOVER_FOREIGN_JOURNAL", exit_code: 7 });
    chmodSync(keyFile(project), 0o600);
    expect(await project.json(RECOVER)).toMatchObject({ recovered: [{ end: "nothing" }] });
  });
});
