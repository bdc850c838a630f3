import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLE, factsOf, makeSealedProject } from "../../support/command/cli.ts";
import { SYSTEMS } from "../../support/command/other-systems.ts";
import { compareSnapshots, snapshotTree } from "../../support/files/tree.ts";

const SAME = { added: {}, removed: [], changed: [] };

describe("the choice made at run time, by what the system has (SECURITY 1)", () => {
  it.each(SYSTEMS)(
    "on %s a restore into a folder that is there, and its undo, say what protected them",
    async (system, settingOf) => {
      using project = await makeSealedProject();
      mkdirSync(project.at("there"), { mode: 0o700 });
      const protection = system === "win32" ? "unchecked" : "permissions";
      const before = snapshotTree(project.at("there"));
      for (const args of [
        ["restore", BUNDLE, "--to", "there"],
        ["undo", "--restored", "there"],
        ["recover", "there"],
      ]) {
        const facts = factsOf(await project.run([...args, "--json"], settingOf(project)));
        expect(facts).toMatchObject({ ok: true, protection });
      }
      expect(compareSnapshots(before, snapshotTree(project.at("there")))).toEqual(SAME);
    },
  );

  it.each(SYSTEMS.filter(([system]) => system !== "win32"))(
    "on %s a folder that other users may write to is refused, and nothing is written",
    async (_system, settingOf) => {
      using project = await makeSealedProject();
      mkdirSync(project.at("above/there"), { recursive: true });
      const change = async (mode: number, folder: string, of: string): Promise<void> => {
        chmodSync(project.at(folder), mode);
        const before = snapshotTree(project.folder);
        for (const args of [
          ["restore", BUNDLE, "--to", "above/there"],
          ["restore", BUNDLE, "--to", "above/there", "--dry-run"],
          ["undo", "--restored", "above/there"],
        ]) {
          const facts = factsOf(await project.run([...args, "--json"], settingOf(project)));
          const details = { path: of };
          expect(facts).toMatchObject({ ok: false, code: "RESTORE_PARENT_SHARED", details, exit_code: 5 });
        }
        expect(compareSnapshots(before, snapshotTree(project.folder))).toEqual(SAME);
        chmodSync(project.at(folder), 0o700);
      };
      await change(0o777, "above/there", "there");
      await change(0o775, "above", "above");
    },
  );

  it.each(SYSTEMS.filter(([system]) => system !== "win32"))(
    "on %s nothing is put behind a folder that other users could exchange, and everything is taken back",
    async (_system, settingOf) => {
      using project = await makeSealedProject({ "out/data/a.txt": "alpha\n" });
      mkdirSync(project.at("there/out/data"), { recursive: true });
      chmodSync(project.at("there"), 0o700);
      chmodSync(project.at("there/out"), 0o777);
      const before = snapshotTree(project.at("there"));
      const args = ["restore", BUNDLE, "--to", "there", "--json"];
      const facts = factsOf(await project.run(args, settingOf(project)));
      const details = { reason: "folder-shared" };
      expect(facts).toMatchObject({ ok: false, code: "RESTORE_FINALIZE_FAILED", details, exit_code: 6 });
      expect(compareSnapshots(before, snapshotTree(project.at("there")))).toEqual(SAME);
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
});
