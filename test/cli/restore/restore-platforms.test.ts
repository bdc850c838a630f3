import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLE, factsOf, makeSealedProject } from "../../support/command/cli.ts";
import { SYSTEMS } from "../../support/command/other-systems.ts";
import { compareSnapshots, snapshotTree } from "../../support/files/tree.ts";

describe("the choice made at run time, by what the system has (SECURITY 1)", () => {
  it.each(SYSTEMS)(
    "on %s restores into a folder that is there and undos are refused, and write nothing",
    async (_system, settingOf) => {
      using project = await makeSealedProject();
      mkdirSync(project.at("there"));
      const before = snapshotTree(project.folder);
      for (const args of [
        ["restore", BUNDLE, "--to", "there"],
        ["restore", BUNDLE, "--to", "new"],
        ["restore", BUNDLE, "--to", "there", "--mkdir"],
        ["restore", BUNDLE, "--history", "--to", "there"],
        ["undo", "--restored", "there"],
      ]) {
        const facts = factsOf(await project.run([...args, "--json"], settingOf(project)));
        expect(facts).toMatchObject({
          ok: false,
          code: "SYSTEM_UNSUPPORTED",
          phase: "PREFLIGHT",
          cause_code: null,
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

  it.each(SYSTEMS)("on %s a project is sealed into, one seal after the other", async (_system, settingOf) => {
    using project = await makeSealedProject();
    for (const id of ["two", "three"]) {
      const facts = factsOf(await project.run(["seal", "out", "--id", id, "--json"], settingOf(project)));
      expect(facts).toMatchObject({ ok: true, recovered: [] });
    }
  });

  it.each(SYSTEMS)(
    "on %s locks are taken below a path that is too long for a socket",
    async (_system, settingOf) => {
      using project = await makeSealedProject();
      const long = project.at("long".repeat(50));
      mkdirSync(long);
      const { env = project.env, ...setting } = settingOf(project);
      const home = { HOME: long, XDG_CONFIG_HOME: `${long}/config` };
      const homely = { ...setting, cwd: `${long}/project`, env: { ...env, ...home } };
      const done = async (...args: string[]): Promise<void> => {
        expect(factsOf(await project.run([...args, "--json"], homely))).toMatchObject({ ok: true });
      };
      mkdirSync(`${long}/project/out`, { recursive: true });
      writeFileSync(`${long}/project/out/a.txt`, "alpha\n");
      await done("init", "--name", "carol", "--no-passphrase");
      for (const id of ["one", "two"]) await done("seal", "out", "--here", "--id", id);
      await done("verify", "--history");
      expect(readdirSync(`${long}/config/runseal/keys`).sort()).toEqual(["carol.key", "carol.pub"]);
      expect(readdirSync(`${long}/project/.runseal`).filter((name) => name.includes("lock"))).toEqual([]);
    },
  );

  it.each(SYSTEMS)("on %s a refusal says what works", async (_system, settingOf) => {
    using project = await makeSealedProject();
    mkdirSync(project.at("there"));
    const restored = await project.run(["restore", BUNDLE, "--to", "there"], settingOf(project));
    expect(restored.stderr).toContain("hint: restore into a new folder: --mkdir");
    const undone = await project.run(["undo", "--restored", "there"], settingOf(project));
    expect(undone.stderr).toContain("hint: check the folder with runseal verify --files");
  });
});
