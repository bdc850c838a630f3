import { closeSync, ftruncateSync, openSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BUNDLE,
  factsOf,
  MAIN,
  makeProjectWithKey,
  makeSealedProject,
  type Project,
  runProcess,
} from "../support/cli.ts";
import { HAS_PTY, runAtTerminal, type Step, type TerminalEnd } from "../support/pty.ts";

/** So much takes any core longer than half a second to hash. It is a hole, and costs no disk. */
const LONG = 2 * 2 ** 30;

const TO_LINE_END = "\u001b[K";
const CLEARED = `\r${TO_LINE_END}`;

/** A project with one output that takes long, sealed. */
async function makeLongProject(): Promise<Project> {
  const project = await makeProjectWithKey({ "out/small": "small\n" });
  const fd = openSync(project.at("out", "long"), "w");
  ftruncateSync(fd, LONG);
  closeSync(fd);
  await project.done(["seal", "out", "--id", "one", "--no-keep"]);
  return project;
}

/** Runs at a terminal that stderr is a part of; stdout is a pipe. */
function atTerminal(
  project: Project,
  args: readonly string[],
  steps: readonly Step[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<TerminalEnd> {
  const surroundings = { ...project.env, TERM: "xterm", ...env };
  return runAtTerminal(args, steps, { cwd: project.root, env: surroundings, columns: 100, mayEcho: true });
}

/** What stood in the last row, one after the other. */
function framesOf({ terminal }: TerminalEnd): readonly string[] {
  const drawn = terminal.split("\r").filter((text) => text.endsWith(TO_LINE_END));
  return drawn.map((text) => text.slice(0, -TO_LINE_END.length)).filter((text) => text !== "");
}

describe.skipIf(!HAS_PTY)("progress at a terminal", () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeLongProject();
  });
  afterAll(() => project[Symbol.dispose]());

  it("is a line that is drawn while a long verify goes on, and gone before the answer", async () => {
    const end = await atTerminal(project, ["verify", BUNDLE]);
    expect(end.exitCode).toBe(0);
    const frames = framesOf(end);
    expect(frames.length, end.terminal).toBeGreaterThan(0);
    for (const frame of frames) {
      expect(frame).toMatch(
        /^verifying \d+%, [012] of 2 files, \d\.\d\d of 2\.15 GB(?:, [^,]+\/s)?(?:, [^,]+ left)?$/,
      );
    }
    expect(end.terminal.endsWith(CLEARED), "nothing is left of it").toBe(true);
    expect(end.stdout).toContain("\naccepted\n");
    expect(end.stdout).not.toContain("verifying");
  });

  it("is none where the terminal can only print", async () => {
    const end = await atTerminal(project, ["verify", BUNDLE], [], { TERM: "dumb" });
    expect(end).toMatchObject({ exitCode: 0, terminal: "" });
  });

  it("is cleared when Ctrl-C ends the command", async () => {
    const end = await atTerminal(project, ["verify", BUNDLE], [{ expect: "verifying", type: "\u0003" }]);
    expect(end).toMatchObject({ exitCode: 130, unasked: 0, stdout: "" });
    expect(end.terminal).toContain(`${CLEARED}error: interrupted`);
    expect(end.terminal.split(`${CLEARED}error: interrupted`)[1]).not.toContain(TO_LINE_END);
  });

  it("is cleared before anything else is printed, a debug log too", async () => {
    rmSync(project.at("out", "small"));
    const end = await atTerminal(project, ["verify", BUNDLE, "--all", "--debug"]);
    expect(end.exitCode).toBe(1);
    expect(framesOf(end).length, end.terminal).toBeGreaterThan(0);
    const [, told] = end.terminal.split(CLEARED);
    const lines = (told ?? "").trimEnd().split("\r\n");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ msg: "ended", code: "OUTPUT_MISSING" });
    expect(lines[1]).toMatch(/^error: OUTPUT_MISSING: /);
  });
});

describe.concurrent("progress elsewhere", () => {
  it("is none in a pipe, and none of a short command with --progress plain", async () => {
    using project = await makeSealedProject();
    for (const how of [[], ["--progress", "auto"], ["--progress", "plain"], ["--progress", "none"]]) {
      await project.done(["verify", BUNDLE, ...how]);
    }
  });

  it.each<readonly [string, readonly string[], Readonly<Record<string, number>>]>([
    ["verify", ["verify", BUNDLE], { verify: 2 }],
    ["chain verify", ["chain", "verify", BUNDLE], { verify: 2 }],
    ["seal", ["seal", "other", "--id", "two"], { hash: 2, keep: 2, sync: 2 }],
    [
      "restore",
      ["restore", BUNDLE, "--to", "../restored", "--mkdir"],
      // The two result files are synced too.
      { verify: 2, stage: 2, sync: 4, place: 2, check: 2 },
    ],
  ])("of %s as events on stderr: each phase begins and ends", async (_command, args, phases) => {
    using project = await makeSealedProject();
    project.write({ "other/a": "12345", "other/b": "123456" });
    const { exitCode, stderr } = await project.run([...args, "--progress", "json"]);
    expect(exitCode, stderr).toBe(0);
    const events = eventsOf(stderr);
    const moments = events.filter(({ moment }) => moment !== "going-on");
    const expected = Object.entries(phases).flatMap(([phase, total_files]) => [
      { event: "progress", phase, moment: "begin", files: 0, total_files, bytes: 0 },
      { event: "progress", phase, moment: "end", files: total_files, total_files },
    ]);
    expect(moments).toMatchObject(expected);
    // What is read is counted in bytes too: of all phases but two.
    for (const { bytes, moment, phase, total_bytes } of moments) {
      const isRead = phase !== "sync" && phase !== "place";
      expect(total_bytes).toBe(isRead ? 11 : null);
      if (moment === "end") expect(bytes).toBe(isRead ? 11 : 0);
    }
  });

  it("of a chain counts its bundles", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    const { exitCode, stderr } = await project.run(["chain", "verify", "--progress", "json"]);
    expect(exitCode, stderr).toBe(0);
    const counted = { phase: "verify", total_bundles: 2, total_files: null, total_bytes: null };
    const events = eventsOf(stderr);
    expect(events[0]).toMatchObject({ ...counted, moment: "begin", bundles: 0, files: 0 });
    expect(events.at(-1)).toMatchObject({ ...counted, moment: "end", bundles: 2, files: 4, bytes: 22 });
  });

  it("of a command that fails ends, and the answer of --json is still alone on stdout", async () => {
    using project = await makeSealedProject();
    rmSync(project.at("out", "a.txt"));
    const args = [MAIN, "verify", BUNDLE, "--json", "--progress", "json"];
    const end = await runProcess(process.execPath, args, { cwd: project.root, env: project.env });
    expect(factsOf({ ...end, stderr: "" })).toMatchObject({ code: "OUTPUT_MISSING", exit_code: 1 });
    expect(eventsOf(end.stderr).at(-1)).toMatchObject({ moment: "end" });
  });
});

function eventsOf(stderr: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = stderr.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
