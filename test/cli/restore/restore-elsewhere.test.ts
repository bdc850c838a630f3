import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLE, type Facts, factsOf, makeSealedProject, type Project } from "../../support/command/cli.ts";
import { type OtherSystem, pretending, SYSTEMS } from "../../support/command/other-systems.ts";
import { compareSnapshots, snapshotTree } from "../../support/files/tree.ts";

const INTO_NEW = ["restore", BUNDLE, "--to", "new", "--mkdir"];

async function restoreNew(
  project: Project,
  settingOf: OtherSystem[1],
  args: readonly string[] = INTO_NEW,
): Promise<Facts> {
  return factsOf(await project.run([...args, "--json"], settingOf(project)));
}

/** What a command changes in the folder of the project. */
async function changesIn(project: Project, act: () => Promise<unknown>) {
  const before = snapshotTree(project.folder);
  await act();
  return compareSnapshots(before, snapshotTree(project.folder));
}

const SHOWING_MODES = SYSTEMS.filter(([system]) => system !== "win32");

describe("a restore into a new folder where folders can't be held by descriptor", () => {
  it.each(SYSTEMS)(
    "on %s brings what a restore on Linux brings, byte by byte, which then verifies there",
    async (system, settingOf) => {
      using project = await makeSealedProject();
      const facts = await restoreNew(project, settingOf);
      const protection = system === "win32" ? "unchecked" : "permissions";
      expect(facts).toMatchObject({ ok: true, code: "OK", protection, clean: true });
      expect(readdirSync(project.root).filter((name) => name.startsWith(".spectrum06_"))).toEqual([]);
      const verified = await project.run(["verify", BUNDLE, "--files", "new"], settingOf(project));
      expect(verified).toMatchObject({ exitCode: 0 });
      await project.run(["restore", BUNDLE, "--to", "linux", "--mkdir"]);
      // Windows has no modes: there, files have those that the umask leaves.
      const looked = (folder: string): readonly unknown[] =>
        [...snapshotTree(project.at(folder))].map(([path, { mode, ...node }]) =>
          system === "win32" ? [path, node] : [path, node, mode],
        );
      expect(looked("new")).toEqual(looked("linux"));
    },
  );

  it.each(SYSTEMS)("on %s brings each run of a chain", async (_system, settingOf) => {
    using project = await makeSealedProject();
    const args = ["restore", BUNDLE, "--history", "--to", "new", "--mkdir"];
    expect(await restoreNew(project, settingOf, args)).toMatchObject({ ok: true, clean: true });
    expect(readdirSync(project.at("new"))).toEqual([BUNDLE.split("/").at(-1)]);
  });

  it.each(SYSTEMS)("on %s says what it does not promise", async (system, settingOf) => {
    using project = await makeSealedProject();
    const { exitCode, stderr } = await project.run(INTO_NEW, settingOf(project));
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      system === "win32"
        ? "warning: this system does not show runseal who may write to the folder and to those above it"
        : "note: on this system only permissions keep other processes from exchanging folders",
    );
  });

  it.each(SYSTEMS)("on %s a dry run writes nothing", async (_system, settingOf) => {
    using project = await makeSealedProject();
    const args = [...INTO_NEW, "--dry-run"];
    const change = await changesIn(project, async () => {
      expect(await restoreNew(project, settingOf, args)).toMatchObject({ ok: true, phase: "PLAN" });
    });
    expect(change).toEqual({ added: {}, removed: [], changed: [] });
  });

  it.each(SYSTEMS)(
    "on %s follows the links of the path that the caller names",
    async (_system, settingOf) => {
      using project = await makeSealedProject();
      mkdirSync(project.at("far/away"), { recursive: true });
      symlinkSync("far/away", project.at("link"));
      const args = ["restore", BUNDLE, "--to", "link/new", "--mkdir"];
      expect(await restoreNew(project, settingOf, args)).toMatchObject({ ok: true });
      expect(readdirSync(project.at("far/away"))).toEqual(["new"]);
    },
  );

  it("says nothing of it where /proc is there", async () => {
    using project = await makeSealedProject();
    expect(factsOf(await project.run([...INTO_NEW, "--json"]))).not.toHaveProperty("protection");
    const { stderr } = await project.run(["restore", BUNDLE, "--to", "other", "--mkdir"]);
    expect(stderr).toBe("");
  });
});

describe("the folders above a new one, where only their permissions protect it", () => {
  /** A folder below the project with such a mode, and one below that. */
  function arrange(project: Project, mode: number): void {
    mkdirSync(project.at("shared/own"), { recursive: true });
    chmodSync(project.at("shared"), mode);
  }

  it.each(
    SHOWING_MODES.flatMap(([system, settingOf]) =>
      [0o777, 0o775, 0o757].map((mode) => [system, mode.toString(8), settingOf] as const),
    ),
  )("on %s one with mode %s is refused, and nothing is written", async (_system, mode, settingOf) => {
    using project = await makeSealedProject();
    arrange(project, Number.parseInt(mode, 8));
    for (const to of ["shared/new", "shared/own/new"]) {
      const args = ["restore", BUNDLE, "--to", to, "--mkdir"];
      const change = await changesIn(project, async () => {
        expect(await restoreNew(project, settingOf, args)).toMatchObject({
          ok: false,
          code: "RESTORE_PARENT_SHARED",
          phase: "PREFLIGHT",
          details: { path: "shared" },
          exit_code: 5,
        });
      });
      expect(change).toEqual({ added: {}, removed: [], changed: [] });
    }
  });

  it.each(SHOWING_MODES)("on %s one that is sticky is accepted, as /tmp is", async (_system, settingOf) => {
    using project = await makeSealedProject();
    arrange(project, 0o1777);
    const args = ["restore", BUNDLE, "--to", "shared/new", "--mkdir"];
    expect(await restoreNew(project, settingOf, args)).toMatchObject({ ok: true });
  });

  it("are of any mode where /proc is there", async () => {
    using project = await makeSealedProject();
    arrange(project, 0o777);
    const facts = factsOf(await project.run(["restore", BUNDLE, "--to", "shared/new", "--mkdir", "--json"]));
    expect(facts).toMatchObject({ ok: true });
  });

  it.each(SHOWING_MODES)("on %s a recovery refuses them too", async (_system, settingOf) => {
    using project = await makeSealedProject();
    arrange(project, 0o777);
    mkdirSync(project.at("shared/.spectrum06_new_00000000-0000-4000-8000-000000000000"), { mode: 0o700 });
    mkdirSync(project.at("shared/there"));
    for (const folder of ["shared/new", "shared/there"]) {
      const facts = factsOf(await project.run(["recover", folder, "--json"], settingOf(project)));
      expect(facts).toMatchObject({ ok: false, code: "RESTORE_PARENT_SHARED", exit_code: 5 });
    }
  });
});

describe("names that Windows takes for others", () => {
  it.each([
    ["nul.txt", "RESTORE_FINALIZE_FAILED"],
    ["a.", "RESTORE_FINALIZE_FAILED"],
    ["b ", "RESTORE_FINALIZE_FAILED"],
    // By the law of paths, which on Windows forbids it in a verification too.
    ["a:b", "RESTORE_PATH_TRAVERSAL_DETECTED"],
  ])("are refused there before anything is written: %j", async (name, code) => {
    using project = await makeSealedProject();
    mkdirSync(project.at("odd"));
    writeFileSync(project.at("odd", name), "alpha\n");
    await project.run(["seal", "odd", "--names", "posix", "--id", "odd"]);
    const facts = factsOf(
      await project.run(["restore", "odd", "--to", "new", "--mkdir", "--json"], pretending(project, "win32")),
    );
    expect(facts).toMatchObject({ ok: false, code, phase: "PREFLIGHT", exit_code: 5 });
    expect(facts).toMatchObject({ details: { path: `odd/${name}` } });
    expect(readdirSync(project.root).filter((entry) => !["odd", "out"].includes(entry))).toEqual([
      ".runseal",
    ]);
  });
});
