import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLE, factsOf, makeSealedProject, type Project } from "../support/cli.ts";
import { compareSnapshots, snapshotTree } from "../support/tree.ts";

type Setting = Parameters<Project["run"]>[1];

/** The environment of a process that takes itself for one on another system. */
function pretending(project: Project, platform: string): Setting {
  const script = `Object.defineProperty(process,"platform",{value:"${platform}"})`;
  return {
    env: { ...project.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` },
  };
}

/** In a mount namespace of its own /proc is an empty folder. */
const WITHOUT_PROC = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$0" "$@"'];
const [UNSHARE = "", ...UNSHARED] = WITHOUT_PROC;
const CAN_UNSHARE = spawnSync(UNSHARE, [...UNSHARED, "true"]).status === 0;

const SYSTEMS: readonly (readonly [string, (project: Project) => Setting])[] = [
  ["darwin", (project) => pretending(project, "darwin")],
  ["win32", (project) => pretending(project, "win32")],
  ...(CAN_UNSHARE ? [["linux without /proc", (): Setting => ({ under: WITHOUT_PROC })] as const] : []),
];

describe("the choice made at run time, by what the system has (SECURITY 1)", () => {
  it.each(SYSTEMS)(
    "on %s restore, undo and recover refuse, and write nothing",
    async (_system, settingOf) => {
      using project = await makeSealedProject();
      mkdirSync(project.at("there"));
      const before = snapshotTree(project.folder);
      for (const args of [
        ["restore", BUNDLE, "--to", "there"],
        ["restore", BUNDLE, "--to", "new", "--mkdir"],
        ["restore", BUNDLE, BUNDLE, "--to", "there"],
        ["undo", "there"],
        ["recover", "there"],
      ]) {
        const facts = factsOf(await project.run([...args, "--json"], settingOf(project)));
        expect(facts).toMatchObject({
          ok: false,
          code: "RESTORE_INTERNAL_ERROR",
          phase: "PREFLIGHT",
          cause_code: null,
          details: { reason: "unsupported-platform" },
          exit_code: 5,
        });
      }
      expect(compareSnapshots(before, snapshotTree(project.folder))).toEqual({
        added: {},
        removed: [],
        changed: [],
      });
    },
  );

  it.each(SYSTEMS)("on %s a bundle can still be verified", async (_system, settingOf) => {
    using project = await makeSealedProject();
    const { exitCode, stderr } = await project.run(["verify", BUNDLE], settingOf(project));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });

  // On Windows there is no lock.
  const locking = SYSTEMS.filter(([system]) => system !== "win32");
  it.each(locking)("on %s a project is sealed into, one seal after the other", async (_system, settingOf) => {
    using project = await makeSealedProject();
    for (const id of ["two", "three"]) {
      const facts = factsOf(await project.run(["seal", "out", "--id", id, "--json"], settingOf(project)));
      expect(facts).toMatchObject({ ok: true, recovered: [] });
    }
  });

  it("restore --help says so", async () => {
    using project = await makeSealedProject();
    const { stdout } = await project.run(["restore", "--help"]);
    const text = stdout.replace(/\s+/g, " ");
    expect(text).toContain("On Linux every folder is held by descriptor");
    expect(text).toContain(
      "On macOS and Windows runseal has no way to do the same, so restore, recover and undo refuse",
    );
  });
});
