import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  BUNDLE,
  type CliSetting,
  factsOf,
  makeSealedProject,
  type Project,
} from "../../support/command/cli.ts";
import { type OtherSystem, SYSTEMS } from "../../support/command/other-systems.ts";
import { stopAt } from "../../support/command/stopped-cli.ts";

const INTO_NEW = ["restore", BUNDLE, "--to", "new", "--mkdir", "--json"];
const RECOVER = ["recover", "new", "--json"];

/** The second rename of a restore into a new root puts it in place. */
const FILLED = "renameSync:2";

/** What stops a command at a call, on another system. */
function stopping(project: Project, settingOf: OtherSystem[1], where: string): Partial<CliSetting> {
  const [stop, other] = [stopAt(project, where), settingOf(project)];
  const options = [stop.env?.["NODE_OPTIONS"], other.env?.["NODE_OPTIONS"]].filter(Boolean).join(" ");
  return { ...other, env: { ...project.env, ...other.env, ...stop.env, NODE_OPTIONS: options } };
}

async function killRestore(project: Project, settingOf: OtherSystem[1]): Promise<void> {
  const end = await project.run(INTO_NEW.slice(0, -1), stopping(project, settingOf, `${FILLED}:SIGKILL`));
  expect(end, "it must be killed, not end").toEqual({ exitCode: null, stdout: "", stderr: "" });
}

/** Working folders beside the new one. */
function leftoversIn(project: Project): readonly string[] {
  return readdirSync(project.root).filter((name) => name.startsWith(".spectrum06_"));
}

describe("a restore into a new folder that is killed where folders can't be held by descriptor", () => {
  it.each(SYSTEMS)(
    "on %s is recovered by the next restore, which then makes the folder",
    async (_system, settingOf) => {
      using project = await makeSealedProject();
      await killRestore(project, settingOf);
      const facts = factsOf(await project.run(INTO_NEW, settingOf(project)));
      expect(facts).toMatchObject({
        ok: true,
        clean: true,
        recovered: [{ act: "new-root", end: "nothing" }],
      });
      expect(leftoversIn(project)).toEqual([]);
    },
  );

  // A pretended system has Linux's kernel, which locks no open file: test/elsewhere/scenario.mjs tries it on the others.
  const locking = SYSTEMS.filter(([system]) => system.startsWith("linux"));
  it.each(locking)("on %s is left alone by recover while it lives", async (_system, settingOf) => {
    using project = await makeSealedProject();
    const isFilled = (): boolean =>
      leftoversIn(project).some((name) => existsSync(project.at(name, "root", "RESTORE_REPORT.json")));
    const setting = stopping(project, settingOf, `${FILLED}:SIGSTOP`);
    let released = false;
    const restored = project.run(INTO_NEW, { ...setting, kill: { signal: "SIGCONT", when: () => released } });
    try {
      while (!isFilled()) await setTimeout(5);
      const facts = factsOf(await project.run(RECOVER, settingOf(project)));
      expect(facts).toMatchObject({ ok: false, code: "RESTORE_BUSY", recovered: [{ end: "alive" }] });
    } finally {
      released = true;
    }
    expect(factsOf(await restored)).toMatchObject({ ok: true, clean: true });
  });
});

describe("what a restore elsewhere leaves", () => {
  it.each(SYSTEMS)("on %s can be undone where folders are held by descriptor", async (_system, settingOf) => {
    using project = await makeSealedProject();
    expect(factsOf(await project.run(INTO_NEW, settingOf(project)))).toMatchObject({ ok: true });
    expect(factsOf(await project.run(["undo", "--restored", "new", "--json"]))).toMatchObject({
      ok: true,
      clean: true,
    });
    expect(readdirSync(project.at("new"))).toEqual([]);
  });

  it.each(SYSTEMS)(
    "on %s may be in a folder whose path is too long for a socket",
    async (_system, settingOf) => {
      using project = await makeSealedProject();
      const long = "long".repeat(50);
      mkdirSync(project.at(long));
      const args = ["restore", BUNDLE, "--to", `${long}/new`, "--mkdir", "--json"];
      expect(factsOf(await project.run(args, settingOf(project)))).toMatchObject({ ok: true, clean: true });
      expect(readdirSync(project.at(long))).toEqual(["new"]);
    },
  );
});
