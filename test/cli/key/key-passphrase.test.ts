import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createKeyFile } from "../../../src/node/keys/write-key-file.ts";
import { CHEAP, RIGHT, secretOf, WRONG } from "../../support/bundles/keys.ts";
import { caseOf } from "../../support/command/case-of.ts";
import { type CliEnd, factsOf, MAIN, makeProject, type Project } from "../../support/command/cli.ts";
import { HAS_PTY, runAtTerminal, type Step } from "../../support/command/pty.ts";
import { drawn } from "../../support/rings/ring.ts";

/** A project with an encrypted key file `key` that costs little to open. */
async function withEncryptedKey(): Promise<Project> {
  const project = makeProject();
  using passphrase = secretOf(RIGHT);
  const made = await createKeyFile(project.at("key"), { passphrase, cost: CHEAP });
  expect(made.ok).toBe(true);
  if (made.ok) made.value[Symbol.dispose]();
  return project;
}

const SEAL = ["seal", "out", "--key", "key", "--json"];
const PROMPT = 'Passphrase for "key": ';

/** What a source gives: nothing because it isn't set, nothing although it is, the passphrase, another one. */
type State = "unset" | "empty" | "right" | "wrong";
const STATES: readonly State[] = ["unset", "empty", "right", "wrong"];
const TEXTS = { empty: "", right: RIGHT, wrong: WRONG } as const;

/** The variable that makes a source give a text. */
type Variable = (text: string, project: Project) => Readonly<Record<string, string>>;

const SOURCES: Readonly<Record<string, Variable>> = {
  RUNSEAL_PASSPHRASE: (text) => ({ RUNSEAL_PASSPHRASE: text }),
  RUNSEAL_PASSPHRASE_FILE: (text, project) => {
    writeFileSync(project.at("passphrase"), `${text}\n`);
    return { RUNSEAL_PASSPHRASE_FILE: "passphrase" };
  },
  RUNSEAL_PASSPHRASE_COMMAND: (text) => ({ RUNSEAL_PASSPHRASE_COMMAND: `printf '%s\\n' '${text}'` }),
  // The shell opens what the test can't hand through the pty.
  RUNSEAL_PASSPHRASE_FD: (text, project) => {
    writeFileSync(project.at("passphrase"), text);
    return { RUNSEAL_PASSPHRASE_FD: "7" };
  },
};

const OUTCOMES: Readonly<Record<State, string>> = {
  unset: "PASSPHRASE_UNUSABLE missing",
  empty: "PASSPHRASE_UNUSABLE empty",
  right: "OK",
  wrong: "PASSPHRASE_UNUSABLE wrong",
};

function outcomeOf(end: CliEnd): string {
  return caseOf(factsOf(end));
}

describe.concurrent("passphrase matrix: without a terminal", () => {
  const cases = Object.keys(SOURCES).flatMap((source) => STATES.map((state) => [source, state] as const));
  it.each(cases)("%s %s", async (source, state) => {
    using project = await withEncryptedKey();
    const variable = state === "unset" ? {} : SOURCES[source]?.(TEXTS[state], project);
    const env = { ...project.env, ...variable };
    const under = ["sh", "-c", 'test ! -e passphrase || exec 7<passphrase; exec "$@"', "sh"];
    const isDescriptor = source.endsWith("_FD") && state !== "unset";
    const end = await project.run(SEAL, isDescriptor ? { env, under } : { env });
    expect(outcomeOf(end), end.stdout).toBe(OUTCOMES[state]);
    expect(end.stdout + end.stderr).not.toContain(RIGHT);
  });
});

describe.skipIf(!HAS_PTY)("passphrase matrix: at a terminal", () => {
  const cases = Object.keys(SOURCES).flatMap((source) => STATES.map((state) => [source, state] as const));
  it.concurrent.each(drawn(cases, 4))("%s %s", async (source, state) => {
    using project = await withEncryptedKey();
    const variable = state === "unset" ? {} : SOURCES[source]?.(TEXTS[state], project);
    const env = { ...project.env, ...variable };
    // Where the variable is not set, the terminal is asked, and only then.
    const steps: Step[] = state === "unset" ? [{ expect: PROMPT, type: `${RIGHT}\r` }] : [];
    const input = source.endsWith("_FD") && state !== "unset" ? { input: "passphrase" } : {};
    const end = await runAtTerminal(SEAL, steps, { cwd: project.root, env, ...input });
    expect(outcomeOf(end), end.stdout).toBe(state === "unset" ? "OK" : OUTCOMES[state]);
    expect(end.terminal.includes("Passphrase")).toBe(state === "unset");
    expect(end.terminal + end.stdout + end.stderr).not.toContain(RIGHT);
  });

  const ends: readonly (readonly [string, Step, string, number])[] = [
    ["right", { expect: PROMPT, type: `${RIGHT}\n` }, "OK", 0],
    ["wrong", { expect: PROMPT, type: `${WRONG}\r` }, "PASSPHRASE_UNUSABLE wrong", 4],
    ["empty", { expect: PROMPT, type: "\r" }, "PASSPHRASE_UNUSABLE empty", 4],
    ["ended with Ctrl-D", { expect: PROMPT, type: "\u0004" }, "PASSPHRASE_UNUSABLE empty", 4],
    ["corrected", { expect: PROMPT, type: `xé\u007f\u007f${RIGHT}é\b\r` }, "OK", 0],
    ["begun anew with Ctrl-U", { expect: PROMPT, type: `nonsense\u0015${RIGHT}\r` }, "OK", 0],
    ["of 1025 bytes", { expect: PROMPT, type: `${"x".repeat(1025)}\r` }, "PASSPHRASE_UNUSABLE too-long", 4],
    ["interrupted by Ctrl-C", { expect: PROMPT, type: "abc\u0003" }, "INTERRUPTED", 130],
    ["interrupted by SIGINT", { expect: PROMPT, signal: "SIGINT" }, "INTERRUPTED", 130],
    ["interrupted by SIGTERM", { expect: PROMPT, signal: "SIGTERM" }, "INTERRUPTED", 143],
  ];
  it.concurrent.each(drawn(ends, 3))(
    "terminal %s: the echo is off meanwhile and back afterwards",
    async (_what, step, code, exitCode) => {
      using project = await withEncryptedKey();
      const end = await runAtTerminal(SEAL, [step], { cwd: project.root, env: project.env });
      expect({ code: outcomeOf(end), exitCode: end.exitCode }, end.stdout).toEqual({ code, exitCode });
      expect(end.terminal + end.stdout + end.stderr).not.toContain(RIGHT);
    },
  );

  it("a terminal that goes away ends it", async () => {
    using project = await withEncryptedKey();
    const end = await runAtTerminal(SEAL, [{ expect: PROMPT, hangup: true }], {
      cwd: project.root,
      env: project.env,
    });
    expect(end.exitCode).not.toBe(0);
  });
});

describe.concurrent("a passphrase's source", () => {
  const long = "x".repeat(1024);

  it.each(["FD", "FILE", "COMMAND"])("is named and empty: RUNSEAL_PASSPHRASE_%s", async (kind) => {
    using project = await withEncryptedKey();
    const env = { ...project.env, [`RUNSEAL_PASSPHRASE_${kind}`]: "" };
    expect(await project.json(["seal", "out", "--key", "key"], { env })).toMatchObject({
      code: "PASSPHRASE_UNUSABLE",
      details: { reason: "empty", names: [`RUNSEAL_PASSPHRASE_${kind}`] },
    });
  });

  it.each([
    ["a folder", { RUNSEAL_PASSPHRASE_FILE: "out" }, "PASSPHRASE_UNUSABLE unreadable"],
    ["a file without end", { RUNSEAL_PASSPHRASE_FILE: "/dev/zero" }, "PASSPHRASE_UNUSABLE too-long"],
    ["no number", { RUNSEAL_PASSPHRASE_FD: "-1" }, "PASSPHRASE_UNUSABLE unreadable"],
    ["a word", { RUNSEAL_PASSPHRASE_FD: "stdin" }, "PASSPHRASE_UNUSABLE unreadable"],
    [
      "a command that isn't there",
      { RUNSEAL_PASSPHRASE_COMMAND: "no-such-command-here" },
      "PASSPHRASE_UNUSABLE unreadable",
    ],
    ["a command without end", { RUNSEAL_PASSPHRASE_COMMAND: "yes" }, "PASSPHRASE_UNUSABLE too-long"],
    [
      "a command that leaves a child behind",
      { RUNSEAL_PASSPHRASE_COMMAND: `sleep 30 & echo '${RIGHT}'` },
      "OK",
    ],
    [
      "a command that closes stdout first",
      { RUNSEAL_PASSPHRASE_COMMAND: `echo '${RIGHT}'; exec >&-; sleep 0.3` },
      "OK",
    ],
    ["1024 bytes and a line end", { RUNSEAL_PASSPHRASE: `${long}\r\n` }, "PASSPHRASE_UNUSABLE wrong"],
    ["1025 bytes", { RUNSEAL_PASSPHRASE: `${long}x` }, "PASSPHRASE_UNUSABLE too-long"],
    ["a line end alone", { RUNSEAL_PASSPHRASE: "\n" }, "PASSPHRASE_UNUSABLE empty"],
    ["LF", { RUNSEAL_PASSPHRASE: `${RIGHT}\n` }, "OK"],
    ["CRLF", { RUNSEAL_PASSPHRASE: `${RIGHT}\r\n` }, "OK"],
    [
      "two line ends, of which one belongs to it",
      { RUNSEAL_PASSPHRASE: `${RIGHT}\n\n` },
      "PASSPHRASE_UNUSABLE wrong",
    ],
    [
      "a carriage return, which is not a line end",
      { RUNSEAL_PASSPHRASE: `${RIGHT}\r` },
      "PASSPHRASE_UNUSABLE wrong",
    ],
    ["a space behind it", { RUNSEAL_PASSPHRASE: `${RIGHT} ` }, "PASSPHRASE_UNUSABLE wrong"],
  ] as const)("may be %s", async (_what, variable, code) => {
    using project = await withEncryptedKey();
    const end = await project.run(SEAL, { env: { ...project.env, ...variable } });
    expect(outcomeOf(end), end.stdout).toBe(code);
  });

  it("may be a FIFO that is written to slowly", async () => {
    using project = await withEncryptedKey();
    const env = { ...project.env, RUNSEAL_PASSPHRASE_FILE: "/dev/fd/7" };
    const script =
      '(sleep 0.2; printf %s "correct horse "; sleep 0.2; echo "battery staple") | exec "$@" 7<&0 0</dev/null';
    const end = await project.run(SEAL, { env, under: ["sh", "-c", script, "sh"] });
    expect(outcomeOf(end), end.stdout).toBe("OK");
  });

  it("may be a socket, as a parent in Node gives", async () => {
    using project = await withEncryptedKey();
    const child = spawn(process.execPath, [MAIN, ...SEAL], {
      cwd: project.root,
      env: { ...project.env, RUNSEAL_PASSPHRASE_FD: "3" },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      detached: true,
    });
    const [, stdout, , secret] = child.stdio;
    let text = "";
    stdout?.on("data", (part: Buffer) => {
      text += part.toString();
    });
    if (secret === null || secret === undefined || !("end" in secret))
      throw new TypeError("a pipe was asked for");
    secret.end(`${RIGHT}\n`);
    await new Promise((resolve) => child.once("close", resolve));
    expect(JSON.parse(text)).toMatchObject({ code: "OK" });
  });

  it.each([
    // The writer outlives the signal to the group: its end would be the end of the passphrase.
    ["a pipe", '(trap "" TERM; exec sleep 30 2> /dev/null 3>&-) | exec "$@" 7<&0 0</dev/null', "7"],
    ["a socket", undefined, "3"],
  ] as const)("may be %s that gives nothing: an interruption ends the wait", async (_what, script, fd) => {
    using project = await withEncryptedKey();
    const under = script === undefined ? ["env"] : ["sh", "-c", script, "sh"];
    const [command = "", ...args] = [...under, process.execPath, MAIN, ...SEAL];
    const child = spawn(command, args, {
      cwd: project.root,
      env: { ...project.env, RUNSEAL_PASSPHRASE_FD: fd },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      detached: true,
    });
    let text = "";
    child.stdio[1]?.on("data", (part: Buffer) => {
      text += part.toString();
    });
    // Long enough for the program to be waiting; where it isn't yet, the signal ends it all the same.
    const interrupt = setInterval(() => process.kill(-(child.pid ?? 0), "SIGTERM"), 1_500);
    await new Promise((resolve) => child.once("close", resolve));
    clearInterval(interrupt);
    if (script !== undefined) process.kill(-(child.pid ?? 0), "SIGKILL");
    if (text !== "") expect(JSON.parse(text)).toMatchObject({ code: "INTERRUPTED", exit_code: 143 });
  });

  it.skipIf(!HAS_PTY)(
    "does not take a passphrase from a terminal under another name, which would show it",
    async () => {
      using project = await withEncryptedKey();
      const env = { ...project.env, RUNSEAL_PASSPHRASE_FILE: "/dev/tty" };
      const end = await runAtTerminal(SEAL, [], { cwd: project.root, env });
      expect(outcomeOf(end)).toBe("PASSPHRASE_UNUSABLE unreadable");
    },
  );

  it("is not asked for a key that is plain", async () => {
    using project = makeProject();
    await project.done(["init", "--no-passphrase"]);
    const env = { ...project.env, RUNSEAL_PASSPHRASE_FILE: "nope" };
    await project.done(["seal", "out"], { env });
  });
});
