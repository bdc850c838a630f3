/**
 * The built command at a real terminal, by way of Python's pty: Node can't make one.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { type CliEnd, type CliSetting, MAIN } from "./cli.ts";

const SCRIPT: string = fileURLToPath(new URL("./pty.py", import.meta.url));

/** What happens once a text stands on the terminal. */
export type Step =
  | { readonly expect: string; readonly type: string }
  | { readonly expect: string; readonly signal: "SIGINT" | "SIGTERM" }
  | { readonly expect: string; readonly hangup: true };

/** How a command at a terminal ended. */
export interface TerminalEnd extends CliEnd {
  /** All that stood on the terminal. */
  readonly terminal: string;
  /** Steps that were never reached. */
  readonly unasked: number;
}

/** Where to run, and what is allowed there. */
export interface TerminalSetting extends Pick<CliSetting, "cwd" | "env"> {
  /** A file for descriptor 7. */
  readonly input?: string;
  /** How wide the terminal is, of which stderr is then a part too: `terminal` holds it, `stderr` nothing. */
  readonly columns?: number;
  /** Whether stdout is the terminal too; then `stdout` holds nothing. */
  readonly screen?: true;
  /** What node runs in place of the command. */
  readonly program?: string;
  /** Nothing secret is typed: the echo may be on. */
  readonly mayEcho?: true;
}

/** Whether this machine has what it takes. */
export const HAS_PTY: boolean = spawnSync("python3", ["-c", "import fcntl, termios"]).status === 0;

/**
 * Runs the program at a terminal. Fails the test where it hangs, asks with the echo on, or leaves the
 * terminal otherwise than it found it.
 */
export async function runAtTerminal(
  args: readonly string[],
  steps: readonly Step[],
  { columns, cwd, env, input, mayEcho, program = MAIN, screen }: TerminalSetting,
): Promise<TerminalEnd> {
  const order = { argv: [process.execPath, program, ...args], cwd, env, steps, input, columns, screen };
  const child = spawn("python3", [SCRIPT], { cwd, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(order));
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await new Promise((resolve) => child.once("close", resolve));
  const end = JSON.parse(text) as TerminalEnd & Readonly<Record<string, unknown>>;
  const shown = `runseal ${args.join(" ")}\n${text}`;
  expect(end["hung"], shown).toBe(false);
  if (mayEcho !== true) expect(end["echoedWhileAsked"], shown).not.toContain(true);
  expect(end["echoesAsBefore"], shown).toBe(true);
  return end;
}
