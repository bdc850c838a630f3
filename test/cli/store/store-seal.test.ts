import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  factsOf,
  makeProjectWithKey,
  modeOf,
  namesIn,
  type Project,
  SmallDisk,
} from "../../support/command/cli.ts";
import { killedAt, whileStopped } from "../../support/command/stopped-cli.ts";
import { objectOf } from "../../support/store/keep.ts";
import { corruptStored, isStored, packFiles } from "../../support/store/store-forms.ts";

const isKept = (project: Project, content: string): boolean => isStored(project.root, content);

/** More than a pack takes. */
const LARGE = "large ".repeat(200_000);

const runs = (id: string): string => `.runseal/runs/${id}`;

describe.concurrent("runseal seal: what is kept", () => {
  it("is every output, once, and nothing with --no-keep or --out", async () => {
    using project = await makeProjectWithKey();
    expect(await project.json(["seal", "out", "--id", "one", "--no-keep"])).toMatchObject({ kept: null });
    expect(namesIn(project.at(".runseal")).filter((name) => name === "objects" || name === "packs")).toEqual(
      [],
    );
    await project.done(["seal", "out", "--id", "elsewhere", "--out", "bundles"]);
    expect(namesIn(project.at(".runseal")).filter((name) => name === "objects" || name === "packs")).toEqual(
      [],
    );
    expect(await project.json(["seal", "out", "--id", "two"])).toMatchObject({ kept: 2 });
    expect(await project.json(["seal", "out", "--id", "three"])).toMatchObject({ kept: 0 });
    expect(isKept(project, "alpha\n") && isKept(project, "beta\n")).toBe(true);
  });

  it("is what a failed run made, like that of any other run", async () => {
    using project = await makeProjectWithKey();
    await project.run(["run", "--output", "out", "--id", "one", "--", "sh", "-c", "exit 3"]);
    expect(namesIn(project.at(".runseal", "runs"))).toEqual(["one"]);
    expect(isKept(project, "alpha\n") && isKept(project, "beta\n")).toBe(true);
    expect(await project.json(["prune"])).toMatchObject({ ok: true, removed: 0 });
  });

  it("is nothing, and nothing is sealed, on a full disk", async ({ skip }) => {
    using project = await makeProjectWithKey({});
    mkdirSync(project.at("disk"));
    using disk = new SmallDisk(project.at("disk"), "size=400k");
    skip(!disk.mounted, "this machine doesn't let us mount");
    project.write({ "disk/out/a": "a".repeat(20_000), "disk/out/b": "b".repeat(250_000) });
    const end = await project.changesNothing([
      "seal",
      "disk/out",
      "--here",
      "--project",
      "disk",
      "--id",
      "one",
    ]);
    expect(end.exitCode).toBe(4);
    expect(end.stderr).toContain('could not write ".runseal/packs": the disk is full');
    await project.done(["seal", "disk/out", "--here", "--project", "disk", "--id", "one", "--no-keep"]);
  });

  it("replaces an object with wrong bytes that it needs, and says so", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out/a.txt", "--id", "one"]);
    corruptStored(project.root, "alpha\n", "ALPHA\n");
    const end = await project.run(["seal", "out", "--id", "two"]);
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stderr).toBe(
      "warning: 1 object of the store did not hold the bytes that the name says; the right bytes are there now\nhint: runseal store check looks for others\n",
    );
    await project.done(["verify", runs("two"), "--stored"]);
    expect(packFiles(project.root).map(modeOf)).toContain("0444");
  });

  it("replaces it too if its pack would have the same name again", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out/a.txt", "--id", "one"]);
    corruptStored(project.root, "alpha\n", "ALPHA\n");
    expect(await project.json(["seal", "out/a.txt", "--id", "two"])).toMatchObject({ kept: 0, replaced: 1 });
    await project.done(["verify", runs("two"), "--stored"]);
    await project.done(["verify", runs("one"), "--stored"]);
    expect(await project.json(["seal", "out/a.txt", "--id", "three"])).toMatchObject({
      kept: 0,
      replaced: 0,
    });
  });

  it("replaces a large object with wrong bytes that it needs", async () => {
    using project = await makeProjectWithKey({ "out/large": LARGE });
    await project.done(["seal", "out", "--id", "one"]);
    const address = objectOf(project.root, LARGE);
    chmodSync(address, 0o644);
    writeFileSync(address, "short");
    expect(await project.json(["seal", "out", "--id", "two"])).toMatchObject({ kept: 0, replaced: 1 });
    expect(readFileSync(address, "utf8")).toBe(LARGE);
    expect(modeOf(address)).toBe("0444");
  });

  it("goes on where the state folder can't be used", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out", "--id", "one"]);
    const env = { ...project.env, XDG_STATE_HOME: "/dev/null" };
    expect(await project.json(["seal", "out", "--id", "two"], { env })).toMatchObject({ ok: true, kept: 0 });
  });

  it("refuses a folder in an object's place", async () => {
    using project = await makeProjectWithKey({ "out/large": LARGE });
    mkdirSync(objectOf(project.root, LARGE), { recursive: true });
    const end = await project.changesNothing(["seal", "out", "--id", "two"]);
    expect(end.exitCode).toBe(1);
    expect(end.stderr).toMatch(
      /^error: STORE_DAMAGED: the stored object "\.runseal\/objects\/.*" is not what its name says\nhint: /,
    );
  });
});

describe.concurrent("runseal prune, while a seal is at work", () => {
  it("waits for one that stands still before its bundle appears, and takes nothing of it", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out/a.txt", "--id", "one"]);
    for (const gone of [runs("one"), ".runseal/HEAD", "../home/.local/state/runseal/heads"])
      rmSync(project.at(gone), { recursive: true });
    // Now alpha is garbage, and the next seal finds it there.
    let collecting: Promise<object> | undefined;
    let ended = false;
    const seal = ["seal", "out", "--id", "two", "--json"];
    const act = async (): Promise<void> => {
      collecting = project.json(["prune"]).finally(() => {
        ended = true;
      });
      await setTimeout(800);
      expect(namesIn(project.at(".runseal", "runs")).filter((name) => !name.startsWith("."))).toEqual([]);
      expect(ended, "it must wait").toBe(false);
    };
    const isPlaced = (): boolean => packFiles(project.root).length === 2;
    const sealed = await whileStopped(project, seal, "renameSync:1", isPlaced, act, "SIGNATURE.json");
    expect(factsOf(sealed)).toMatchObject({ ok: true, kept: 1 });
    expect(await collecting).toMatchObject({ removed: 0, kept: 2 });
    await project.done(["verify", runs("two"), "--stored"]);
  });

  it("takes out what a killed one left, and the next seal works", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out/a.txt", "--id", "one"]);
    project.write({ "out/c.txt": "gamma\n" });
    const partials = () => namesIn(project.at(".runseal", "packs")).filter((name) => name.startsWith("."));
    for (const where of ["fchmodSync:1", "renameSync:1", "renameSync:2"]) {
      await killedAt(project, ["seal", "out", "--id", "two"], where);
    }
    expect(partials().length).toBeGreaterThan(0);
    expect(await project.json(["prune"])).toMatchObject({ ok: true, kept: 1 });
    expect(partials()).toEqual([]);
    expect(isKept(project, "alpha\n")).toBe(true);
    expect(isKept(project, "gamma\n")).toBe(false);
    await project.run(["seal", "out", "--id", "two"]);
    await project.done(["verify", runs("two"), "--stored"]);
    expect(await project.json(["store", "check"])).toMatchObject({
      ok: true,
      sound: 3,
      partial: 0,
      not_kept: [],
    });
  });
});
