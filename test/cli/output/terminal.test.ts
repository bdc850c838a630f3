import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  BUNDLE,
  type CliEnd,
  MAIN,
  makeSealedProject,
  type Project,
  runProcess,
} from "../../support/command/cli.ts";

const ESCAPE = "\u001b";

/** A terminal has both streams, unless one goes to a file. */
interface Where {
  readonly env?: Readonly<Record<string, string>>;
  /** Such as `2>errors`. */
  readonly redirection?: string;
}

/** Runs in a terminal of its own, by script(1); undefined where there is none. Both streams come as one. */
async function inTerminal(
  project: Project,
  args: readonly string[],
  { env = {}, redirection = "" }: Where = {},
): Promise<CliEnd | undefined> {
  const setting = { cwd: project.root, env: { ...project.env, TERM: "xterm", SHELL: "/bin/sh", ...env } };
  const probe = await runProcess("sh", ["-c", "script -qec 'test -t 1' /dev/null"], setting);
  if (probe.exitCode !== 0) return undefined;
  const line = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(" ");
  return await runProcess("script", ["-qec", `${line} ${redirection}`, "/dev/null"], setting);
}

describe.concurrent("runseal in a terminal", () => {
  it("has colours, a green ok and a red FAILED, and nothing else that moves", async ({ skip }) => {
    using project = await makeSealedProject();
    const accepted = await inTerminal(project, ["verify", BUNDLE]);
    if (accepted === undefined) skip("script(1) can't make a terminal here");
    expect(accepted?.exitCode).toBe(0);
    expect(accepted?.stdout).toContain(`phases   all 11 ${ESCAPE}[32mok${ESCAPE}[0m\r\n`);
    rmSync(project.at(BUNDLE, "STATUS.json"));
    const rejected = await inTerminal(project, ["verify", BUNDLE]);
    expect(rejected?.exitCode).toBe(1);
    expect(rejected?.stdout).toContain(` 1 presence    ${ESCAPE}[31mFAILED${ESCAPE}[0m\r\n`);
    const rest = (accepted?.stdout ?? "").replaceAll(`${ESCAPE}[32m`, "").replaceAll(`${ESCAPE}[0m`, "");
    expect(rest).not.toMatch(/[^\r\n -~]/);
  });

  it("has accepted in green, and error, warning, note and hint each in its own colour", async ({ skip }) => {
    using project = await makeSealedProject();
    const accepted = await inTerminal(project, ["verify"]);
    if (accepted === undefined) skip("script(1) can't make a terminal here");
    expect(accepted?.stdout).toContain(`${ESCAPE}[32maccepted${ESCAPE}[0m\r\n`);
    expect(accepted?.stdout).toContain(`${ESCAPE}[1mnote:${ESCAPE}[0m no run was named`);
    const head = readFileSync(project.at(".runseal/HEAD"));
    await project.done(["seal", "out", "--id", "two"]);
    writeFileSync(project.at(".runseal/HEAD"), head);
    const warned = await inTerminal(project, ["verify"]);
    expect(warned?.stdout).toContain(`${ESCAPE}[1;33mwarning:${ESCAPE}[0m `);
    rmSync(project.at("out/a.txt"));
    const rejected = await inTerminal(project, ["verify", "one"]);
    expect(rejected?.stdout).toContain(`${ESCAPE}[1;31merror:${ESCAPE}[0m OUTPUT_MISSING: `);
    expect(rejected?.stdout).toContain(`\n${ESCAPE}[36mhint:${ESCAPE}[0m `);
    expect(rejected?.stdout).not.toContain("accepted");
  });

  it("colours each stream only where that stream is a terminal", async ({ skip }) => {
    using project = await makeSealedProject();
    const apart = await inTerminal(project, ["verify"], { redirection: "2>errors" });
    if (apart === undefined) skip("script(1) can't make a terminal here");
    expect(apart?.stdout).toContain(`${ESCAPE}[32maccepted`);
    expect(readFileSync(project.at("errors"), "utf8")).toMatch(/^note: no run was named/);
    const shown = await inTerminal(project, ["verify"], { redirection: ">answer" });
    expect(shown?.stdout).toContain(`${ESCAPE}[1mnote:`);
    expect(readFileSync(project.at("answer"), "utf8")).toMatch(/\naccepted\n$/);
  });

  it("has them in a log too, for what is well and what is not", async ({ skip }) => {
    using project = await makeSealedProject();
    const log = await inTerminal(project, ["log"]);
    if (log === undefined) skip("script(1) can't make a terminal here");
    expect(log?.stdout).toContain(`(${ESCAPE}[32mtrusted${ESCAPE}[0m)`);
    expect(log?.stdout).toContain(`${ESCAPE}[32mbundle ok${ESCAPE}[0m`);
    const doubted = await inTerminal(project, ["log", "--signer", `${"0".repeat(63)}3`]);
    expect(doubted?.stdout).toContain(`(${ESCAPE}[31mnot trusted: SIGNER_UNKNOWN${ESCAPE}[0m)`);
  });

  it("has none with NO_COLOR, in a dumb terminal, or with --json", async ({ skip }) => {
    using project = await makeSealedProject();
    for (const [args, env] of [
      [["verify", BUNDLE], { NO_COLOR: "1" }],
      [["verify", BUNDLE], { TERM: "dumb" }],
      [["verify", BUNDLE, "--json"], {}],
      [["log"], { NO_COLOR: "1" }],
      [["key", "list"], {}],
      [["--help"], { NO_COLOR: "1" }],
    ] as const) {
      const end = await inTerminal(project, args, { env });
      if (end === undefined) return skip("script(1) can't make a terminal here");
      expect(end.exitCode, end.stdout).toBe(0);
      expect(end.stdout).not.toContain(ESCAPE);
    }
  });

  it("has what --color says, whatever the environment says", async ({ skip }) => {
    using project = await makeSealedProject();
    for (const [args, env, isColoured] of [
      [["log", "--color", "never"], { FORCE_COLOR: "1" }, false],
      [["log", "--color=always"], { NO_COLOR: "1" }, true],
      [["log", "--color", "auto"], { NO_COLOR: "1" }, false],
      [["--color", "always", "log"], { TERM: "dumb" }, true],
      [["log", "--color", "never", "--color", "always"], {}, true],
      [["log"], { FORCE_COLOR: "0" }, false],
      [["log"], { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
    ] as const) {
      const end = await inTerminal(project, args, { env });
      if (end === undefined) return skip("script(1) can't make a terminal here");
      expect(end.stdout.includes(ESCAPE), `${args.join(" ")} ${JSON.stringify(env)}`).toBe(isColoured);
    }
  });

  it("has colours with an empty NO_COLOR, as no-color.org says", async ({ skip }) => {
    using project = await makeSealedProject();
    const end = await inTerminal(project, ["verify", BUNDLE], { env: { NO_COLOR: "" } });
    if (end === undefined) skip("script(1) can't make a terminal here");
    expect(end?.stdout).toContain(ESCAPE);
  });
});

describe.concurrent("runseal without a terminal", () => {
  it("prints JSON without colours, whatever is asked for", async () => {
    using project = await makeSealedProject();
    const env = { ...project.env, FORCE_COLOR: "1" };
    const { stdout } = await project.run(["verify", BUNDLE, "--json", "--color", "always"], {
      env,
      process: true,
    });
    expect(stdout).not.toContain(ESCAPE);
  });

  it("has no colours, unless FORCE_COLOR or --color asks for some", async () => {
    using project = await makeSealedProject();
    const forced = { env: { ...project.env, FORCE_COLOR: "3" }, process: true };
    expect((await project.run(["verify", BUNDLE], forced)).stdout).toContain(ESCAPE);
    const asked = await project.run(["log", "--color", "always"], { process: true });
    expect(asked.stdout).toContain(ESCAPE);
    const failed = await project.run(["verify", "nope"], forced);
    expect(failed.stderr).toContain(`${ESCAPE}[1;31merror:${ESCAPE}[0m RUN_NOT_FOUND`);
    for (const env of [{}, { TERM: "xterm-256color", COLORTERM: "truecolor" }]) {
      for (const args of [["verify", BUNDLE], ["verify", "nope"], ["--help"], ["frobnicate"]]) {
        const { stdout, stderr } = await project.run(args, { env: { ...project.env, ...env } });
        expect(stdout + stderr).not.toContain(ESCAPE);
      }
    }
  });
});
