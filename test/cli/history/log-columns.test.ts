import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HistoryScene, linked, sceneOfThree } from "../../support/bundles/history-scene.ts";
import { makeProject, type Project } from "../../support/command/cli.ts";
import { HAS_PTY, runAtTerminal } from "../../support/command/pty.ts";
import { LiveRun, shell } from "../../support/command/run.ts";
import { drawn } from "../../support/rings/ring.ts";

const LONG = "train-model-with-a-rather-long-run-id-that-is-cut-2";
const WIDTHS = [40, 60, 80, 120, 200];
const COMMAND = `echo ${"a long command ".repeat(12)}`;

let project: Project;

beforeAll(async () => {
  project = makeProject({ "dist/a.txt": "alpha\n", "dist/b.txt": "beta\n" });
  for (const name of ["anna-lena.schmidt", "auditor"])
    await project.done(["key", "new", name, "--no-passphrase"]);
  const seal = ["--key", keyFile("anna-lena.schmidt"), "--id"];
  await project.done(["seal", "dist", ...seal, "nightly-linux-x64-2026-11-26"]);
  await project.run(shell(`${COMMAND}; exit 3`, ...seal, LONG, "--output", "dist"));
  await killRun("killed-1");
  await project.done(["seal", "dist", ...seal, "nightly-linux-x64-2026-11-27"]);
  await project.done(["sign", "--counter", "nightly-linux-x64-2026-11-27", "--key", keyFile("auditor")]);
  await project.done(["seal", "dist", "--id", "r1", "--key", keyFile("auditor")]);
  await killRun("killed-2");
});

afterAll(() => project[Symbol.dispose]());

function keyFile(name: string): string {
  return join(project.config, "runseal", "keys", `${name}.key`);
}

/** A run that is killed with its command, and so has no bundle. */
async function killRun(id: string): Promise<void> {
  const script = `echo begun; sleep 60; ${COMMAND}`;
  const live = new LiveRun(
    project,
    shell(script, "--output", "dist", "--id", id, "--key", keyFile("auditor")),
  );
  await live.says("begun");
  live.kill("SIGKILL", "group");
  await live.end();
}

/** The lines of `log` on a terminal. */
async function linesAt(
  columns: number,
  options: readonly string[] = [],
  of: Project = project,
  command = "log",
): Promise<readonly string[]> {
  const env = { ...of.env, TERM: "dumb" };
  const setting = { cwd: of.root, env, columns, screen: true } as const;
  const { exitCode, terminal } = await runAtTerminal([command, ...options], [], setting);
  expect(exitCode, terminal).toBe(0);
  return terminal.replaceAll("\r\n", "\n").trimEnd().split("\n");
}

function isRow(line: string): boolean {
  return !line.startsWith(" ") && !/^\d+ runs;/.test(line);
}

describe.skipIf(!HAS_PTY)("runseal log on a terminal", () => {
  it.each(drawn(WIDTHS, 2))("has no line wider than %i columns", async (columns) => {
    for (const options of [[], ["--verify"], ["--any-signer"]]) {
      const lines = await linesAt(columns, options);
      expect(lines.filter((line) => Array.from(line).length > columns)).toEqual([]);
    }
  });

  it.each(drawn(WIDTHS, 2))("has its columns below each other in %i columns", async (columns) => {
    const rows = (await linesAt(columns)).filter(isRow);
    expect(rows).toHaveLength(6);
    const [, name = "", time = ""] = /^(r1 +)(.*?) {2}/.exec(rows[1] ?? "") ?? [];
    expect(time).toMatch(/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ| \d\d:\d\dZ)?$/);
    for (const start of [name.length, name.length + time.length + 2]) {
      const columnStarts = rows.map((row) => row.slice(start - 2, start + 1));
      // A killed run that is listed has no time of its own.
      const isTime = start === name.length;
      const wrong = columnStarts.filter(
        (around) => !/^ {2}\S$/.test(around) && !(isTime && /^ {3}$/.test(around)),
      );
      expect(wrong, rows.join("\n")).toEqual([]);
    }
  });

  it("says of each run how it stands, however narrow", async () => {
    for (const columns of drawn([40, 60, 80, 120], 1)) {
      const rows = (await linesAt(columns)).filter(isRow);
      const stands = rows.map((row) => /KILLED|FAILED RUN|bundle ok/.exec(row)?.[0]);
      expect(stands, rows.join("\n")).toEqual([
        "KILLED",
        "bundle ok",
        "bundle ok",
        "KILLED",
        "FAILED RUN",
        "bundle ok",
      ]);
      expect(rows.filter((row) => row.includes("not trusted"))).toEqual([]);
    }
  });

  it("cuts long run ids in the middle, so that runs that end differently look different", async () => {
    for (const columns of [60, 80]) {
      const rows = (await linesAt(columns)).filter(isRow);
      const names = rows.map((row) => row.split("  ")[0]);
      expect(names).toContainEqual(expect.stringMatching(/^train.*….*cut-2$/));
      expect(new Set(names).size, names.join("\n")).toBe(names.length);
    }
    expect((await linesAt(120)).join("\n")).toContain(`${LONG}  `);
  });

  it("cuts nothing where stdout is not a terminal", async () => {
    const { stdout } = await project.done(["log"]);
    expect(stdout).toContain(`${LONG}  2`);
    expect(stdout).toMatch(
      /\nkilled-1 +KILLED before it was sealed; nightly-linux-x64-2026-11-27 lists it\n/,
    );
    expect(stdout).toContain("FAILED RUN  [not in the history]\n");
    expect(stdout).not.toMatch(/… {2}2/);
  });
});

/** A line of three runs, and beside it two bundles of another line. */
function sceneWithForeignRuns(): HistoryScene {
  const scene = sceneOfThree();
  for (const runId of ["r1", "nightly-linux-x64-2026-11-26"])
    scene.put(linked(runId, undefined, { outputs: { "r1.txt": "other\n" } }));
  return scene;
}

/** The rows of the runs, without the warning that some have no place. */
async function rowsOf(scene: HistoryScene, columns: number): Promise<readonly string[]> {
  return (await linesAt(columns, ["--any-signer"], scene)).filter((line) => line.includes("  2026-"));
}

describe.skipIf(!HAS_PTY)("the places of runs in runseal log on a terminal", () => {
  it("are said in whole where there is room, and in fewer words where there is less", async () => {
    using scene = sceneWithForeignRuns();
    for (const [columns, place] of [
      [120, "[no place in the history]"],
      [60, "[no place]"],
    ] as const) {
      const rows = await rowsOf(scene, columns);
      expect(
        rows.filter((row) => row.endsWith(`  ${place}`)),
        rows.join("\n"),
      ).toHaveLength(2);
    }
  });

  it("leave the columns before them aligned, and short names whole", async () => {
    using scene = sceneWithForeignRuns();
    for (const columns of WIDTHS) {
      const rows = await rowsOf(scene, columns);
      const names = rows.map((row) => row.slice(0, row.indexOf("  2026-")).trimEnd());
      expect(names, rows.join("\n")).toEqual(expect.arrayContaining(["r1", "one", "two", "three"]));
      const starts = new Set(rows.map((row) => row.indexOf("  2026-11-25")));
      expect(starts.size, rows.join("\n")).toBe(1);
    }
  });
});

describe.skipIf(!HAS_PTY)("runseal status and diff on a terminal", () => {
  it("have no line wider than 60 columns where words can be broken", async () => {
    const status = await linesAt(60, [], project, "status");
    const diff = await linesAt(60, ["r1"], project, "diff");
    const heads = diff.filter((line) => /^(?:---|\+\+\+) /.test(line));
    expect(heads).toHaveLength(2);
    expect([...status, ...heads].filter((line) => Array.from(line).length > 60)).toEqual([]);
  });

  it("say at any width that the guard's key signed, and not that it is not trusted", async () => {
    using guarded = makeProject({ "a.txt": "alpha\n" });
    await guarded.done(["run", "--guard", ".", "-q", "--id", "r1", "--", "sh", "-c", "echo beta > a.txt"]);
    for (const columns of [40, 60, 80]) {
      const heads = (await linesAt(columns, ["r1"], guarded, "diff")).slice(0, 2);
      expect(heads.filter((line) => !/guard's (?:own )?key/.test(line))).toEqual([]);
    }
  });
});
