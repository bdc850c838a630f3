import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeSealedProject, namesIn, type Project } from "../support/cli.ts";
import { killedAt } from "../support/stopped-cli.ts";

const TELL_LISTINGS = new URL("../support/tell-listings.mjs", import.meta.url).href;
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
    ["failed run", FAILING, "renameSync:3", { end: "dropped", run_id: null }],
  ])("of a killed %s is removed by the next seal", async (_what, args, where, recovered) => {
    using project = await makeSealedProject();
    await killedAt(project, args, where);
    expect(namesIn(project.at(PARTIAL))).toContain("STATUS.json");
    expect(await project.json(THREE)).toMatchObject({ recovered: [recovered] });
    expect(runsOf(project)).toEqual(["one", "three"]);
  });

  it.each<[string, (path: string) => void]>([
    ["that holds what is not runseal's", (path) => mkdirSync(join(path, "folder"), { recursive: true })],
    ["that is a file", (path) => writeFileSync(path, "somebody's")],
    ["that is a link", (path) => symlinkSync("../../out", path)],
  ])("%s is put aside, and the next seal goes on", async (_what, make) => {
    using project = await makeSealedProject();
    const before = namesIn(project.at("out"));
    make(project.at(PARTIAL));
    await project.done(TWO);
    expect(runsOf(project)).toEqual([expect.stringMatching(/^\.[0-9a-f]{16}\.partial$/), "one", "two"]);
    expect(namesIn(project.at("out"))).toEqual(before);
    expect((await project.json(["chain", "verify", "--any-signer"]))["ok"]).toBe(true);
  });
});
