import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BUNDLE,
  factsOf,
  MAIN,
  makeProjectWithKey,
  makeSealedProject,
  type Project,
  runProcess,
} from "../../support/command/cli.ts";
import { HAS_PTY, runAtTerminal, type Step, type TerminalEnd } from "../../support/command/pty.ts";
import { LONG_TEST_MS, longIt } from "../../support/rings/ring.ts";

/** So much takes any core longer than half a second to hash. It is a hole, and costs no disk. */
const LONG = 1.5 * 2 ** 30;

/** Stands for a key file that is made when it is needed. */
const OTHER_KEY = "OTHER.key";

/** Phases whose number of files is unknown in advance. */
const UNCOUNTED: readonly string[] = ["list", "report"];

/** Of almost 3 kB. */
const LONG_FOLDER = ["many", ...Array.from({ length: 12 }, () => "d".repeat(240))].join("/");

const TO_LINE_END = "\u001b[K";
const CLEARED = `\r${TO_LINE_END}`;

/** The label of an error on a terminal: red and bold. */
const ERROR = "\u001b[1;31merror:\u001b[0m";

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
        /^verifying \d+%, [012] of 2 files, \d\.\d\d of 1\.61 GB(?:, [^,]+\/s)?(?:, [^,]+ left)?$/,
      );
    }
    expect(end.terminal.endsWith(CLEARED), "nothing is left of it").toBe(true);
    expect(end.stdout).toContain("\naccepted\n");
    expect(end.stdout).not.toContain("verifying");
  });

  longIt("of a run is never drawn while the command runs, which has the terminal for itself", async () => {
    const command = ["sh", "-c", "echo begun >&2; sleep 1; echo ended >&2"];
    const args = ["run", "--id", "run", "--output", "out", "--input", "out", "--no-keep", "--", ...command];
    const end = await atTerminal(project, args);
    expect(end.exitCode, end.terminal).toBe(0);
    const [before = "", , after = ""] = end.terminal
      .split(/(begun\r\n|ended\r\n)/)
      .filter((_, index) => index % 2 === 0);
    expect(end.terminal).toContain("begun\r\nended\r\n");
    expect(before.endsWith(CLEARED), "what was drawn for the inputs is gone").toBe(true);
    expect(after).toMatch(/^\rhashing \d+%/);
    for (const frame of framesOf(end)) expect(frame).toMatch(/^hashing \d+%, [012] of 2 files, /);
  });

  longIt("is not shown where the terminal can only print", async () => {
    const end = await atTerminal(project, ["verify", BUNDLE], [], { TERM: "dumb" });
    expect(end).toMatchObject({ exitCode: 0, terminal: "" });
  });

  it("is cleared when Ctrl-C ends the command", async () => {
    const end = await atTerminal(project, ["verify", BUNDLE], [{ expect: "verifying", type: "\u0003" }]);
    expect(end).toMatchObject({ exitCode: 130, unasked: 0, stdout: "" });
    const told = `${ERROR} INTERRUPTED: interrupted`;
    expect(end.terminal).toContain(`${TO_LINE_END}interrupted while verifying: ending`);
    expect(end.terminal).toContain(told);
    expect(end.terminal.split(told)[1]).not.toContain(TO_LINE_END);
  });

  it("is cleared before anything else is printed, a debug log too", async () => {
    rmSync(project.at("out", "small"));
    const end = await atTerminal(project, ["verify", BUNDLE, "--all", "--debug"]);
    expect(end.exitCode).toBe(1);
    expect(framesOf(end).length, end.terminal).toBeGreaterThan(0);
    // Under load a frame is drawn again after a clearing; behind the last one nothing is.
    const told = end.terminal.split(CLEARED).at(-1) ?? "";
    const lines = told.trimEnd().split("\r\n");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ msg: "ended", code: "OUTPUT_MISSING" });
    expect(lines[1]?.startsWith(`${ERROR} OUTPUT_MISSING: `), lines[1]).toBe(true);
  });
});

describe.concurrent("progress elsewhere", () => {
  it("is not shown in a pipe, nor for a short command with --progress plain", async () => {
    using project = await makeSealedProject();
    for (const how of [[], ["--progress", "auto"], ["--progress", "plain"], ["--progress", "none"]]) {
      await project.done(["verify", BUNDLE, ...how]);
    }
  });

  it.each<readonly [string, readonly string[], readonly string[]]>([
    ["a verification", ["verify", BUNDLE], ["verify"]],
    ["a seal", ["seal", "work", "--id", "two"], ["list", "check", "hash", "sync"]],
    [
      "a restore of a chain",
      ["restore", BUNDLE, "--history", "--to", "../chain", "--mkdir"],
      ["verify", "plan", "stage", "report", "sync", "check"],
    ],
    [
      "a restore into a folder that is there",
      ["restore", BUNDLE, "--to", "work"],
      // Its journal is planned too.
      ["verify", "plan", "plan", "stage", "report", "sync", "place", "check"],
    ],
    ["a look through the store", ["store", "check"], ["read", "check"]],
    ["collecting garbage", ["prune", "--dry-run"], ["read", "collect"]],
    ["a list", ["log"], ["read"]],
    ["a list whose outputs are hashed", ["log", "--verify"], ["read", "verify"]],
    ["the line of a project", ["verify", "--history"], ["read", "verify"]],
    ["a countersignature", ["sign", "--counter", BUNDLE, "--key", OTHER_KEY], ["verify"]],
    [
      "a restore from the store",
      ["restore", BUNDLE, "--to", "../from-store", "--mkdir"],
      ["verify", "verify", "plan", "stage", "report", "sync", "check"],
    ],
    ["undoing a restore", ["undo", "--restored", "../restored"], ["check", "remove"]],
    ["a recovery that finds nothing", ["recover", "../restored"], []],
    [
      "a run",
      ["run", "--id", "run", "--input", "out", "--output", "out", "--scratch", "work", "--", "true"],
      // The first list is that of outputs that are there already.
      ["list", "list", "hash", "list", "scratch", "list", "scratch", "list", "check", "hash"],
    ],
  ])("of %s as events, one phase after the other", async (_what, args, phases) => {
    using project = await makeSealedProject();
    project.write({ "work/file": "12345" });
    const given = [...args];
    if (args.includes(OTHER_KEY)) {
      const { key_file } = await project.json(["key", "new", "other", "--no-passphrase"]);
      given[args.indexOf(OTHER_KEY)] = String(key_file);
    }
    if (args.includes("../from-store")) project.write({ "out/a.txt": "other\n" });
    if (args.includes("../restored"))
      await project.done(["restore", BUNDLE, "--to", "../restored", "--mkdir"]);
    const terminator = args.indexOf("--");
    given.splice(terminator < 0 ? args.length : terminator, 0, "--progress", "json");
    const end = await project.run(given);
    expect(end.exitCode, end.stderr).toBe(0);
    const moments = eventsOf(end.stderr).filter(({ moment }) => moment !== "going-on");
    expect(moments.map(({ moment, phase }) => `${moment} ${phase}`)).toEqual(
      phases.flatMap((phase) => [`begin ${phase}`, `end ${phase}`]),
    );
    for (const { bundles, bytes, files, moment, phase, total_bundles, total_bytes, total_files } of moments) {
      if (moment === "end" && total_bytes !== null) expect(bytes).toBe(total_bytes);
      if (moment === "begin") expect(files).toBe(0);
      else if (phase === "read") expect(bundles).toBe(total_bundles);
      else if (phase !== "collect" && !UNCOUNTED.includes(String(phase))) expect(files).toBe(total_files);
    }
  });

  it("of a chain counts its bundles", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    const { exitCode, stderr } = await project.run(["verify", "--history", "--progress", "json"]);
    expect(exitCode, stderr).toBe(0);
    const counted = { phase: "verify", total_bundles: 2, total_files: null, total_bytes: null };
    const events = eventsOf(stderr).filter(({ phase }) => phase === "verify");
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

describe("progress of a bundle with a long manifest", { timeout: LONG_TEST_MS }, () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeLongManifest();
  }, LONG_TEST_MS);
  afterAll(() => project[Symbol.dispose]());

  it("says that the manifest is read, before anything else", async () => {
    expect(await phasesOf(project, ["verify", "long"])).toEqual(["open", "verify"]);
    // Other bundles may come after it.
    expect(await phasesOf(project, ["store", "check"])).toEqual(["read", "open", "read"]);
    expect(await phasesOf(project, ["prove", "long", `${LONG_FOLDER}/0`, "--out", "proof"])).toEqual([
      "open",
    ]);
  });

  longIt("of an undo first says so too", async () => {
    const restore = ["restore", "long", "--to", "../restored", "--mkdir"];
    const phases = ["open", "verify", "plan", "stage", "report", "sync", "check"];
    expect(await phasesOf(project, restore)).toEqual(phases);
    expect(await phasesOf(project, ["undo", "--restored", "../restored", "--dry-run"])).toEqual([
      "open",
      "check",
    ]);
  });
});

/** A project with a bundle "long": few files with long names make a manifest as long as many files do. */
async function makeLongManifest(): Promise<Project> {
  const project = await makeProjectWithKey({});
  const folder = project.at(...LONG_FOLDER.split("/"));
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < 6000; index++) writeFileSync(join(folder, String(index)), "");
  await project.done(["seal", "many", "--id", "long", "--no-keep"]);
  return project;
}

/** The phases that a command reports; it must succeed. */
async function phasesOf(project: Project, args: readonly string[]): Promise<readonly unknown[]> {
  const { exitCode, stderr } = await project.run([...args, "--progress", "json"]);
  expect(exitCode, stderr).toBe(0);
  return eventsOf(stderr).flatMap(({ moment, phase }) => (moment === "begin" ? [phase] : []));
}

function eventsOf(stderr: string): readonly Readonly<Record<string, unknown>>[] {
  // A run has its report there too, and a command that was done well may have a remark.
  const lines = stderr.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
