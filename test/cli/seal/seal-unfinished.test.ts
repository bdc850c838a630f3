import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
  type Project,
  SmallDisk,
} from "../../support/command/cli.ts";
import { durableCalls } from "../../support/command/durable-calls.ts";
import { killedAt, stopAt } from "../../support/command/stopped-cli.ts";
import { injectionObstacle } from "../../support/files/injected-error.ts";

const TELL_LISTINGS = new URL("../../support/command/tell-listings.mjs", import.meta.url).href;
const PARTIAL = ".runseal/runs/.partial";

const TWO = ["seal", "out", "--id", "two"] as const;
const THREE = ["seal", "out", "--id", "three"] as const;
const FAILING = ["run", "--id", "two", "--", "false"] as const;

/** A project whose head this user has seen. */
async function makeRememberedProject(): Promise<Project> {
  const project = await makeSealedProject();
  await project.done(["seal", "out", "--id", "zero"]);
  return project;
}

/** The folders that a command listed. */
async function listedBy(project: Project, args: readonly string[]): Promise<readonly string[]> {
  const env = { ...project.env, NODE_OPTIONS: `--import ${TELL_LISTINGS}` };
  const { stderr } = await project.run(args, { env });
  return [...stderr.matchAll(/^listed (.*)$/gm)].map(([, path = ""]) => path);
}

function runsOf(project: Project): readonly string[] {
  return namesIn(project.at(".runseal/runs"));
}

describe.concurrent("a seal does not take longer for every run that the project has", () => {
  it.each([
    ["a seal", TWO],
    ["a run", ["run", "--id", "two", "--output", "out", "--", "true"]],
    ["a failed run", FAILING],
  ])("%s doesn't list them", async (_what, args) => {
    using project = await makeSealedProject();
    const listed = await listedBy(project, args);
    expect(listed).toContain(project.at(".runseal"));
    expect(listed).not.toContain(project.at(".runseal/runs"));
    expect(runsOf(project)).toEqual(["one", "two"]);
  });

  it.each([
    ["before its bundle was in its place", "renameSync:3"],
    ["before HEAD named it", "renameSync:4"],
    ["before its head was remembered", "renameSync:5"],
  ])("nor does one after a seal that was killed %s", async (_when, where) => {
    using project = await makeRememberedProject();
    await killedAt(project, TWO, where);
    const listed = await listedBy(project, THREE);
    expect(listed).toContain(project.at(".runseal"));
    expect(listed).not.toContain(project.at(".runseal/runs"));
  });

  it("nor does one after a seal by another user, whose head is remembered elsewhere", async () => {
    using project = await makeRememberedProject();
    const other = { ...project.env, XDG_STATE_HOME: join(project.folder, "other") };
    await project.done(TWO, { env: other });
    expect(await listedBy(project, THREE)).not.toContain(project.at(".runseal/runs"));
    expect(await project.json(["seal", "out", "--id", "four"])).toMatchObject({ remembered: "remembered" });
  });
});

describe.concurrent("a bundle that was never finished", () => {
  it.each([
    ["seal", TWO, "renameSync:3", { end: "dropped", run_id: "two" }],
    // One more than of a seal: that of the run's record.
    ["failed run", FAILING, "renameSync:4", { end: "dropped", run_id: null }],
  ])("of a killed %s is removed by the next seal", async (_what, args, where, recovered) => {
    using project = await makeSealedProject();
    await killedAt(project, args, where);
    expect(namesIn(project.at(PARTIAL))).toContain("STATUS.json");
    expect(await project.json(THREE)).toMatchObject({ recovered: [recovered] });
    expect(runsOf(project)).toEqual(["one", "three"]);
  });

  it.each<[string, (path: string) => void]>([
    ["that holds what is not runseal's", (path) => mkdirSync(join(path, "folder"), { recursive: true })],
    [
      "that holds a name that is no UTF-8",
      (path) => {
        mkdirSync(path);
        writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xff])]), "other user");
      },
    ],
    ["that is a file", (path) => writeFileSync(path, "other user")],
    ["that is a link", (path) => symlinkSync("../../out", path)],
  ])("%s is put aside, and the next seal goes on", async (_what, make) => {
    using project = await makeSealedProject();
    const before = namesIn(project.at("out"));
    make(project.at(PARTIAL));
    await project.done(TWO);
    expect(runsOf(project)).toEqual([expect.stringMatching(/^\.[0-9a-f]{16}\.partial$/), "one", "two"]);
    expect(namesIn(project.at("out"))).toEqual(before);
    expect((await project.json(["verify", "--history", "--any-signer"]))["ok"]).toBe(true);
  });

  it("that cannot be removed or renamed is left alone, and the next seal uses another name", async ({
    skip,
  }) => {
    using project = await makeRememberedProject();
    await killedAt(project, TWO, "renameSync:4");
    mkdirSync(project.at(PARTIAL));
    using disk = new SmallDisk(project.at(PARTIAL), "size=4k");
    if (!disk.mounted) skip("nothing can be mounted here");
    expect(await project.json(THREE)).toMatchObject({
      ok: true,
      recovered: [{ end: "completed", run_id: "two" }],
      remembered: "remembered",
    });
    expect(runsOf(project)).toEqual([".partial", "one", "three", "two", "zero"]);
  });
});

/** Calls are counted from the last file of a bundle on: its fsync, its folder's, the rename, and the fsync of `runs`. */
const LAST_FILE = "/OUTPUTS_ROOT.json";
const UNSURE = "fsyncSync:3:EIO";

/** HEAD's file is synced, and twice the folder, where the second one counts. Then HEAD is removed, and the folder synced again. */
const UNSURE_HEAD = "fsyncSync:6:EIO";
const UNSURE_REMOVAL = "fsyncSync:7:EIO";

describe.concurrent("a bundle that is in its place, though the disk refuses to say that it stays there", () => {
  const refused = 'error: WRITE_FAILED: could not write ".runseal/runs": the disk reports an error\n';

  it("of a seal is taken back", async () => {
    using project = await makeSealedProject();
    const { stderr } = await project.changesNothing(TWO, stopAt(project, UNSURE, LAST_FILE));
    expect(stderr).toContain(refused);
  });

  it("of a run that failed is taken back, and the next seal lists the run without a bundle", async () => {
    using project = await makeSealedProject();
    const { stderr } = await project.run(FAILING, stopAt(project, UNSURE, "/SIGNATURE.json"));
    expect(stderr).toContain(refused);
    expect(runsOf(project)).toEqual(["one"]);
    expect(await project.json(THREE)).toMatchObject({
      failed_runs: [{ run_id: "two", bundle_root: null }],
    });
  });

  it("is taken back where its rename is said to have failed, but has not", async () => {
    using project = await makeSealedProject();
    const { exitCode } = await project.changesNothing(
      TWO,
      stopAt(project, "renameSync:1:EIO:done", LAST_FILE),
    );
    expect(exitCode).toBe(4);
  });

  it("is taken back from where --out named, with the folders made for it", async () => {
    using project = await makeSealedProject();
    const args = [...TWO, "--out", "deep/runs"];
    const { exitCode } = await project.changesNothing(args, stopAt(project, UNSURE, LAST_FILE));
    expect(exitCode).toBe(4);
  });

  it.each([
    ["can't be taken back: the next seal makes it the head", "renameSync:2:EIO", "completed"],
    ["is taken back, perhaps not durably: the next seal drops it", "fsyncSync:4:EIO", "dropped"],
  ])("and %s", async (_what, refusal, end) => {
    using project = await makeSealedProject();
    const refused = stopAt(project, `${UNSURE},${refusal}`, LAST_FILE);
    expect(await project.json(TWO, refused)).toMatchObject({ code: "WRITE_FAILED", exit_code: 4 });
    expect(namesIn(project.at(".runseal"))).toContain("pending");
    expect(await project.json(THREE)).toMatchObject({ ok: true, recovered: [{ end, run_id: "two" }] });
    expect(runsOf(project)).toEqual(end === "completed" ? ["one", "three", "two"] : ["one", "three"]);
    expect((await project.json(["verify", "--history", "--any-signer"]))["ok"]).toBe(true);
  });

  it("stays if it is a project's first one and HEAD can't be removed durably: the next seal makes it the head", async () => {
    using project = await makeProjectWithKey();
    const refused = stopAt(project, `${UNSURE_HEAD},${UNSURE_REMOVAL}`, LAST_FILE);
    const end = await project.json(["seal", "out", "--id", "one"], refused);
    expect(end).toMatchObject({ code: "WRITE_FAILED", details: { path: ".runseal/HEAD" } });
    expect(runsOf(project)).toEqual(["one"]);
    expect(await project.json(TWO)).toMatchObject({ recovered: [{ end: "completed", run_id: "one" }] });
    expect((await project.json(["verify", "--history", "--any-signer"]))["ok"]).toBe(true);
  });
});

describe.skipIf(injectionObstacle() !== undefined)("a seal that ended", () => {
  it("removes `pending` durably, so that no later seal takes it for a killed one after a power cut", async () => {
    using project = await makeSealedProject();
    const calls = await durableCalls(project, TWO);
    expect(calls).toContain("remove pending");
    expect(calls.slice(calls.indexOf("remove pending"))).toContain(`sync ${project.at(".runseal")}`);
  });
});
