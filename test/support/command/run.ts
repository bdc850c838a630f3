/**
 * `runseal run`, as the tests of it run it: commands of the shell, its facts, and one that can be sent signals.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { type CliEnd, type CliSetting, expectValid, type Facts, MAIN, type Project } from "./cli.ts";

/** Nothing of these tests takes longer: what does, hangs. */
const HANGS_MS = 45_000;

/** The arguments of a run of a shell's words. */
export function shell(script: string, ...options: readonly string[]): readonly string[] {
  return ["run", ...options, "--", "sh", "-c", script];
}

/** What `--json` printed: the last line of stderr. */
export function runFactsOf({ exitCode, stderr }: CliEnd): Facts {
  const last = stderr.trimEnd().split("\n").at(-1) ?? "";
  expect(last, stderr).toMatch(/^\{.*\}$/);
  const facts = JSON.parse(last) as Facts;
  expect(facts).toMatchObject({ exit_code: exitCode, ok: exitCode === 0, message: expect.any(String) });
  expectValid(["run"], facts, stderr);
  return facts;
}

/** Runs a shell's words with `--json`, and gives the facts. */
export async function runFacts(
  project: Project,
  script: string,
  options: readonly string[] = [],
  over: Partial<CliSetting> = {},
): Promise<Facts> {
  return runFactsOf(await project.run(shell(script, "--json", ...options), over));
}

/** An artifact of a run of the project. */
export function artifactOf(project: Project, runId: string, name: string): Facts {
  return JSON.parse(readFileSync(project.at(".runseal", "runs", runId, name), "utf8")) as Facts;
}

/** Whether a bundle of that run is there. */
export function isSealed(project: Project, runId: string): boolean {
  return existsSync(project.at(".runseal", "runs", runId, "STATUS.json"));
}

/** Verifies a run's bundle with its files, for any signer. */
export function verifyRun(project: Project, runId: string): Promise<CliEnd> {
  return project.run(["verify", `.runseal/runs/${runId}`, "--any-signer"]);
}

/** A run that is still going on, in a session and process group of its own, without a terminal. */
export class LiveRun {
  readonly #child: ChildProcess;
  readonly #ended: Promise<CliEnd>;
  #stdout = "";
  #stderr = "";

  constructor(project: Project, args: readonly string[]) {
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      cwd: project.root,
      env: { ...project.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", (exitCode) => {
        resolve({ exitCode, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** Waits until the command has printed a text. */
  async says(text: string): Promise<void> {
    const deadline = Date.now() + HANGS_MS;
    while (!this.#stdout.includes(text)) {
      if (Date.now() > deadline || this.#child.exitCode !== null) {
        this.kill("SIGKILL", "group");
        throw new Error(`it never said ${text}: ${this.#stdout}${this.#stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Sends a signal to runseal alone, or to its process group as a terminal does. */
  kill(signal: NodeJS.Signals, whom: "runseal" | "group" = "runseal"): void {
    const pid = this.#child.pid ?? 0;
    if (pid === 0) throw new Error("it did not start");
    process.kill(whom === "group" ? -pid : pid, signal);
  }

  /** Waits for its end. Fails the test where it hangs. */
  async end(): Promise<CliEnd> {
    const hang = setTimeout(() => this.kill("SIGKILL", "group"), HANGS_MS);
    try {
      return await this.#ended;
    } finally {
      clearTimeout(hang);
    }
  }
}
