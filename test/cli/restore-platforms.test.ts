import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLE, factsOf, makeSealedProject, type Project } from "../support/cli.ts";
import { compareSnapshots, snapshotTree } from "../support/tree.ts";

/** The environment of a process that takes itself for one on another system. */
function pretending(project: Project, platform: string): { readonly env: Readonly<Record<string, string>> } {
  const script = `Object.defineProperty(process,"platform",{value:"${platform}"})`;
  return {
    env: { ...project.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` },
  };
}

describe("the choice made at run time, by what the system has (SECURITY 1)", () => {
  it.each(["darwin", "win32"])(
    "on %s restore, undo and recover refuse, and write nothing",
    async (platform) => {
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
        const facts = factsOf(await project.run([...args, "--json"], pretending(project, platform)));
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

  it.each(["darwin", "win32"])("on %s a bundle can still be verified", async (platform) => {
    using project = await makeSealedProject();
    const { exitCode, stderr } = await project.run(["verify", BUNDLE], pretending(project, platform));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
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
