/**
 * A user's home and project at one address, put back to the same beginning before each fault. The address stays
 * the same, because the state folder remembers a project by its path.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { run } from "../../src/cli/run-command-line.ts";
import { caseOf } from "../support/command/case-of.ts";
import { type CliEnd, type Facts, MAIN, runProcess } from "../support/command/cli.ts";
import { quietIo } from "../support/command/quiet-io.ts";
import { removeTree } from "../support/files/tree.ts";

/** A fixed moment: equal inputs give equal bundles, and so equal folders after equal faults. */
const SEALED_AT = "1764032523";

/** A folder with `home` and `project` in it. */
export class WriteCell {
  readonly folder: string;
  readonly project: string;
  /** The folder of the user's keys and trust file. */
  readonly config: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #template: string;

  /** `parent` is a folder of this cell's own. */
  constructor(parent: string) {
    this.folder = join(parent, "cell");
    this.#template = join(parent, "template");
    this.project = join(this.folder, "project");
    this.config = join(this.folder, "home/.config/runseal");
    this.env = {
      PATH: process.env["PATH"] ?? "",
      HOME: join(this.folder, "home"),
      SOURCE_DATE_EPOCH: SEALED_AT,
    };
    mkdirSync(join(this.folder, "home"), { recursive: true });
    mkdirSync(this.project);
  }

  /** Ends the preparation: what is there now is the beginning. */
  keep(): void {
    renameSync(this.folder, this.#template);
  }

  /** Puts the cell back to its beginning. */
  reset(): void {
    removeTree(this.folder);
    const { status, stderr } = spawnSync("cp", ["-a", this.#template, this.folder], { encoding: "utf8" });
    if (status !== 0) throw new Error(`cp: ${stderr}`);
  }

  /** An address in the cell. */
  at(...path: readonly string[]): string {
    return join(this.folder, ...path);
  }

  /** Runs the built command in a process of its own, with nothing counted. */
  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliEnd> {
    return runProcess(process.execPath, [MAIN, ...args], {
      cwd: this.project,
      env: { ...this.env, ...env },
    });
  }

  /** Runs a command that must succeed. */
  async done(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    const { exitCode, stderr } = await this.run(args, env);
    if (exitCode !== 0) throw new Error(`runseal ${args.join(" ")}: exit ${exitCode}\n${stderr}`);
  }

  /**
   * Runs a command with `--json` in this process, which costs a tenth of a process of its own. For judging only:
   * the command under test is always a process. Relative paths are not resolved.
   */
  async look(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Facts> {
    let printed = "";
    const write = (text: string): void => {
      printed += text;
    };
    // The facts of `run` are on stderr, in front of what follows `--`.
    const [flags, rest] = args.includes("--")
      ? [args.slice(0, args.indexOf("--")), args.slice(args.indexOf("--"))]
      : [args, []];
    const surroundings = quietIo({
      writeOut: write,
      writeBytes: async () => undefined,
      readIn: () => Readable.from([]),
      writeError: write,
      cwd: this.project,
      environment: { ...this.env, ...env },
      now: () => Number(SEALED_AT),
      signal,
    });
    await run([...flags, "--json", ...rest], surroundings);
    return JSON.parse(printed.trimEnd().split("\n").at(-1) ?? "") as Facts;
  }
}

/** What a command says, from its JSON: its code, with its reason where the code stands for several cases. */
export function saidCase({ code, details }: Facts): string {
  return caseOf({
    code: String(code),
    details: typeof details === "object" && details !== null ? details : {},
  });
}
