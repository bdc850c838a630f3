import { readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EXPECTED_NAMES } from "../../../src/cli/options/expected-names.ts";
import { BUNDLE, makeProject, makeProjectWithKey, makeSealedProject } from "../../support/command/cli.ts";
import { runInProcess } from "../../support/command/cli-in-process.ts";

const COMMANDS = [
  "init",
  "key show",
  "key list",
  "seal",
  "verify",
  "log",
  "show",
  "diff",
  "restore",
  "recover",
  "undo",
  "prove",
  "push",
  "explain",
  "status",
  "doctor",
] as const;

/** Every command that does something, as docs/commands.md lists them. */
const LEAVES = [
  ...readFileSync(new URL("../../../docs/commands.md", import.meta.url), "utf8").matchAll(
    /^### runseal (.+)$/gm,
  ),
].map(([, name = ""]) => name);

const lineCount = (text: string): number => text.trimEnd().split("\n").length;

describe.concurrent("runseal --help and --version", () => {
  it("says the version of the package", async () => {
    const { version } = JSON.parse(
      readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
    ) as {
      version: string;
    };
    using project = makeProject({});
    for (const option of ["--version", "-V"]) {
      expect(await project.done([option])).toMatchObject({ stdout: `${version}\n` });
    }
  });

  it.each(COMMANDS)("%s begins with its usage, and has two examples below its options", async (command) => {
    using project = makeProject({});
    const words = command.split(" ");
    const { stdout } = await project.changesNothing([...words, "--help"]);
    expect(stdout).toMatch(
      new RegExp(
        `^Usage: runseal ${command} \\[options\\][^]*\n {2}--json +print one JSON object[^]*\n\nExamples:\n(?: {2}runseal ${command}[^\n]*\n(?: {4}[^\n]+\n)*){2}(?:\n|$)`,
      ),
    );
    expect(stdout).not.toMatch(/[^\n]{81}/);
    expect(await project.done([...words.slice(0, -1), "help", words.at(-1) ?? ""])).toMatchObject({ stdout });
  });

  it.each(LEAVES)("%s is one screen with -h: usage, what is used most, and two examples", async (command) => {
    const words = command.split(" ");
    const { exitCode, stdout } = await runInProcess([...words, "-h"], { cwd: "/", env: {} });
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[0]).toMatch(new RegExp(`^Usage: runseal ${command} \\[options\\]`));
    expect(stdout).toMatch(/\nExamples:\n(?: {2}[^\n]+\n(?: {4}[^\n]+\n)*){2}\n--help lists all\.\n$/);
    expect(stdout).not.toMatch(/^ {2}(?:-., )?--(?:json|quiet|debug)\b/m);
    const all = await runInProcess([...words, "--help"], { cwd: "/", env: {} });
    expect(lineCount(all.stdout)).toBeGreaterThan(lines.length);
  });

  it("lists a command's own options first, and last those of every command", async () => {
    using project = makeProject({});
    const { stdout } = await project.done(["push", "--help"]);
    expect(stdout.match(/^[A-Z][^\n]*:$/gm)).toEqual([
      ...["Arguments:", "Options:", "Trust:", "Registry:", "Signing:", "Options of every command:"],
      ...["Examples:", "Exit codes:"],
    ]);
    expect(stdout.indexOf("--project")).toBeGreaterThan(stdout.indexOf("Options of every command:"));
  });

  it.each(["key", "store"])(
    "%s, which is but a word before others, has two examples too",
    async (command) => {
      using project = makeProject({});
      const { stdout } = await project.done([command, "--help"]);
      expect(stdout).toMatch(
        new RegExp(
          `^Usage: runseal ${command} \\[options\\][^]*\nExamples:\n(?: {2}runseal ${command} [^\n]+\n){2}$`,
        ),
      );
    },
  );

  it("lists every exit code", async () => {
    using project = makeProject({});
    const { stdout } = await project.done(["--help"]);
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 130]) {
      expect(stdout).toMatch(new RegExp(`\n {2}${String(code).padStart(3)} {2}\\S`));
    }
    expect(stdout).toContain("143");
  });

  it("is an overview on one screen, on stdout, where nothing is typed: a line for each command", async () => {
    using project = makeProject({});
    const { stdout } = await project.done([]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const listed = lines.flatMap(
      (line) => /^ {2}(?:[A-Z][a-z ]{9}| {10}) {2}(\S+) +\S/.exec(line)?.[1] ?? [],
    );
    expect(listed).toEqual([...new Set(LEAVES.map((command) => command.split(" ")[0]))]);
  });

  it.each(["--help verify", "-h seal", "--debug --help show"])(
    "%s is the help of the program: it lists every command",
    async (line) => {
      using project = makeProject({});
      const [asked, all] = await Promise.all([project.done(line.split(" ")), project.done(["--help"])]);
      expect(asked.stdout).toBe(all.stdout);
    },
  );

  it.each(COMMANDS)("%s has examples that parse: no wrong usage, and no bug", async (command) => {
    using project = await makeSealedProject();
    const { stdout } = await project.run([...command.split(" "), "--help"]);
    const examples = [...stdout.matchAll(/^ {2}runseal (.+)$/gm)].map(([, example = ""]) => example);
    expect(examples).toHaveLength(2);
    for (const example of examples) {
      if (example.includes("…")) continue;
      const end = await project.run(example.split(" "));
      expect([0, 1, 4, 5], `${example}\n${end.stderr}`).toContain(end.exitCode);
    }
  });
});

describe.concurrent("runseal: wrong usage", () => {
  it.each(Object.entries(EXPECTED_NAMES))(
    "answers %s with %s, not with a command like it",
    async (word, meant) => {
      using project = makeProject({});
      const { exitCode, stderr } = await project.changesNothing([word, "v1"]);
      expect(exitCode).toBe(2);
      expect(stderr).toBe(
        `error: USAGE: unknown ${word.startsWith("--") ? "option" : "command"} '${word}'\nhint: did you mean ${meant}?\nhint: runseal COMMAND --help shows what a command takes\n`,
      );
    },
  );

  it("has a command for each name that it answers with", async () => {
    using project = makeProject({});
    const commands = Object.values(EXPECTED_NAMES)
      .flatMap((meant) => meant.split(" or "))
      .flatMap((line) => line.match(/^runseal [a-z]+(?: [a-z]+)*/) ?? []);
    expect(commands).not.toEqual([]);
    for (const command of commands) {
      const [name = "", option = ""] = command.split(" --");
      const end = await project.run([...name.split(" ").slice(1), "--help"]);
      expect(end.stdout, command).toContain(`Usage: ${name} `);
      expect(end.stdout, command).toContain(`  --${option}`);
    }
  });

  it.each([
    [["prune", "build-42"], "runseal prune --keep-last 20 --dry-run"],
    [["trust", "require", "2", "of", "ci", "qa"], "runseal trust require 2 of ci,qa"],
  ])("shows how a command is typed that takes fewer words: %j", async (words, example) => {
    using project = await makeProjectWithKey();
    const { stderr } = await project.changesNothing(words);
    expect(stderr).toMatch(/^error: USAGE: too many arguments/);
    expect(stderr).toContain(`\nhint: such as: ${example}\n`);
  });

  it("names the -- that is missing before the command of run", async () => {
    using project = makeProject({});
    const hint = "hint: -- stands before the command that is run\n";
    const { stderr } = await project.changesNothing(["run", "--guard", ".", "tool", "--version"]);
    expect(stderr).toContain(`error: USAGE: unknown option '--version'\n${hint}`);
    const behind = await project.changesNothing(["run", "--gaurd", ".", "--", "tool", "--version"]);
    expect(behind.stderr).not.toContain(hint);
  });

  it.each([["--json"], ["-q"], ["--quiet", "--json"], ["key", "--json"]])(
    "asks for a command where %s %s alone is typed",
    async (...words) => {
      using project = makeProject({});
      const { exitCode, stderr, stdout } = await project.changesNothing(words);
      expect(exitCode).toBe(2);
      if (words.includes("--json"))
        expect(JSON.parse(stdout)).toMatchObject({ code: "USAGE", message: "name a command", exit_code: 2 });
      else expect(stderr).toMatch(/^error: USAGE: name a command\nhint: --json and -q go behind its name\n/);
    },
  );

  it("shows an argument of a stranger's choosing escaped", async () => {
    using project = makeProject({});
    for (const args of [["\u001b[31m\nok"], ["verify", "--\u001b[2J"], ["seal", "x", "--names", "\u202e"]]) {
      const { exitCode, stderr } = await project.run(args);
      expect(exitCode).toBe(2);
      expect(stderr).not.toMatch(/[^\n -~]/);
      expect(stderr).not.toContain("\nok");
    }
  });

  it("takes what follows -- as names", async () => {
    using project = await makeProjectWithKey();
    const { exitCode, stdout, stderr } = await project.changesNothing(["verify", "--", "--json"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
    expect(stderr).toContain('"--json" is taken for the id of a run');
  });
});

describe.concurrent("runseal: surroundings", () => {
  it("reads nothing of stdin and asks nothing", async () => {
    using project = makeProject();
    await project.done(["init", "--name", "default", "--no-passphrase"], {
      under: ["sh", "-c", '"$@" <&-', "sh"],
    });
  });

  it("runs without a home, as far as it needs none", async () => {
    using project = await makeSealedProject();
    const env = { PATH: project.env["PATH"] ?? "" };
    await project.done(["verify", BUNDLE, "--any-signer"], { env });
  });

  it("says so when the current folder is gone, and still knows its version", async () => {
    using project = makeProject({});
    const gone = ["sh", "-c", 'mkdir gone && cd gone && rmdir "$PWD" && exec "$@"', "sh"];
    const end = await project.run(["verify", "x"], { under: gone });
    expect(end).toEqual({
      exitCode: 4,
      stdout: "",
      stderr: "error: READ_FAILED: the current folder is not there any more\nhint: cd into one that is\n",
    });
    expect((await project.run(["--version"], { under: gone })).exitCode).toBe(0);
    const json = await project.run(["verify", "x", "--json"], { under: gone });
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, code: "READ_FAILED", exit_code: 4 });
  });

  it("does not succeed when the answer could not be written", async () => {
    using project = await makeSealedProject();
    for (const json of [[], ["--json"]]) {
      const end = await project.run(["verify", BUNDLE, ...json], {
        under: ["sh", "-c", '"$@" >/dev/full', "sh"],
      });
      expect(end).toEqual({
        exitCode: 4,
        stdout: "",
        stderr: "error: WRITE_FAILED: could not write the answer to stdout: the disk is full\n",
      });
    }
    const deaf = ["sh", "-c", '"$@" 2>/dev/full', "sh"];
    expect((await project.run(["verify", "nope"], { under: deaf })).exitCode).toBe(4);
  });

  it("does not complain when its reader stops reading", async () => {
    using project = await makeProjectWithKey(
      Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`out/${"x".repeat(100)}${index}`, ""])),
    );
    await project.done(["seal", "out", "--id", "one"]);
    rmSync(project.at("out"), { recursive: true });
    const under = ["sh", "-c", '{ "$@"; echo "exit $?" >&2; } | head -n 1', "sh"];
    const { stdout, stderr } = await project.run(["verify", BUNDLE, "--all"], { under });
    expect(stdout).toBe(" 1 presence    ok\n");
    expect(stderr).toMatch(/^error: OUTPUT_MISSING: [^\n]+\n(?:hint: [^\n]+\n){3}exit 1\n$/);
  });
});
