import { cpSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  BUNDLE,
  type CliEnd,
  factsOf,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { killedAt } from "../../support/command/stopped-cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";
import { drawn, LONG_TEST_MS } from "../../support/rings/ring.ts";

const RESTORE = ["restore", BUNDLE, "--to", "there"];
const RESTORE_NEW = ["restore", BUNDLE, "--to", "new", "--mkdir"];

function leftoversIn(project: Project, folder = "."): readonly string[] {
  return namesIn(project.at(folder)).filter((name) => name.startsWith(".spectrum06_"));
}

describe.concurrent("runseal recover: neither journal nor marker is left", () => {
  it("says unknown-clean after a kill at the last rmdir, when everything is in place", async () => {
    using project = await makeSealedProject();
    project.write({ "there/mine": "mine\n" });
    // The first two remove the folder that was made for a try.
    await killedAt(project, RESTORE, "rmdirSync:2");
    await project.done(["verify", BUNDLE, "--files", "there"]);
    expect(leftoversIn(project, "there").length).toBeGreaterThan(0);
    const dry = await project.changesNothing(["recover", "there", "--dry-run"]);
    expect(dry.stdout).toContain("neither a journal nor a marker is left");
    expect(await project.json(["recover", "there"])).toMatchObject({
      ok: true,
      recovered: [{ act: null, end: "unknown-clean" }],
    });
    await project.done(["verify", BUNDLE, "--files", "there"]);
    expect(leftoversIn(project, "there")).toEqual([]);
  });
});

describe.concurrent("a restore that makes a root where an earlier one was killed before it had a journal", () => {
  it("cleans up after it where its owner is provably dead", async () => {
    using project = await makeSealedProject();
    // The two folders of the staging come before the tree.
    await killedAt(project, RESTORE_NEW, "mkdirSync:3");
    expect(leftoversIn(project)).toHaveLength(1);
    const { exitCode, stderr } = await project.run(RESTORE_NEW);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^note: an earlier restore or undo /);
    expect(leftoversIn(project)).toEqual([]);
  });

  it("names it where nothing tells whether its owner lives", async () => {
    using project = await makeSealedProject();
    const staging = ".spectrum06_new_00000000-0000-4000-8000-000000000000";
    mkdirSync(project.at(staging), { mode: 0o700 });
    const end = await project.run(RESTORE_NEW);
    expect(end.exitCode).toBe(0);
    expect(end.stderr).toContain(`warning: "${staging}" is beside the folder`);
    expect(leftoversIn(project)).toEqual([staging]);
    await project.done(["undo", "--restored", "new"]);
    rmdirSync(project.at("new"));
    expect(factsOf(await project.run([...RESTORE_NEW, "--json"]))).toMatchObject({
      ok: true,
      left: [staging],
    });
    await project.done(["recover", "new"]);
    expect(leftoversIn(project)).toEqual([]);
  });
});

/** Folders in folders, more of them than are held open. */
const DEEP = Object.fromEntries(
  Array.from({ length: 8 }, (_, index) => [`out/d${index}/e/f/g/h/x.txt`, `${index}\n`]),
);

/** A folder that the outputs were restored into. */
async function restoredIn(project: Project): Promise<string> {
  const folder = project.at("restored");
  if (namesIn(folder).length > 0) return folder;
  await project.done(["restore", BUNDLE, "--to", "restored", "--mkdir"]);
  return folder;
}

function within(limit: number, project: Project, args: readonly string[]): Promise<CliEnd> {
  return project.run(args, { under: ["bash", "-c", `ulimit -n ${limit}; exec "$@"`, "bash"] });
}

/** What became of a command that may open so many files. */
async function endWithin(limit: number, project: Project, args: readonly string[]): Promise<string> {
  const before = snapshotTree(project.root);
  const { exitCode, stderr } = await within(limit, project, args);
  const after = snapshotTree(project.root);
  const isUnchanged = JSON.stringify([...after]) === JSON.stringify([...before]);
  if (exitCode === 0 && !isUnchanged && leftoversIn(project, "target").length === 0) return "done";
  // Node itself may not start, or not find its modules.
  const isRefusal = exitCode !== 0 && exitCode !== 6 && exitCode !== 7;
  return isRefusal && isUnchanged ? "refused" : `${exitCode} ${stderr}`;
}

/** Each limit between the one with which Node just fails to start and the one with which all is done. */
const LIMITS = [
  20,
  ...drawn(
    Array.from({ length: 20 }, (_, index) => 21 + index),
    3,
  ),
  64,
];

describe.concurrent("too few descriptors", { timeout: LONG_TEST_MS }, () => {
  it.each([
    ["a restore into a folder", ["restore", BUNDLE, "--to", "target"]],
    ["a restore into a new folder", ["restore", BUNDLE, "--to", "target/new", "--mkdir"]],
    ["an undo", ["undo", "--restored", "target"]],
  ])("%s is refused before anything is written, or done, whatever ulimit -n is", async (_what, args) => {
    using project = await makeSealedProject(DEEP);
    const ends: string[] = [];
    for (const limit of LIMITS) {
      rmSync(project.at("target"), { recursive: true, force: true });
      mkdirSync(project.at("target"));
      if (args[0] === "undo") cpSync(await restoredIn(project), project.at("target"), { recursive: true });
      ends.push(`${limit}: ${await endWithin(limit, project, args)}`);
    }
    expect(ends.filter((end) => !/: (?:refused|done)$/.test(end))).toEqual([]);
    expect(ends.at(-1)).toBe("64: done");
    expect(ends.at(0)).toBe("20: refused");
  });

  it("are named, with what to do", async () => {
    using project = await makeSealedProject(DEEP);
    mkdirSync(project.at("target"));
    const { exitCode, stderr } = await within(30, project, ["restore", BUNDLE, "--to", "target"]);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(
      /^error: RESTORE_TOO_FEW_DESCRIPTORS: [^\n]+; nothing was written\nhint: Raise the limit, /,
    );
  });
});
