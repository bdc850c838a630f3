/**
 * The command without a process of its own: its `run` is called here, with surroundings made for it. A process takes some
 * 0.2 seconds of a core to start, and the tests call thousands of commands.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { run } from "../../src/cli/run.ts";
import type { CliEnd, CliSetting } from "./cli.ts";

/**
 * Whether to do so: `npm test` asks for it (RUNSEAL_CLI=inside), and the command must behave the same without a process of
 * its own. `runseal run` hands its streams to a child.
 */
export function runsInProcess(args: readonly string[], setting: CliSetting): boolean {
  const { env, kill, uid, under } = setting;
  if (process.env["RUNSEAL_CLI"] !== "inside" || setting.process === true) return false;
  if (kill !== undefined || uid !== undefined || under !== undefined) return false;
  if (Object.keys(env).some((name) => name.startsWith("NODE_"))) return false;
  // A debug log shows stack traces, and in these the frames of the caller.
  if (args.includes("--debug") || env["RUNSEAL_LOG"] !== undefined) return false;
  // It asks on the terminal, and here that would be the caller's.
  if (args[0] === "sign" && !args.includes("--yes")) return false;
  return !args.includes("run");
}

let last: Promise<unknown> = Promise.resolve();

/** Runs the command as a process without a terminal would. One at a time: a process has one current folder. */
export function runInProcess(args: readonly string[], setting: CliSetting): Promise<CliEnd> {
  const next = last.then(() => runIn(setting.cwd, () => runWithIo(args, setting)));
  last = next.catch(() => undefined);
  return next;
}

async function runIn<Value>(folder: string, act: () => Promise<Value>): Promise<Value> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await act();
  } finally {
    process.chdir(before);
  }
}

async function runWithIo(args: readonly string[], { cwd, env, input }: CliSetting): Promise<CliEnd> {
  let stdout = "";
  let stderr = "";
  const started = performance.now();
  const exitCode = await run(args, {
    writeOut: (text) => {
      stdout += text;
    },
    writeBytes: async (bytes) => {
      stdout += Buffer.from(bytes).toString();
    },
    readIn: () => Readable.from(input === undefined ? [] : [input]),
    writeError: (text) => {
      stderr += text;
    },
    colour: false,
    errorColour: false,
    isOutTerminal: false,
    isUnread: () => false,
    cwd,
    environment: env,
    statusLine: undefined,
    now: () => Math.floor(Date.now() / 1000),
    ticks: () => performance.now() - started,
    every: (milliseconds, act) => {
      const timer = setInterval(act, milliseconds).unref();
      return () => clearInterval(timer);
    },
    random: (length) => randomBytes(length),
    signal: new AbortController().signal,
    tapSignals: () => () => undefined,
  });
  return { exitCode, stdout, stderr };
}
