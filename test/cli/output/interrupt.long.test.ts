import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BUNDLE,
  factsOf,
  makeProjectWithKey,
  namesIn,
  opensBelow,
  type Project,
} from "../../support/command/cli.ts";
import { killedAt, stopAt } from "../../support/command/stopped-cli.ts";

/** A project with one output of that size, which takes no room at its source. */
async function withOneBigOutput(bytes: number): Promise<Project> {
  const project = await makeProjectWithKey({ "out/big": "" });
  truncateSync(project.at("out", "big"), bytes);
  return project;
}

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

// The work on one file takes seconds: a command that finished the file first would fail this test.
describe("a signal in the middle of one large file", () => {
  it.each(SIGNALS)("%s ends a seal with %i, and nothing is left", async (signal, exitCode) => {
    using project = await withOneBigOutput(16 * 2 ** 30);
    const kill = { signal, when: (pid: number) => opensBelow(pid, project.at("out")) };
    const end = await project.run(["seal", "out"], { kill });
    expect(end).toEqual({
      exitCode,
      stdout: "",
      stderr: "error: INTERRUPTED: interrupted; nothing was left half-done\n",
    });
    expect(namesIn(project.root)).toEqual(["out"]);
  });

  // No more than what was sealed is read, so that much must have been sealed.
  let project: Project;
  beforeAll(async () => {
    project = await withOneBigOutput(2 ** 30);
    await project.done(["seal", "out", "--id", "one", "--no-keep"]);
  });
  afterAll(() => project[Symbol.dispose]());

  it("ends a verification", async () => {
    const kill = { signal: "SIGINT" as const, when: (pid: number) => opensBelow(pid, project.at("out")) };
    const end = await project.run(["verify", BUNDLE, "--json"], { kill });
    expect(end.exitCode).toBe(130);
    expect(JSON.parse(end.stdout)).toMatchObject({ ok: false, code: "INTERRUPTED", exit_code: 130 });
  });

  it.each(["existing", "new"])(
    "ends a restore while it copies, says that it takes back, and nothing is left (%s target)",
    async (kind) => {
      const place = join(project.folder, `place-${kind}`);
      mkdirSync(place);
      writeFileSync(join(place, "mine"), "mine\n");
      const to = kind === "existing" ? ["--to", place] : ["--to", join(place, "new"), "--mkdir"];
      const kill = { signal: "SIGINT" as const, when: (pid: number) => opensBelow(pid, place) };
      const end = await project.run(["restore", BUNDLE, ...to, "--progress", "plain"], { kill });
      expect(end.exitCode, end.stdout).toBe(130);
      expect(end.stderr).toBe(
        "interrupted while copying: taking back what was begun\nerror: INTERRUPTED: interrupted; nothing was left half-done\n",
      );
      expect(namesIn(place)).toEqual(["mine"]);
    },
  );
});

describe("a signal after a killed restore was recovered", () => {
  it.each(["restore", "undo"])("ends the %s, and still reports what was recovered", async (verb) => {
    const names = Array.from({ length: 200 }, (_, index) => `out/${index}`);
    using project = await makeProjectWithKey(Object.fromEntries(names.map((name) => [name, name])));
    await project.done(["seal", "out", "--id", "one"]);
    mkdirSync(project.at("there"));
    const restore = ["restore", BUNDLE, "--to", "there"];
    const isUndo = verb === "undo";
    // The first name that a restore removes is the probe's. At the second, all is whole: that is what an undo finds. The other
    // restore had its first files in place.
    const leave = () => killedAt(project, restore, isUndo ? "unlinkSync:2" : "linkSync:10");
    const command = isUndo ? ["undo", "--restored", "there"] : restore;
    for (const json of [[], ["--json"]]) {
      await leave();
      const end = await project.run([...command, ...json], stopAt(project, "linkSync:50:SIGINT"));
      expect(end.exitCode).toBe(130);
      if (json.length === 0) {
        const told =
          /^note: an earlier restore of run "one", begun [^\n]+ first\nerror: INTERRUPTED: interrupted; nothing /;
        expect(end.stderr).toMatch(told);
      } else {
        const recovered = [{ act: "restore", end: isUndo ? "everything" : "nothing" }];
        expect(factsOf(end)).toMatchObject({ code: "INTERRUPTED", phase: null, recovered });
      }
      expect(namesIn(project.at("there")).filter((name) => name.startsWith("."))).toEqual([]);
      if (isUndo) await project.done(["undo", "--restored", "there"]);
    }
  });
});
